"""Order, Parcel, OrderEvent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.lean import LeanModel
from ecommerce_comms.orders.kinds import in_words
from ecommerce_comms.signals import EVENT_SIGNALS
from ecommerce_comms.snapshots import OrderSnapshot, ParcelSnapshot

KIND_CHOICES = [(kind, in_words(kind)) for kind in EVENT_SIGNALS]


class Order(LeanModel):
    """What the app knows of one of the shop's orders: frozen settings, the newest snapshot, the state told by the events."""

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        PAID = "paid", _("paid")
        PROCESSED = "processed", _("being prepared")
        PARTLY_SHIPPED = "partly_shipped", _("partly shipped")
        SHIPPED = "shipped", _("shipped")
        PARTLY_DELIVERED = "partly_delivered", _("partly delivered")
        DELIVERED = "delivered", _("delivered")
        CANCELLED = "cancelled", _("cancelled")

    key = models.CharField(max_length=190, unique=True, editable=False)
    """``keys.make(reference)``."""
    reference = models.CharField(_("the shop's key"), max_length=190)
    number = models.CharField(_("order number"), max_length=190, blank=True, db_index=True)
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="orders", verbose_name=_("customer")
    )
    site = models.CharField(_("shop"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=35)
    """Frozen when the order is first seen, as are site, time zone and currency."""
    time_zone = models.CharField(_("time zone"), max_length=64)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    snapshot = models.JSONField(default=dict, editable=False)
    """The newest ``OrderSnapshot`` as JSON."""
    snapshot_at = models.DateTimeField(null=True, editable=False)

    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.PLACED)
    placed_at = models.DateTimeField(_("placed"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    processed_at = models.DateTimeField(_("being prepared since"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    refunded_at = models.DateTimeField(_("refunded"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    """When the *last* parcel arrived; empty while anything is outstanding."""
    return_requested_at = models.DateTimeField(_("return asked for"), null=True, blank=True)
    return_received_at = models.DateTimeField(_("return received"), null=True, blank=True)
    delayed_at = models.DateTimeField(_("late since"), null=True, blank=True)
    """Set while a delay is known and neither cleared nor ended by the arrival."""
    disputed = models.BooleanField(_("disputed"), default=False)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes: ClassVar = [models.Index(fields=["-placed_at"], name="comms_order_placed")]

    def __str__(self) -> str:
        return self.number or self.reference

    @cached_property
    def as_snapshot(self) -> OrderSnapshot:
        """The newest snapshot."""
        return OrderSnapshot.from_json(self.snapshot or {"reference": self.reference})

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__.pop("as_snapshot", None)
        super().refresh_from_db(*args, **kwargs)


class Parcel(LeanModel):
    """One parcel of an order, with the state told by the events."""

    class Status(models.TextChoices):
        EXPECTED = "expected", _("not shipped yet")
        SHIPPED = "shipped", _("on its way")
        OUT_FOR_DELIVERY = "out_for_delivery", _("arrives today")
        READY_FOR_PICKUP = "ready_for_pickup", _("ready for pick-up")
        FAILED = "failed", _("could not be handed over")
        DELIVERED = "delivered", _("delivered")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="parcels", verbose_name=_("order"))
    key = models.CharField(max_length=190, unique=True, editable=False)
    """``keys.make(order reference, parcel reference)``."""
    reference = models.CharField(_("the shop's key"), max_length=190)
    carrier = models.CharField(_("carrier"), max_length=100, blank=True)
    service = models.CharField(_("service"), max_length=100, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=190, blank=True, db_index=True)
    snapshot = models.JSONField(default=dict, editable=False)
    """The newest ``ParcelSnapshot`` as JSON."""
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.EXPECTED)
    shipped_at = models.DateTimeField(_("shipped"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    delayed_at = models.DateTimeField(_("late since"), null=True, blank=True)

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")

    def __str__(self) -> str:
        return self.tracking_number or f"{self.order_id}/{self.reference}"

    @property
    def as_snapshot(self) -> ParcelSnapshot:
        """The newest snapshot."""
        return ParcelSnapshot.from_json({"reference": self.reference, **self.snapshot})


class OrderEvent(LeanModel):
    """A fact about an order. Rows are added and never changed, but for the marks of their processing."""

    class State(models.TextChoices):
        NEW = "new", _("waiting")
        PROCESSED = "processed", _("processed")
        FAILED = "failed", _("given up")

    event_key = models.CharField(max_length=190, unique=True)
    """A fact is taken once: the shop's own key, or one made from kind, order and parcel."""
    kind = models.CharField(_("what happened"), max_length=40, choices=KIND_CHOICES)
    order_reference = models.CharField(_("the shop's key of the order"), max_length=190)
    order_key = models.CharField(max_length=190, db_index=True, editable=False)
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.CASCADE, related_name="events", verbose_name=_("order"))
    """Linked when the event is processed."""
    occurred_at = models.DateTimeField(_("happened"))
    recorded_at = models.DateTimeField(_("recorded"), default=clock.now)
    source = models.CharField(_("told by"), max_length=20, default="shop")
    notify_customer = models.BooleanField(_("tell the customer"), default=True)
    snapshot = models.JSONField(null=True, editable=False)
    """The order at that moment, as JSON; ``None`` while it could not be read."""
    parcel = models.JSONField(null=True, editable=False)
    """The parcel that it is about, as JSON."""
    data = models.JSONField(default=dict, blank=True)
    language = models.CharField(max_length=35, blank=True, editable=False)
    """Language that was active where an order was placed: the last resort of the order's language."""
    state = models.CharField(_("processing"), max_length=10, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    """Counted before each attempt, so that an event that kills its worker is given up some day."""
    next_try_at = models.DateTimeField(_("next attempt"), default=clock.now)
    """From then on a worker may take it; whoever takes it moves this on, so that it is both a lease and a pause."""
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes: ClassVar = [models.Index(fields=["state", "next_try_at"], name="comms_event_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} {self.order_reference}"

    @property
    def age_when_recorded(self) -> float:
        """Seconds between the fact and its recording."""
        recorded: datetime = self.recorded_at
        return (recorded - self.occurred_at).total_seconds()
