"""Customer, Consent and Suppression."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.customers import calling
from ecommerce_comms.lean import LeanModel


class Customer(LeanModel):
    """One person who orders, with an account at the shop or as a guest."""

    key = models.CharField(max_length=190, unique=True, editable=False)
    """``account:<shop's key>`` or ``guest:<normalised e-mail>``, through ``keys.make``."""
    reference = models.CharField(_("account at the shop"), max_length=190, blank=True)
    email = models.CharField(_("e-mail"), max_length=320, blank=True, db_index=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    channels = models.JSONField(_("channels"), default=dict, blank=True)
    """Names of channels in the order preferred, for each topic about which the customer was asked: ``{"orders": ["sms", "email"]}``.

    A topic that is not there was never asked about; an empty list is a "no" to it.
    """
    chosen = models.JSONField(default=dict, blank=True, editable=False)
    """When, where and by whom each topic of ``channels`` was chosen: ``{"orders": {"at": ISO 8601, "where": "checkout", "by": ""}}``."""
    call_times = models.CharField(_("best time for a call"), max_length=100, blank=True, validators=[calling.check])
    """By the customer's own clock, such as ``09:00-12:00, 18:00-20:00``; empty if never asked."""
    created_at = models.DateTimeField(_("known since"), default=clock.now, editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    """When the person asked to be forgotten; the row stays without a name, so that orders keep their numbers."""

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email or self.key


class Consent(models.Model):
    """A yes or a no to messages of a topic, with its proof. Rows are added and never changed; the newest one counts."""

    class Topic(models.TextChoices):
        SERVICE = "service", _("service")
        MARKETING = "marketing", _("advertising")
        TRACKING = "tracking", _("news for others")

    address_hash = models.CharField(max_length=64, db_index=True, editable=False)
    """``address_hash(address)``: the proof outlives the address."""
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="consents", verbose_name=_("customer")
    )
    channel = models.CharField(_("channel"), max_length=20, default="email")
    topic = models.CharField(_("topic"), max_length=10, choices=Topic)
    granted = models.BooleanField(_("agreed"))
    at = models.DateTimeField(_("when"))
    where = models.CharField(_("where"), max_length=100)
    """Checkout, preference page, unsubscribe link, import …"""
    words = models.TextField(_("which words"), blank=True)
    """What the person read and agreed to."""
    language = models.CharField(_("language"), max_length=35, blank=True)
    by = models.CharField(_("told by"), max_length=100, blank=True)
    """Empty for the person themself; else who entered it."""
    evidence = models.JSONField(default=dict, blank=True, editable=False)
    """What else proves it, as plain data."""
    recorded_at = models.DateTimeField(_("recorded"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes: ClassVar = [models.Index(fields=["address_hash", "channel", "topic", "at"], name="comms_consent_newest")]

    def __str__(self) -> str:
        return f"{self.get_topic_display()}: {'+' if self.granted else '-'}"


class Suppression(models.Model):
    """An address to which nothing of a scope is sent, kept by its hash, so that it outlives the address itself."""

    class Scope(models.TextChoices):
        ALL = "all", _("everything")
        MARKETING = "marketing", _("advertising")

    class Reason(models.TextChoices):
        BOUNCED = "bounced", _("mail came back for good")
        COMPLAINED = "complained", _("marked as spam")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        MERCHANT = "merchant", _("entered by the shop")

    key = models.CharField(max_length=190, unique=True, editable=False)
    """``keys.make(channel, address_hash, scope)``."""
    channel = models.CharField(_("channel"), max_length=20, default="email")
    address_hash = models.CharField(max_length=64, db_index=True, editable=False)
    shown = models.CharField(_("address"), max_length=100, blank=True)
    """The address, masked."""
    scope = models.CharField(_("what is not sent"), max_length=10, choices=Scope)
    reason = models.CharField(_("why"), max_length=15, choices=Reason)
    since = models.DateTimeField(_("since"), default=clock.now)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    message_uid = models.UUIDField(null=True, blank=True, editable=False)
    """The message that set it off."""
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    """When a merchant allowed the address again; the row stays as the trail."""
    lifted_by = models.CharField(_("lifted by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")

    def __str__(self) -> str:
        return f"{self.shown or self.address_hash[:12]}: {self.get_scope_display()}"
