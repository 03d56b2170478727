"""Watch, Outlook and DelayRound: what is waited for, and what the delay detector remembers of it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.lean import LeanModel
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping.models.promise import Promise

LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Watch(LeanModel):
    """An order, or a parcel, that is waited for. Gone once it arrives or is cancelled.

    A narrow row with all that its judging needs, so that a million are judged without reading an order. A function of the order's
    events, promises and set-up, but for the marks of the detector (``look_at, chance, stages``).
    """

    key = models.CharField(max_length=60, unique=True, editable=False)
    """``keys.make`` of the keys of order and parcel."""
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="watches")
    parcel = models.ForeignKey(Parcel, null=True, on_delete=models.CASCADE, related_name="watches")
    """``None``: what of the order has not left yet."""
    promise = models.ForeignKey(Promise, null=True, on_delete=models.SET_NULL, related_name="watches")
    """What lateness is measured by: the promise in force, or the one that was in force before a delay was told."""
    due_on = models.DateField(null=True)
    """Its last day, at the destination."""
    lane = models.CharField(max_length=255, blank=True)
    """Where from, where to, by what: ``lanes.lane_of``."""
    carrier = models.CharField(max_length=100, blank=True)
    """Lower case, as is ``place``."""
    place = models.CharField(max_length=40, blank=True)
    """Country and region of the destination, such as ``br/ba``."""
    zone = models.CharField(max_length=64)
    ordered_at = models.DateTimeField(default=LONG_AGO)
    since = models.DateTimeField(default=LONG_AGO)
    """When the clock of handling began: ordered, or paid."""
    shipped_at = models.DateTimeField(null=True)
    is_last_mile = models.BooleanField(default=False)
    """Out for delivery or ready for pick-up: nothing more is told."""
    told = models.PositiveSmallIntegerField(default=0)
    """How many delays were told."""
    is_told = models.BooleanField(default=False)
    """Whether a delay that the detector told still stands."""
    situation = models.BigIntegerField(null=True)
    """Equal for those that have equal chances; ``None`` where there is nothing to compute."""
    look_at = models.DateTimeField(null=True, db_index=True)
    """When it is to be judged again, whatever happens."""
    chance = models.FloatField(default=0.0)
    """Of arriving after ``due_on``, rounded down to a twentieth; 0 for less than three in ten, and where nobody knows."""
    stages = models.CharField(max_length=5, blank=True)
    """What is wrong with it now: the letters of ``stages.LETTERS``."""

    class Meta:
        verbose_name = _("open delivery")
        verbose_name_plural = _("open deliveries")
        indexes: ClassVar = [
            models.Index(fields=["situation", "chance", "id"], name="comms_watch_situation"),
            models.Index(fields=["carrier", "place"], name="comms_watch_carrier"),
        ]

    def __str__(self) -> str:
        return self.key


class Outlook(LeanModel):
    """The chance of breaking a promise, as it was known on a day: a row where it changed by a twentieth, and only from three in ten on.

    From these rows a merchant sees what another policy would have told.
    """

    promise = models.ForeignKey(Promise, on_delete=models.CASCADE, related_name="outlooks")
    day = models.DateField(db_index=True)
    """At the destination."""
    chance = models.FloatField()

    class Meta:
        verbose_name = _("chance of being late")
        verbose_name_plural = _("chances of being late")
        constraints: ClassVar = [models.UniqueConstraint(fields=["promise", "day"], name="comms_outlook_once")]

    def __str__(self) -> str:
        return f"{self.promise_id} {self.day} {self.chance:.2f}"


class DelayRound(LeanModel):
    """How far a round over everything that is waited for has come: one row, so that a round is made once and goes on after a crash."""

    name = models.CharField(max_length=20, unique=True)
    started_at = models.DateTimeField(default=LONG_AGO)
    cursor = models.BigIntegerField(null=True)
    """The situation that was looked at last; ``None`` before the first, and when the round is over."""
    is_over = models.BooleanField(default=True)
    leased_until = models.DateTimeField(default=LONG_AGO)
    adopted = models.BigIntegerField(default=0)
    """Promises up to this key are known to be watched where they have to be."""
    known = models.JSONField(default=list)
    """Names of the carriers that send scans, in lower case."""

    class Meta:
        verbose_name = _("round of the delay detector")
        verbose_name_plural = _("rounds of the delay detector")

    def __str__(self) -> str:
        return self.name
