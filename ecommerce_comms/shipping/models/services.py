"""What a merchant tells about how parcels travel: Carrier, Zone, Place, Service, Rate, PickupPoint."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.shipping.models.fields import YEAR, country, fill_code, latitude, longitude, postcode, region, weekdays


class Carrier(models.Model):
    """Who brings the parcels."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    code = models.CharField(
        _("code"), max_length=50, unique=True, blank=True, help_text=_("Short and for ever. Made from the name if you leave it empty.")
    )
    website = models.URLField(_("website"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    tracking_url = models.CharField(
        _("tracking page"), max_length=300, blank=True,
        help_text=_("With {number} in the place of the tracking number, such as https://track.example/?n={number}."),
    )
    aliases = models.TextField(
        _("other names"), blank=True,
        help_text=_("One a line: what your shop, or a tracking service, also calls it, such as “bluedart” or “BLUE DART EXPRESS”."),
    )

    class Meta:
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with a code made from the name where there is none."""
        fill_code(self, kwargs)
        super().save(*args, **kwargs)

    @property
    def known_as(self) -> frozenset[str]:
        """Code, name and aliases, ready to be compared with ``text.strip().casefold()``."""
        return frozenset(word for each in (self.code, self.name, *self.aliases.splitlines()) if (word := each.strip().casefold()))


class Zone(models.Model):
    """Places to which sending costs, and takes, the same."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    countries = models.TextField(
        _("countries"), blank=True,
        help_text=_("Two letters each, such as IN, BD, NP. Leave this and the list below empty for the whole world."),
    )

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A part of a country that belongs to a zone."""

    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="places", verbose_name=_("zone"))
    country = country()
    region = region(_("State or province, such as WB or West Bengal. Empty: the whole country."))
    postcodes = models.TextField(
        _("postcodes"), blank=True,
        help_text=_("Beginnings or ranges, such as 7000*, 110001-110096, SW1A. Empty: all."),
    )

    class Meta:
        verbose_name = _("part of a country")
        verbose_name_plural = _("parts of countries")
        ordering: ClassVar = ["country", "region", "pk"]

    def __str__(self) -> str:
        return " ".join(part for part in (self.country, self.region, self.postcodes) if part)


class Service(models.Model):
    """A shipping option, as customers choose it."""

    class Kind(models.TextChoices):
        DOOR = "door", _("to the door")
        POINT = "point", _("to a pick-up point")

    code = models.CharField(_("code"), max_length=50, unique=True, help_text=_("As the shop stores it with the order."))
    name = models.CharField(_("name"), max_length=100, help_text=_("As customers see it."))
    description = models.CharField(_("description"), max_length=300, blank=True, help_text=_("A sentence for customers."))
    carrier = models.ForeignKey(
        Carrier, null=True, blank=True, on_delete=models.SET_NULL, related_name="services", verbose_name=_("carrier")
    )
    kind = models.CharField(_("where it is handed over"), max_length=10, choices=Kind, default=Kind.DOOR)
    delivery_days = weekdays("123456", _("days on which it is delivered"))
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("shipping option")
        verbose_name_plural = _("shipping options")
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class Rate(models.Model):
    """How long a shipping option takes to a zone, and what it costs there."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="rates", verbose_name=_("shipping option"))
    zone = models.ForeignKey(
        Zone, null=True, blank=True, on_delete=models.CASCADE, related_name="rates", verbose_name=_("zone"),
        help_text=_("Empty: everywhere."),
    )
    transit_days_min = models.PositiveSmallIntegerField(_("delivery days on the way, at best"), default=1, validators=[YEAR])
    transit_days_max = models.PositiveSmallIntegerField(_("… at worst"), default=3, validators=[YEAR])
    delivery_days = weekdays("", _("delivered on"), _("Only where the days differ from the option's own."))
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, default=0, validators=[MinValueValidator(Decimal(0))])
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    weight_up_to = models.DecimalField(
        _("up to kg"), max_digits=9, decimal_places=3, null=True, blank=True, validators=[MinValueValidator(Decimal("0.001"))],
        help_text=_("Empty: any weight."),
    )
    value_from = models.DecimalField(
        _("for orders from"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal(0))],
        help_text=_("The order's value from which this price counts, such as free shipping from 1000. Empty: any."),
    )
    is_offered = models.BooleanField(_("offered there"), default=True)

    class Meta:
        verbose_name = _("time and price")
        verbose_name_plural = _("times and prices")
        ordering: ClassVar = ["service", "zone", "weight_up_to", "value_from", "pk"]

    def __str__(self) -> str:
        return f"{self.service} – {self.zone or _('everywhere')}"


class PickupPoint(models.Model):
    """Where customers fetch their parcel."""

    name = models.CharField(_("name"), max_length=100)
    code = models.CharField(
        _("code"), max_length=50, unique=True, blank=True,
        help_text=_("The carrier's number of it. Made from the name if you leave it empty."),
    )
    street = models.CharField(_("street"), max_length=200, blank=True)
    postcode = postcode()
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = region()
    country = country()
    latitude = latitude()
    longitude = longitude()
    opening_days = weekdays("123456", _("open on"))
    carrier = models.ForeignKey(
        Carrier, null=True, blank=True, on_delete=models.CASCADE, related_name="points", verbose_name=_("carrier"),
        help_text=_("For every option of this carrier. Empty: of every carrier."),
    )
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.CASCADE, related_name="points", verbose_name=_("shipping option"),
        help_text=_("For this option only. Empty: for every one that is handed over at a pick-up point."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("pick-up point")
        verbose_name_plural = _("pick-up points")
        ordering: ClassVar = ["country", "postcode", "name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with a code made from the name where there is none."""
        fill_code(self, kwargs)
        super().save(*args, **kwargs)
