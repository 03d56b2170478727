"""Score: what became of what was told about a delivery."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.lean import LeanModel
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping.models import Lateness, Promise


class Score(LeanModel):
    """One delivery held against the first and the last date that was told about it.

    A delivery is a parcel; where an order, or the rest of it, has not left yet, it is the whole order. A narrow row of what stands in
    orders, parcels, promises and messages: those cannot be counted by place or service, which are JSON there. It is written once a
    promised day has passed or something has arrived, again whenever that changes, and can be made anew from the rest at any time.
    Days are those at the destination.
    """

    class Telling(models.TextChoices):
        NONE = "", _("in time, and no delay told")
        AHEAD = "ahead", _("late, told at least a day ahead")
        SAME_DAY = "same_day", _("late, told on the day itself")
        AFTER = "after", _("late, told when the day had passed")
        UNTOLD = "untold", _("late, never told")
        NEEDLESS = "needless", _("told late, yet in time")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="scores", verbose_name=_("order"), db_index=False)
    parcel = models.ForeignKey(Parcel, null=True, blank=True, on_delete=models.CASCADE, related_name="scores", verbose_name=_("parcel"))
    slot = models.BigIntegerField(default=0, editable=False)
    """The parcel's key, or 0: unlike an empty parcel it can be unique."""
    carrier = models.CharField(_("carrier"), max_length=100, blank=True)
    service = models.CharField(_("shipping option"), max_length=100, blank=True)
    origin = models.CharField(_("warehouse"), max_length=100, blank=True)
    """Code of the warehouse, or key of the seller; empty: the shop's usual warehouse."""
    country = models.CharField(_("to country"), max_length=2, blank=True)
    region = models.CharField(_("to region"), max_length=60, blank=True)

    first_due = models.DateField(_("first promise: until"))
    first_days = models.PositiveSmallIntegerField(_("first promise: days in its window"))
    """Both ends included, as are those of ``last_days``."""
    first_lead = models.SmallIntegerField(_("first promise: days ahead"))
    """From the day it was told to its last day."""
    first_kept = models.BooleanField(_("first promise kept"))
    first_late = models.SmallIntegerField(_("first promise: days late"), null=True, blank=True)
    """Below 0: early. ``None`` while it has not arrived."""
    first_confidence = models.FloatField(_("first promise: confidence"), null=True, blank=True)
    first_source = models.CharField(_("first promise: source"), max_length=10, choices=Promise.Source)
    last_due = models.DateField(_("last promise: until"))
    last_days = models.PositiveSmallIntegerField(_("last promise: days in its window"))
    last_lead = models.SmallIntegerField(_("last promise: days ahead"))
    last_kept = models.BooleanField(_("last promise kept"), null=True, blank=True)
    """``None`` while its day is still to come."""
    last_late = models.SmallIntegerField(_("last promise: days late"), null=True, blank=True)
    last_confidence = models.FloatField(_("last promise: confidence"), null=True, blank=True)
    last_source = models.CharField(_("last promise: source"), max_length=10, choices=Promise.Source)

    arrived_on = models.DateField(_("arrived"), null=True, blank=True, db_index=True)
    revisions = models.PositiveSmallIntegerField(_("told anew"), default=0)
    notices = models.PositiveSmallIntegerField(_("delay notices"), default=0)
    told_on = models.DateField(_("delay told"), null=True, blank=True)
    """When the first delay notice went out."""
    told_stage = models.CharField(_("because"), max_length=20, blank=True, choices=Lateness.Stage)
    """What had been found when it went out; empty: the shop said so itself."""
    telling = models.CharField(_("how the delay was told"), max_length=10, blank=True, choices=Telling)
    """The first notice, or its absence, held against the first promise."""
    new_kept = models.BooleanField(_("new date held"), null=True, blank=True)
    """Whether it arrived by the first date that was later than the first one; ``None`` without such a date, or while that is open."""
    scored_at = models.DateTimeField(_("scored"), default=clock.now)

    class Meta:
        verbose_name = _("delivery and its promises")
        verbose_name_plural = _("deliveries and their promises")
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "slot"], name="comms_score_once")]
        indexes: ClassVar = [
            models.Index(fields=["first_due"], name="comms_score_first"), models.Index(fields=["last_due"], name="comms_score_last"),
        ]

    def __str__(self) -> str:
        return str(self.parcel or self.order)


class TallyMonth(models.Model):
    """How fresh the tallies of a month are."""

    judged = models.CharField(max_length=5)
    month = models.DateField()
    """Its first day."""
    is_stale = models.BooleanField(default=True)
    """Whether scores changed since the tallies were made."""
    made_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0)
    """How long that took: what takes long is done less often."""

    class Meta:
        verbose_name = _("month of tallies")
        verbose_name_plural = _("months of tallies")
        constraints: ClassVar = [models.UniqueConstraint(fields=["judged", "month"], name="comms_tally_month_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.judged}"


class Tally(LeanModel):
    """Scores of a month added up, so that a page over a million deliveries reads some thousand rows."""

    class Kind(models.TextChoices):
        WAY = "way", _("carrier, service and country")
        LANE = "lane", _("warehouse and region as well")
        LATE = "late", _("days late")
        CONFIDENCE = "sure", _("percent of confidence")

    kind = models.CharField(max_length=4, choices=Kind)
    """What else but ``carrier, service, country`` the rows of a month are told apart by."""
    judged = models.CharField(max_length=5)
    """The promise that counts: ``first`` or ``last``."""
    month = models.DateField()
    """First day of the month in which the promise was due."""
    carrier = models.CharField(max_length=100, blank=True)
    service = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, blank=True)
    source = models.CharField(max_length=10, blank=True)
    """Of ``WAY`` only, as is ``stage``."""
    stage = models.CharField(max_length=20, blank=True)
    origin = models.CharField(max_length=100, blank=True)
    """Of ``LANE`` only, as is ``region``."""
    region = models.CharField(max_length=60, blank=True)
    value = models.SmallIntegerField(default=0)
    """Days late, or whole percent of confidence."""

    number = models.PositiveIntegerField(default=0)
    """Deliveries; the sums below are sums over them."""
    hits = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    window = models.IntegerField(default=0)
    lead = models.IntegerField(default=0)
    later = models.PositiveIntegerField(default=0)
    later_days = models.PositiveIntegerField(default=0)
    earlier = models.PositiveIntegerField(default=0)
    earlier_days = models.PositiveIntegerField(default=0)
    confidence = models.FloatField(default=0)
    late = models.PositiveIntegerField(default=0)
    ahead = models.PositiveIntegerField(default=0)
    same_day = models.PositiveIntegerField(default=0)
    after = models.PositiveIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    notices = models.PositiveIntegerField(default=0)
    needless = models.PositiveIntegerField(default=0)
    renewed = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("tally of deliveries")
        verbose_name_plural = _("tallies of deliveries")
        indexes: ClassVar = [models.Index(fields=["judged", "kind", "month"], name="comms_tally_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.kind} {self.number}"
