"""What may be asked, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from ecommerce_comms.shipping.api.fields import CountryCode, CurrencyCode, Moment, ZoneName
from ecommerce_comms.shipping.models import Service
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot

MOST_LINES = 100
MOST_PIECES = 10_000
HEAVIEST_KG = 100_000
DEAREST = 10**9
BASE = serializers.Serializer[Any]


class Strict(BASE):
    """Refuses what it does not know instead of passing it over: a misspelt name would quietly change the answer."""

    def to_internal_value(self, data: Any) -> Any:
        """The fields. Raises ``ValidationError``."""
        if isinstance(data, Mapping):
            odd = [name for name in data if name not in self.fields]
            if odd:
                raise serializers.ValidationError({"non_field_errors": [
                    f"There is no field {ascii(odd[0])[:80]}. The fields are: {', '.join(self.fields)}."
                ]})
        return super().to_internal_value(data)


class QuoteLineSerializer(Strict):
    """One line of a basket."""

    sku = serializers.CharField(max_length=190, required=False, allow_blank=True)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_PIECES, default=1)
    price = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal(0), max_value=Decimal(DEAREST), required=False, allow_null=True,
        help_text="Of the whole line, tax included.",
    )
    weight_kg = serializers.DecimalField(
        max_digits=9, decimal_places=3, min_value=Decimal(0), max_value=Decimal(HEAVIEST_KG), required=False, allow_null=True,
        help_text="Of the whole line.",
    )
    origin = serializers.CharField(
        max_length=190, required=False, allow_blank=True, help_text="Code of the warehouse from which it leaves; else it is the usual one."
    )
    category = serializers.CharField(max_length=190, required=False, allow_blank=True)


class QuoteDestinationSerializer(Strict):
    """Where it goes; the more is known, the better the answer."""

    country = CountryCode(max_length=2, required=False, allow_blank=True, help_text="ISO 3166, two letters.")
    region = serializers.CharField(max_length=100, required=False, allow_blank=True)
    postcode = serializers.CharField(max_length=20, required=False, allow_blank=True)
    city = serializers.CharField(max_length=100, required=False, allow_blank=True)
    latitude = serializers.FloatField(min_value=-90, max_value=90, required=False, allow_null=True)
    longitude = serializers.FloatField(min_value=-180, max_value=180, required=False, allow_null=True)


class QuoteSerializer(Strict):
    """A basket, where it goes, and when it is ordered."""

    lines: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=QuoteLineSerializer(), required=False, max_length=MOST_LINES, help_text=f"At most {MOST_LINES}.",
    )
    destination = QuoteDestinationSerializer(required=False)
    at = Moment(required=False, help_text="When it would be ordered, with its offset from UTC; else now.")
    time_zone = ZoneName(max_length=64, required=False, allow_blank=True, help_text="Of the destination; else the shop's.")
    currency = CurrencyCode(max_length=3, required=False, allow_blank=True, help_text="Only prices in it, and those without any.")


class QuoteQuerySerializer(QuoteDestinationSerializer):
    """The same for one parcel, as parameters of an address."""

    at = Moment(required=False)
    time_zone = ZoneName(max_length=64, required=False, allow_blank=True)
    currency = CurrencyCode(max_length=3, required=False, allow_blank=True)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_PIECES, default=1)
    price = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal(0), max_value=Decimal(DEAREST), required=False, help_text="Of everything.",
    )
    weight_kg = serializers.DecimalField(
        max_digits=9, decimal_places=3, min_value=Decimal(0), max_value=Decimal(HEAVIEST_KG), required=False, help_text="Of everything.",
    )
    origin = serializers.CharField(max_length=190, required=False, allow_blank=True)


class PickupPointSerializer(BASE):
    """A pick-up point."""

    code = serializers.CharField()
    name = serializers.CharField()
    street = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    country = serializers.CharField()
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    opening_days = serializers.CharField(help_text="Digits of the weekdays, 1 is Monday.")


class ShippingOptionSerializer(BASE):
    """One way to have it sent."""

    code = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    carrier = serializers.CharField()
    kind = serializers.ChoiceField(choices=Service.Kind.values)
    price = serializers.DecimalField(max_digits=12, decimal_places=2)
    currency = serializers.CharField()
    earliest = serializers.DateField(allow_null=True, help_text="Day at the destination; null without an honest date, as is latest.")
    latest = serializers.DateField(allow_null=True)
    confidence = serializers.FloatField(allow_null=True, help_text="Share expected by latest, 0 to 1; null if nobody measured it.")
    order_by = serializers.DateTimeField(allow_null=True, help_text="Ordering until then keeps the window.")
    seconds_left = serializers.IntegerField(allow_null=True)
    why = serializers.CharField()
    token = serializers.CharField(help_text="Store it with the order; empty without a date, and for another time than now.")
    points = PickupPointSerializer(many=True)


class ShippingOptionsSerializer(BASE):
    """Every option that reaches the destination, in the merchant's order."""

    quoted_at = serializers.DateTimeField()
    options = ShippingOptionSerializer(many=True)


def lines_of(asked: Mapping[str, Any]) -> tuple[LineSnapshot, ...]:
    """The basket of a checked request."""
    return tuple(LineSnapshot(**line) for line in asked.get("lines", ()))


def line_of(query: Mapping[str, Any]) -> tuple[LineSnapshot, ...]:
    """The one parcel of a checked query."""
    return (LineSnapshot(**{name: query[name] for name in ("quantity", "price", "weight_kg", "origin") if name in query}),)


def destination_of(asked: Mapping[str, Any]) -> AddressSnapshot | None:
    """Where it goes; ``None`` if nothing is said about it."""
    told = {name: value for name, value in asked.items() if name in DESTINATION and value not in (None, "")}
    return AddressSnapshot(**told) if told else None


DESTINATION = frozenset(QuoteDestinationSerializer().fields)
