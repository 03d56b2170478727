"""DelayPolicy and DeclaredDelay: what a merchant says about delays."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.lean import LeanModel

OWN = "own"
_PERCENT = [MinValueValidator(1), MaxValueValidator(100)]
_FROM_THIRTY = [MinValueValidator(30), MaxValueValidator(100)]
"""Smaller chances are not kept, so that nobody could see what such a policy would have told."""
_DAYS = [MaxValueValidator(60)]


class DelayPolicy(models.Model):
    """When a delay is told, and what counts as one: one row, which stands above the settings."""

    policy = models.CharField(_("when to tell that something will be late"), max_length=30, default="default")
    """A name in ``policy.POLICIES``, or ``OWN``."""
    at = models.PositiveSmallIntegerField(
        _("tell at a chance of being late of (%)"), default=80, validators=_FROM_THIRTY,
        help_text=_("Counts for own thresholds, as do the next two."),
    )
    soon = models.PositiveSmallIntegerField(_("shortly before the date at (%)"), default=45, validators=_FROM_THIRTY)
    soon_days = models.PositiveSmallIntegerField(_("shortly before: days"), default=1, validators=_DAYS)
    clear = models.PositiveSmallIntegerField(
        _("back on track below (%)"), default=30, validators=_PERCENT,
        help_text=_("When what was told late will most likely be in time after all, customers hear that as well."),
    )
    not_shipped_days = models.PositiveSmallIntegerField(
        _("not shipped in time: working days beyond the handling time"), default=1, validators=_DAYS
    )
    no_scan_days = models.PositiveSmallIntegerField(
        _("not seen by the carrier: working days after it was shipped"), default=2, validators=_DAYS
    )
    stalled_days = models.PositiveSmallIntegerField(_("not moving: delivery days without a scan"), default=3, validators=_DAYS)
    tell_not_shipped = models.BooleanField(_("not shipped in time"), default=True)
    tell_no_scan = models.BooleanField(_("not seen by the carrier"), default=False)
    tell_stalled = models.BooleanField(_("not moving"), default=False)
    tell_will_miss = models.BooleanField(_("will miss its date"), default=True)
    tell_missed = models.BooleanField(_("has missed its date"), default=True)
    is_held = models.BooleanField(
        _("hold all notices"), default=False, help_text=_("Nothing is told while this is ticked; what is late is still listed for you."),
    )
    left_out = models.TextField(
        _("carriers and shipping options of which nothing is told"), blank=True, help_text=_("One name or code a line."),
    )

    class Meta:
        verbose_name = _("delay notices")
        verbose_name_plural = _("delay notices")

    def __str__(self) -> str:
        return self.policy.replace("_", " ").capitalize()


class DeclaredDelay(LeanModel):
    """One delay that a merchant declares for many orders at once."""

    class State(models.TextChoices):
        DRAFT = "draft", _("not confirmed")
        WAITING = "waiting", _("begins soon")
        TELLING = "telling", _("customers are being told")
        DONE = "done", _("all were told")
        STOPPED = "stopped", _("stopped")

    class Why(models.TextChoices):
        MERCHANT = "merchant", _("only what I write below")
        PEAK = "peak", _("more orders than usual")
        WEATHER = "weather", _("the weather")
        OUTAGE = "outage", _("the carrier's troubles")
        HOLIDAY = "holiday", _("holidays")

    name = models.CharField(_("name"), max_length=100, help_text=_("For yourself, such as “Flood in Bahia”."))
    warehouse = models.CharField(_("from warehouse or seller"), max_length=100, blank=True)
    carrier = models.CharField(_("carrier"), max_length=100, blank=True)
    service = models.CharField(_("shipping option"), max_length=100, blank=True, help_text=_("Its code."))
    country = models.CharField(_("to country"), max_length=2, blank=True)
    region = models.CharField(_("to region"), max_length=60, blank=True)
    sku = models.CharField(_("with the product"), max_length=100, blank=True, help_text=_("Its article number (SKU)."))
    ordered_from = models.DateField(_("ordered from"), null=True, blank=True)
    ordered_until = models.DateField(_("ordered until"), null=True, blank=True)
    numbers = models.TextField(_("order numbers"), blank=True, help_text=_("With commas, blanks or new lines between them."))
    later_days = models.PositiveSmallIntegerField(_("so many days later"), null=True, blank=True, validators=[MinValueValidator(1), *_DAYS])
    new_date = models.DateField(_("or by this date"), null=True, blank=True)
    why = models.CharField(_("because of"), max_length=20, choices=Why, default=Why.MERCHANT)
    reason = models.CharField(_("reason, in your words"), max_length=300, blank=True)
    reasons = models.JSONField(_("the same in other languages"), default=dict, blank=True)
    """Texts by language tag."""
    tell_again = models.BooleanField(_("also customers who were told of a delay already"), default=False)

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+", verbose_name=_("by")
    )
    made_at = models.DateTimeField(_("made"), default=clock.now, editable=False)
    begins_at = models.DateTimeField(_("begins"), null=True, editable=False)
    """Until then it can be taken back as a whole."""
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    cursor = models.BigIntegerField(default=0, editable=False)
    """Orders up to this key are done."""
    last = models.BigIntegerField(default=0, editable=False)
    """The newest order when it was confirmed: later ones are not meant."""
    to_tell = models.PositiveIntegerField(_("to be told"), default=0, editable=False)
    told = models.PositiveIntegerField(_("told"), default=0, editable=False)

    class Meta:
        verbose_name = _("declared delay")
        verbose_name_plural = _("declared delays")
        ordering: ClassVar = ["-made_at", "-pk"]
        permissions: ClassVar = [("declare_delay", _("Can declare a delay for many orders"))]

    def __str__(self) -> str:
        return self.name
