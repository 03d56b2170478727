"""``{% load comms %}``: arrival windows on product page, basket and checkout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from ecommerce_comms import clock, masking
from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.speaking import localise
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.shipping.options import Option, quote
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot
from ecommerce_comms.zones import zone

log = masking.logger(__name__)
register = template.Library()

COUNTED_DOWN = timedelta(hours=24)
"""A cut-off that is further away is told as a day and a time."""
_PLACE = ("country", "region", "city", "postcode", "latitude", "longitude")
_NAMES = {
    "sku": ("sku", "slug"), "title": ("title", "name"), "price": ("price",), "weight_kg": ("weight_kg", "weight"),
    "origin": ("origin", "warehouse_code"), "category": ("category",),
}
"""Where the facts of a line are looked for on a shop's own product or line."""


class Arrival(NamedTuple):
    """An option in the words of the page's language."""

    option: Option
    window: str
    """"Thu 3 – Sat 5 Dec"."""
    arrives: str
    """"Arrives Thu 3 – Sat 5 Dec"."""
    until: str
    """"order within 2 h 10 min", "order by Mon 30 Nov, 14:00", or empty."""
    price: str
    """"₹80.00", or the word for free."""


@register.simple_tag
def comms_arrival(
    *, product: object = None, lines: Iterable[Any] | None = None, destination: object = None, option: str = "", options: Any = None,
    time_zone: str = "", currency: str = "", template_name: str = "ecommerce_comms/arrival.html",
) -> SafeString | str:
    """When it arrives: one line for a ``product``, a small list of all options for ``lines``; empty if there is no honest date.

    ``destination`` is an ``AddressSnapshot``, anything with ``country`` and ``postcode``, a mapping, or two letters.
    ``option`` is the code of the only option to show. ``options`` are those of a ``quote`` that the page has made already.
    Trouble shows nothing, and is logged: a page that sells never breaks because of a date.
    """
    try:
        found = options if options is not None else quote(
            _address(destination), lines=_lines(product, lines), time_zone=time_zone, currency=currency
        )
        shown = arrivals([each for each in found if option in ("", each.code)])
    except Exception:
        log.exception("The arrival window of a page could not be told.")
        return ""
    is_list = lines is not None or (product is None and not option)
    return render_to_string(template_name, {"arrivals": shown if is_list else shown[:1], "is_list": is_list}) if shown else ""


@register.filter
def comms_window(option: Option) -> str:
    """The arrival window of an option in the page's language, ``{{ option|comms_window }}``; empty if there is none."""
    return _window(option, clock.now())


@register.filter
def comms_order_by(option: Option) -> str:
    """Until when to order, ``{{ option|comms_order_by }}``: "order within 2 h 10 min"; empty if nothing is left."""
    return _until(option, texts.labels(_language()), clock.now())


def arrivals(options: Iterable[Option]) -> list[Arrival]:
    """Those of ``options`` that have a date, in the words of the language that is active."""
    now, labels = clock.now(), texts.labels(_language())
    return [_arrival(option, labels, now) for option in options if option.latest is not None]


def _arrival(option: Option, labels: dict[str, str], now: datetime) -> Arrival:
    window = _window(option, now)
    price = localise.money(str(option.price), option.currency, _language()) if option.price else labels["free"]
    return Arrival(option, window, labels["arrives_on"].format(window=window), _until(option, labels, now), price)


def _window(option: Option, now: datetime) -> str:
    if option.earliest is None or option.latest is None:
        return ""
    return localise.window(option.earliest.isoformat(), option.latest.isoformat(), _language(), now.year)


def _until(option: Option, labels: dict[str, str], now: datetime) -> str:
    left = option.seconds_left(now)
    if not left or option.order_by is None:
        return ""
    if left <= COUNTED_DOWN.total_seconds():
        return labels["order_within"].format(time=_time(left, labels))
    local = option.order_by.astimezone(zone(conf.time_zone))
    return labels["order_by"].format(when=f"{localise.day_of(local.date(), _language(), now.year)}, {local:%H:%M}")


def _time(seconds: int, labels: dict[str, str]) -> str:
    """Rounded down to minutes: whoever believes it is in time."""
    hours, minutes = divmod(max(1, seconds // 60), 60)
    told = [labels["hours"].format(count=hours)] if hours else []
    return " ".join([*told, labels["minutes"].format(count=minutes)] if minutes or not hours else told)


def _language() -> str:
    return get_language() or conf.language


def _address(given: object) -> AddressSnapshot | None:
    if given is None or given == "" or isinstance(given, AddressSnapshot):
        return given or None  # type: ignore[return-value]
    told = {"country": given} if isinstance(given, str) else given
    found = {name: _of(told, name) for name in _PLACE}
    country = str(found["country"] or "").strip()
    if country and not (len(country) == 2 and country.isalpha()):
        raise ValueError(f"{country!r} is no country: give two letters, such as IN. Dates would be those of the rest of the world.")
    return AddressSnapshot(**{name: value for name, value in found.items() if value not in (None, "")})


def _lines(product: object, lines: Iterable[Any] | None) -> tuple[LineSnapshot, ...]:
    given = [product] if product is not None else list(lines or ())
    return tuple(each if isinstance(each, LineSnapshot) else _line(each) for each in given)


def _line(thing: object) -> LineSnapshot:
    """What a shop's own product or line says about itself, as far as it is plain."""
    told = {name: next((value for each in names if _is_plain(value := _of(thing, each))), None) for name, names in _NAMES.items()}
    sku, title, origin, category = (str(told[name] or "") for name in ("sku", "title", "origin", "category"))
    return LineSnapshot(
        sku=sku, title=title, origin=origin, category=category, price=_number(told["price"]), weight_kg=_number(told["weight_kg"])
    )


def _of(thing: object, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, int, float, Decimal)) and value != ""


def _number(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None
