"""Lateness and Outage: what the delay detector found out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.lean import LeanModel
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping.models.promise import Promise


class Outage(LeanModel):
    """A time in which a carrier hardly moved what it had: named once, however many parcels it holds up."""

    carrier = models.CharField(_("carrier"), max_length=100)
    place = models.CharField(_("where"), max_length=40, blank=True)
    """Country and region of the destinations, such as ``br/ba``; empty: everywhere."""
    found_at = models.DateTimeField(_("found"), default=clock.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    parcels = models.PositiveIntegerField(_("parcels on their way"), default=0)
    expected = models.PositiveIntegerField(_("would usually have moved in a day"), default=0)
    moved = models.PositiveIntegerField(_("moved"), default=0)

    class Meta:
        verbose_name = _("carrier outage")
        verbose_name_plural = _("carrier outages")
        ordering: ClassVar = ["-found_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["ended_at", "carrier"], name="comms_outage_open")]

    def __str__(self) -> str:
        return f"{self.carrier} {self.place}".strip()


class CarrierDay(LeanModel):
    """How much of what a carrier had on its way to a place moved in a day: the measure of what is usual."""

    carrier = models.CharField(max_length=100)
    place = models.CharField(max_length=40, blank=True)
    """Empty: everywhere."""
    day = models.DateField()
    parcels = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("carrier's day")
        verbose_name_plural = _("carriers' days")
        constraints: ClassVar = [models.UniqueConstraint(fields=["day", "carrier", "place"], name="comms_carrier_day_once")]

    def __str__(self) -> str:
        return f"{self.carrier} {self.place} {self.day}"


class Lateness(LeanModel):
    """One spell of one stage of delay: opened when it is found, closed when it ends, and never overwritten."""

    class Stage(models.TextChoices):
        NOT_SHIPPED = "not_shipped", _("not shipped in time")
        NO_SCAN = "no_scan", _("label made, but the carrier has not seen it")
        STALLED = "stalled", _("not moving")
        WILL_MISS = "will_miss", _("will miss its date")
        MISSED = "missed", _("has missed its date")

    key = models.CharField(max_length=190, unique=True, editable=False)
    """``keys.make`` of order, parcel, stage and the promise or day that it is about."""
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="latenesses", verbose_name=_("order"))
    parcel = models.ForeignKey(
        Parcel, null=True, blank=True, on_delete=models.CASCADE, related_name="latenesses", verbose_name=_("parcel")
    )
    promise = models.ForeignKey(Promise, null=True, blank=True, on_delete=models.SET_NULL, related_name="latenesses")
    """What it is measured by, where something was promised."""
    stage = models.CharField(_("what is wrong"), max_length=20, choices=Stage)
    found_at = models.DateTimeField(_("found"), default=clock.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    chance = models.FloatField(_("chance of being late"), null=True, blank=True)
    """0 to 1, when it was found; ``None`` where nobody can tell."""
    told_at = models.DateTimeField(_("customer told"), null=True, blank=True)
    outage = models.ForeignKey(
        Outage, null=True, blank=True, on_delete=models.SET_NULL, related_name="latenesses", verbose_name=_("carrier outage")
    )
    """The outage in which it was found."""

    class Meta:
        verbose_name = _("delay")
        verbose_name_plural = _("delays")
        indexes: ClassVar = [models.Index(fields=["ended_at", "stage"], name="comms_lateness_open")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.stage}"
