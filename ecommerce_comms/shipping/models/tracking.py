"""Scan and Tracking: what carriers say about parcels."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.lean import LeanModel
from ecommerce_comms.orders.models import Parcel


class TrackingStatus(models.TextChoices):
    """What carriers' own words are brought to: the superset of what trackers and shop platforms know."""

    PRE_TRANSIT = "pre_transit", _("label made, not handed over yet")
    PICKED_UP = "picked_up", _("taken over by the carrier")
    IN_TRANSIT = "in_transit", _("on its way")
    CUSTOMS = "customs", _("at customs")
    ON_HOLD = "on_hold", _("held")
    DELAYED = "delayed", _("delayed")
    ARRIVING = "arriving", _("near its destination")
    OUT_FOR_DELIVERY = "out_for_delivery", _("out for delivery")
    ATTEMPTED = "attempted", _("could not be handed over")
    ACTION_REQUIRED = "action_required", _("somebody has to act")
    READY_FOR_PICKUP = "ready_for_pickup", _("ready for pick-up")
    DELIVERED = "delivered", _("delivered")
    RETURNING = "returning", _("on its way back")
    RETURNED = "returned", _("back at the sender")
    LOST = "lost", _("lost")
    DAMAGED = "damaged", _("damaged")
    FAILED = "failed", _("failed for good")
    CANCELLED = "cancelled", _("label cancelled")
    EXPIRED = "expired", _("no news any more")
    UNKNOWN = "unknown", _("unknown")


class Scan(LeanModel):
    """One thing that a carrier saw. Rows are added and never changed, but for the marks of their processing."""

    class State(models.TextChoices):
        WAITING = "waiting", _("belongs to no known parcel yet")
        APPLIED = "applied", _("applied")
        IGNORED = "ignored", _("of no use")

    key = models.CharField(max_length=190, unique=True, editable=False)
    """A scan is taken once, whoever tells it."""
    source = models.CharField(_("told by"), max_length=40)
    """Name of the account in ``CARRIER_WEBHOOKS`` or of the poller in ``CARRIER_POLLERS``, ``csv`` or ``merchant``."""
    told_from = models.CharField(_("told from"), max_length=45, blank=True)
    """The IP address from which a webhook was called."""
    site = models.CharField(_("shop"), max_length=100, blank=True)
    """Of whose orders alone it may speak, as ``Order.site``; empty: of all."""
    carrier = models.CharField(_("carrier"), max_length=100, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=190, db_index=True)
    parcel = models.ForeignKey(Parcel, null=True, blank=True, on_delete=models.CASCADE, related_name="scans", verbose_name=_("parcel"))
    status = models.CharField(_("status"), max_length=20, choices=TrackingStatus, default=TrackingStatus.UNKNOWN)
    raw_status = models.CharField(_("in the carrier's word"), max_length=100, blank=True)
    text = models.CharField(_("text"), max_length=300, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    occurred_at = models.DateTimeField(_("seen"))
    received_at = models.DateTimeField(_("told"), default=clock.now)
    time_is_sure = models.BooleanField(_("time is sure"), default=True)
    """False where the carrier gave no time zone, a time yet to come, or none that can be read; then ``occurred_at`` is the best guess."""
    estimate_earliest = models.DateField(_("carrier expects it from"), null=True, blank=True)
    estimate_latest = models.DateField(_("… until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)

    class Meta:
        verbose_name = _("carrier scan")
        verbose_name_plural = _("carrier scans")
        indexes: ClassVar = [models.Index(fields=["state", "received_at"], name="comms_scan_waiting")]

    def __str__(self) -> str:
        return f"{self.tracking_number} {self.status}"


class Tracking(LeanModel):
    """What the carrier says of a parcel now: one row a parcel, beside what the merchant says, and never in its place."""

    parcel = models.OneToOneField(Parcel, on_delete=models.CASCADE, related_name="tracking", verbose_name=_("parcel"))
    status = models.CharField(_("carrier says"), max_length=20, choices=TrackingStatus, default=TrackingStatus.UNKNOWN)
    status_at = models.DateTimeField(_("since"))
    """When the newest scan of this status happened."""
    scanned_at = models.DateTimeField(_("last movement"))
    """When the newest scan of any status happened."""
    place = models.CharField(_("place"), max_length=200, blank=True)
    estimate_earliest = models.DateField(_("carrier expects it from"), null=True, blank=True)
    estimate_latest = models.DateField(_("… until"), null=True, blank=True)
    estimated_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When the carrier said so."""

    class Meta:
        verbose_name = _("tracking")
        verbose_name_plural = _("tracking")
        indexes: ClassVar = [models.Index(fields=["status", "scanned_at"], name="comms_tracking_stalled")]

    def __str__(self) -> str:
        return f"{self.parcel_id} {self.status}"


class PollTurn(models.Model):
    """How far one poller has come on its rounds through the open parcels, and when it may ask again."""

    name = models.CharField(_("poller"), max_length=40, unique=True)
    """As in ``CARRIER_POLLERS``."""
    next_at = models.DateTimeField(_("asks again"), default=clock.now)
    round_began_at = models.DateTimeField(_("round began"), default=clock.now)
    after = models.PositiveBigIntegerField(default=0, editable=False)
    """The key of the parcel asked about last in this round; 0 at its beginning."""
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("question to a carrier")
        verbose_name_plural = _("questions to carriers")

    def __str__(self) -> str:
        return self.name
