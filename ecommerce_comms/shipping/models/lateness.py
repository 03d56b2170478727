"""Lateness: what the delay detector found out about an order or a parcel that is open."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.lean import LeanModel
from ecommerce_comms.orders.models import Order, Parcel


class Lateness(LeanModel):
    """One spell of one stage of delay: opened when it is found, closed when it ends, and never overwritten."""

    class Stage(models.TextChoices):
        NOT_SHIPPED = "not_shipped", _("not shipped in time")
        NO_SCAN = "no_scan", _("label made, but the carrier has not seen it")
        STALLED = "stalled", _("not moving")
        WILL_MISS = "will_miss", _("will miss its date")
        MISSED = "missed", _("has missed its date")

    key = models.CharField(max_length=190, unique=True, editable=False)
    """``keys.make`` of order, parcel, stage and the promise or moment that it is about."""
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="latenesses", verbose_name=_("order"))
    parcel = models.ForeignKey(
        Parcel, null=True, blank=True, on_delete=models.CASCADE, related_name="latenesses", verbose_name=_("parcel")
    )
    stage = models.CharField(_("what is wrong"), max_length=20, choices=Stage)
    found_at = models.DateTimeField(_("found"), default=clock.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    chance = models.FloatField(_("chance of being late"), null=True, blank=True)
    """0 to 1, when it was found; ``None`` where nobody can tell."""
    told_at = models.DateTimeField(_("customer told"), null=True, blank=True)

    class Meta:
        verbose_name = _("delay")
        verbose_name_plural = _("delays")
        indexes: ClassVar = [models.Index(fields=["ended_at", "stage"], name="comms_lateness_open")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.stage}"
