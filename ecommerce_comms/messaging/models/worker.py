"""Worker."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.lean import LeanModel


class Worker(LeanModel):
    """A thread that sends messages, sweeps or plans: what it is at, and when it was last seen."""

    class Kind(models.TextChoices):
        SENDER = "sender", _("sends messages")
        SWEEPER = "sweeper", _("sweeps")
        BEAT = "beat", _("beat")

    name = models.CharField(_("name"), max_length=190, unique=True)
    """Host, process and thread."""
    kind = models.CharField(_("what it does"), max_length=10, choices=Kind)
    host = models.CharField(_("host"), max_length=100)
    pid = models.PositiveIntegerField(_("process"), default=0)
    started_at = models.DateTimeField(_("started"), default=clock.now)
    seen_at = models.DateTimeField(_("last seen"), default=clock.now)
    token = models.CharField(max_length=32, blank=True, db_index=True, editable=False)
    """The claim that it works at: ``Message.lease_token``. Whoever empties it takes the claim away."""
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    """When the claim ends, unless the worker says something before."""
    position = models.BigIntegerField(default=0, editable=False)
    """Key of the message that it is sending. Those of its claim with smaller keys were accepted, those with larger ones not begun."""
    sent = models.BigIntegerField(_("sent"), default=0)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.name
