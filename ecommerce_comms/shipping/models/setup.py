"""What a merchant tells about where parcels leave, and about the days that are unlike others: Warehouse, ClosedDay, Peak."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.shipping.models.fields import YEAR, country, fill_code, latitude, longitude, postcode, region, weekdays


class Warehouse(models.Model):
    """Where parcels leave."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    code = models.CharField(
        _("code"), max_length=50, unique=True, blank=True,
        help_text=_("By which your shop names this warehouse in an order's lines. Made from the name if you leave it empty."),
    )
    country = country()
    region = region(_("State or province, such as WB. Its own public holidays count too."))
    postcode = postcode()
    latitude = latitude()
    longitude = longitude()
    time_zone = models.CharField(_("time zone"), max_length=64, help_text=_("Such as Asia/Kolkata."))
    cut_off = models.TimeField(_("orders until this time count for the same day"), default=time(14))
    short_days = weekdays("", _("days on which that ends earlier"), _("None: every working day is alike."))
    short_cut_off = models.TimeField(_("… at this time"), null=True, blank=True)
    working_days = weekdays("12345", _("days on which you pack"))
    handling_days_min = models.PositiveSmallIntegerField(
        _("working days until a parcel leaves, at best"), default=0, validators=[YEAR], help_text=_("0 is the day of the order itself.")
    )
    handling_days_max = models.PositiveSmallIntegerField(_("… at worst"), default=1, validators=[YEAR])
    is_default = models.BooleanField(
        _("parcels leave from here"), default=True, help_text=_("Unless an order's line names another warehouse.")
    )

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with a code made from the name where there is none."""
        fill_code(self, kwargs)
        super().save(*args, **kwargs)


class ClosedDay(models.Model):
    """A time in which nothing leaves, or nothing is delivered; or a public holiday on which it is."""

    day = models.DateField(_("day"))
    last_day = models.DateField(_("until"), null=True, blank=True, help_text=_("The last closed day. Empty: one day only."))
    name = models.CharField(_("name"), max_length=100, blank=True)
    country = country(_("Empty: everywhere."), blank=True)
    region = region(_("Empty: the whole country."))
    warehouse = models.ForeignKey(
        Warehouse, null=True, blank=True, on_delete=models.CASCADE, related_name="closed_days", verbose_name=_("only this warehouse")
    )
    carrier = models.ForeignKey(
        "ecommerce_comms.Carrier", null=True, blank=True, on_delete=models.CASCADE, related_name="closed_days",
        verbose_name=_("only this carrier"),
    )
    is_open = models.BooleanField(
        _("open all the same"), default=False,
        help_text=_("Tick this for a public holiday on which parcels do leave or are delivered."),
    )

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        ordering: ClassVar = ["day", "pk"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}".strip()


class Peak(models.Model):
    """An announced time in which everything takes longer, such as the weeks before a feast."""

    class Slows(models.TextChoices):
        BOTH = "both", _("packing and the way")
        HANDLING = "handling", _("packing only")
        TRANSIT = "transit", _("the way only")

    name = models.CharField(_("name"), max_length=100)
    day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    factor = models.DecimalField(
        _("takes … times as long"), max_digits=4, decimal_places=2, default=Decimal("1.3"),
        validators=[MinValueValidator(Decimal("1.01")), MaxValueValidator(Decimal(10))],
        help_text=_("1.3 makes ten days thirteen. It lengthens the worst case; the best one stays."),
    )
    slows = models.CharField(_("what takes longer"), max_length=10, choices=Slows, default=Slows.BOTH)
    warehouse = models.ForeignKey(
        Warehouse, null=True, blank=True, on_delete=models.CASCADE, related_name="peaks", verbose_name=_("only this warehouse")
    )
    carrier = models.ForeignKey(
        "ecommerce_comms.Carrier", null=True, blank=True, on_delete=models.CASCADE, related_name="peaks",
        verbose_name=_("only this carrier"),
    )
    repeats = models.BooleanField(
        _("every year"), default=False,
        help_text=_("The same days and the same factor count in the years that follow, until you change them."),
    )

    class Meta:
        verbose_name = _("peak")
        verbose_name_plural = _("peaks")
        ordering: ClassVar = ["day", "pk"]

    def __str__(self) -> str:
        return self.name
