"""Weekdays to be ticked, and countries and time zones to be chosen instead of spelt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.functional import lazy

from ecommerce_comms.shipping import words

ZONES_LIST = "comms-time-zones"
_AREAS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


class WeekdaysInput(forms.CheckboxSelectMultiple):
    """Seven boxes for a field that holds the digits of weekdays."""

    template_name = "ecommerce_comms/admin/weekdays.html"

    class Media:
        css: ClassVar = {"all": ["ecommerce_comms/admin.css"]}

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, choices=[(str(number + 1), name) for number, name in WEEKDAYS_ABBR.items()])

    def format_value(self, value: Any) -> list[str]:
        """The digits, one by one."""
        return list(value or "")

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        """The digits of the boxes that are ticked, in one text."""
        found = super().value_from_datadict(data, files, name)
        return found if isinstance(found, str) else "".join(str(digit) for digit in found or ())

    def use_required_attribute(self, initial: Any) -> bool:
        """Not every box has to be ticked."""
        return False


def _choices() -> Iterator[tuple[str, str]]:
    yield ("", "—")
    yield from ((code, f"{name} ({code})") for code, name in words.countries().items())


class CountrySelect(forms.Select):
    """The countries by name, in the language of whoever looks."""

    class Media:
        css: ClassVar = {"all": ["ecommerce_comms/admin.css"]}

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, choices=lazy(lambda: list(_choices()), list)())

    def format_value(self, value: Any) -> list[str]:
        """The code in capitals, as the list has it."""
        return [str(value or "").upper()]


class TimeZoneInput(forms.TextInput):
    """A field that offers the zones whose names contain what was typed."""

    template_name = "ecommerce_comms/admin/time_zone.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The field with the list of all zones beside it."""
        context = super().get_context(name, value, {**(attrs or {}), "list": f"{ZONES_LIST}-{name}"})
        return context | {"zones": [zone for zone in sorted(available_timezones()) if zone.partition("/")[0] in _AREAS]}
