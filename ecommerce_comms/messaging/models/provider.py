"""Provider, ProviderEvent and Pause."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.lean import LeanModel
from ecommerce_comms.messaging.models.message import Message


class Provider(LeanModel):
    """What all workers know together of a provider: whether it works, and how much may still be sent through it."""

    name = models.CharField(_("provider"), max_length=50, unique=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    opened_at = models.DateTimeField(_("avoided since"), null=True, blank=True)
    """Set while the circuit breaker is open."""
    retry_at = models.DateTimeField(_("tried again at"), null=True, blank=True)
    """From then on one worker may try whether it works again."""
    last_error = models.TextField(_("last error"), blank=True)
    tokens = models.FloatField(default=0.0, editable=False)
    tokens_at = models.DateTimeField(null=True, editable=False)
    """The token bucket of its rate limit: how many sends were left at that moment."""

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")

    def __str__(self) -> str:
        return self.name


class ProviderEvent(LeanModel):
    """What a provider told us about a message, once; kept also when it comes before the message is known to be sent."""

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        DELIVERED = "delivered", _("delivered")
        DEFERRED = "deferred", _("deferred")
        BOUNCED = "bounced", _("came back")
        COMPLAINED = "complained", _("marked as spam")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        REJECTED = "rejected", _("rejected")
        OTHER = "other", _("other")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for its message")
        APPLIED = "applied", _("taken over")
        IGNORED = "ignored", _("without effect")

    key = models.CharField(max_length=190, unique=True, editable=False)
    """``keys.make(provider, event id)``: the same event is taken once."""
    provider = models.CharField(_("provider"), max_length=50)
    kind = models.CharField(_("what happened"), max_length=15, choices=Kind)
    is_hard = models.BooleanField(_("for good"), default=False)
    """For a bounce: the address does not exist, so nothing is sent to it any more."""
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="provider_events", verbose_name=_("message")
    )
    message_uid = models.UUIDField(null=True, editable=False)
    """From the metadata that we send along."""
    provider_message_id = models.CharField(max_length=190, blank=True, db_index=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    occurred_at = models.DateTimeField(_("happened"))
    received_at = models.DateTimeField(_("told"), default=clock.now)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    """The provider's words, with addresses masked."""

    class Meta:
        verbose_name = _("provider's notice")
        verbose_name_plural = _("providers' notices")
        indexes: ClassVar = [models.Index(fields=["state", "received_at"], name="comms_notice_waiting")]

    def __str__(self) -> str:
        return f"{self.provider}: {self.get_kind_display()}"


class Pause(models.Model):
    """A lane that sends nothing for now, and why. Only the lane of offers is ever paused by itself."""

    lane = models.CharField(_("lane"), max_length=10, choices=Message.Lane, unique=True)
    since = models.DateTimeField(_("since"), default=clock.now)
    reason = models.CharField(_("why"), max_length=255)
    figures = models.JSONField(default=dict, blank=True)
    """The rates that led to it."""

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")

    def __str__(self) -> str:
        return f"{self.get_lane_display()}: {self.reason}"
