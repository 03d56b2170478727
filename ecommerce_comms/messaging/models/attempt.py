"""Attempt."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.lean import LeanModel
from ecommerce_comms.messaging.models.message import Message


class Attempt(LeanModel):
    """A try to send a message that did not end with a plain yes; the try that did stands in the message itself.

    One that says ``AGAIN`` is no try: with it a new life of the message begins, and its answer names who wanted that. Nor is one that
    says ``OWN_TEXT``: the merchant's text failed, for the reason in its answer, and the built-in words were taken.
    Rows are added and never changed.
    """

    class Outcome(models.TextChoices):
        TRANSIENT = "transient", _("refused for now")
        PERMANENT = "permanent", _("refused for good")
        UNKNOWN = "unknown", _("nobody knows whether it was accepted")
        AGAIN = "again", _("put into the queue again")
        OWN_TEXT = "own_text", _("the shop's own text failed")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries", verbose_name=_("message"))
    number = models.PositiveSmallIntegerField(_("attempt"))
    provider = models.CharField(_("provider"), max_length=50, blank=True)
    ended_at = models.DateTimeField(_("when"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    code = models.PositiveSmallIntegerField(_("code"), null=True, blank=True)
    """The server's reply code (SMTP or HTTP), if it gave one."""
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes: ClassVar = [models.Index(fields=["ended_at"], name="comms_attempt_ended")]

    def __str__(self) -> str:
        return f"{self.number}: {self.get_outcome_display()}"
