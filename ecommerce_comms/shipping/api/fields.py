"""Fields that take nothing for granted."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from babel import Locale
from rest_framework import serializers

from ecommerce_comms import clock
from ecommerce_comms.zones import is_zone

FARTHEST = timedelta(days=366)
"""A moment further from now than this is a slip."""


class Moment(serializers.Field[datetime, Any, str, Any]):
    """A moment with its offset from UTC, near enough to now."""

    default_error_messages = {  # noqa: RUF012
        "form": "Write a moment as 2026-12-03T10:00:00+05:30 or 2026-12-03T04:30:00Z.",
        "naive": "Say which offset from UTC it has, such as +05:30 or Z.",
        "far": "This is more than a year from now.",
    }

    def to_internal_value(self, data: Any) -> datetime:
        """The moment. Raises ``ValidationError``."""
        try:
            # In an address "+" is a blank.
            moment = datetime.fromisoformat(str(data).strip().replace(" ", "+") if "T" in str(data) else str(data))
        except ValueError:
            self.fail("form")
        if moment.tzinfo is None:
            self.fail("naive")
        try:
            is_far = abs(moment - clock.now()) > FARTHEST
        except OverflowError:
            is_far = True
        if is_far:
            self.fail("far")
        return moment

    def to_representation(self, value: datetime) -> str:
        """ISO 8601."""
        return value.isoformat()


class Code(serializers.CharField):
    """A code of a known list, in capitals."""

    kind = ""
    """``countries`` (ISO 3166) or ``currencies`` (ISO 4217)."""

    def to_internal_value(self, data: Any) -> str:
        """The code. Raises ``ValidationError``."""
        code = super().to_internal_value(data).strip().upper()
        if code and code not in _known(self.kind):
            raise serializers.ValidationError(self.error_messages["unknown"])
        return code


class CountryCode(Code):
    """ISO 3166 alpha-2."""

    kind = "countries"
    default_error_messages = {"unknown": "There is no such country. Write two letters, such as IN."}  # noqa: RUF012


class CurrencyCode(Code):
    """ISO 4217."""

    kind = "currencies"
    default_error_messages = {"unknown": "There is no such currency. Write three letters, such as INR."}  # noqa: RUF012


class ZoneName(serializers.CharField):
    """An IANA time zone."""

    default_error_messages = {"unknown": "There is no time zone of that name. Write it like Asia/Kolkata."}  # noqa: RUF012

    def to_internal_value(self, data: Any) -> str:
        """The name. Raises ``ValidationError``."""
        name = super().to_internal_value(data).strip()
        if name and not is_zone(name):
            self.fail("unknown")
        return name


@cache
def _known(kind: str) -> frozenset[str]:
    names = Locale("en")
    found = names.currencies if kind == "currencies" else names.territories
    return frozenset(str(code) for code in found if str(code).isalpha())
