"""What a merchant tells about how parcels travel: Warehouse, Service, ClosedDay."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

_YEAR = MaxValueValidator(365)


def _weekdays(default: str) -> models.CharField[str, str]:
    return models.CharField(max_length=7, default=default, help_text=_("Digits of the weekdays: 1 is Monday, 7 is Sunday."))


class Warehouse(models.Model):
    """Where parcels leave."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    country = models.CharField(_("country"), max_length=2, help_text=_("Two letters, such as IN."))
    region = models.CharField(_("region"), max_length=20, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, help_text=_("Such as Asia/Kolkata."))
    cut_off = models.TimeField(_("orders until this time count for the same day"), default="14:00")
    handling_days_min = models.PositiveSmallIntegerField(_("working days until a parcel leaves, at best"), default=0, validators=[_YEAR])
    handling_days_max = models.PositiveSmallIntegerField(_("… at worst"), default=1, validators=[_YEAR])
    working_days = _weekdays("12345")
    is_default = models.BooleanField(_("parcels leave from here"), default=True)

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """A shipping option: a carrier's service to a place, its price and how long it takes."""

    code = models.CharField(_("code"), max_length=50, help_text=_("As the shop stores it with the order."))
    name = models.CharField(_("name"), max_length=100, help_text=_("As customers see it."))
    carrier = models.CharField(_("carrier"), max_length=100, blank=True)
    country = models.CharField(_("to country"), max_length=2, blank=True, help_text=_("Empty: everywhere."))
    region = models.CharField(_("to region"), max_length=20, blank=True, help_text=_("Empty: the whole country."))
    transit_days_min = models.PositiveSmallIntegerField(_("delivery days on the way, at best"), default=1, validators=[_YEAR])
    transit_days_max = models.PositiveSmallIntegerField(_("… at worst"), default=3, validators=[_YEAR])
    delivery_days = _weekdays("123456")
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("shipping option")
        verbose_name_plural = _("shipping options")
        ordering: ClassVar = ["position", "price", "code"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["code", "country", "region"], name="comms_service_once")]

    def __str__(self) -> str:
        return self.name


class ClosedDay(models.Model):
    """A day on which nothing leaves, or nothing is delivered."""

    day = models.DateField(_("day"))
    country = models.CharField(_("country"), max_length=2, blank=True, help_text=_("Empty: everywhere."))
    region = models.CharField(_("region"), max_length=20, blank=True, help_text=_("Empty: the whole country."))
    name = models.CharField(_("name"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        ordering: ClassVar = ["day"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["day", "country", "region"], name="comms_closed_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}".strip()
