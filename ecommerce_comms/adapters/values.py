"""A shop's values in the form in which a snapshot takes them."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from ecommerce_comms.conf import conf


def convert(name: str, value: Any) -> Any:
    """``value`` as the snapshot's JSON form of the field ``name``; raises ``ValueError``, ``TypeError`` or ``ArithmeticError``."""
    converter: Callable[[Any], Any] = CONVERTERS.get(name, _text)
    return converter(value)


def _text(value: Any) -> str:
    return " ".join(str(part) for part in value) if isinstance(value, (list, tuple)) else str(value)


def _upper(value: Any) -> str:
    return _text(value).upper()


def _address_lines(value: Any) -> list[str]:
    """One text, a text of several lines, or a list of texts."""
    parts = value if isinstance(value, (list, tuple)) else [value]
    return [line.strip() for part in parts for line in str(part).splitlines() if line.strip()]


def _whole(value: Any) -> int:
    """A count; half a kilogram still is one thing in the parcel."""
    return math.ceil(Decimal(str(value)))


def _money(value: Any) -> str:
    amount = Decimal(str(value))
    if not amount.is_finite():
        raise ValueError(f"{value!r} is not an amount of money")
    return str(amount)


def _moment(value: Any) -> str:
    """A time; a mere day begins at midnight, and a time without a zone is meant, in the shop's zone."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(conf.time_zone))).isoformat()


def _day(value: Any) -> str:
    """A day; a time becomes its day in the shop's zone, where it was promised."""
    if isinstance(value, str):
        return date.fromisoformat(value).isoformat() if len(value) == 10 else _day(datetime.fromisoformat(value))
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(conf.time_zone)).date() if value.tzinfo else value.date()
    return str(value.isoformat())


def _link(value: Any) -> str:
    """An absolute address, or nothing: a mail has no page that a relative one could belong to."""
    text = str(value)
    return urljoin(conf.SHOP_URL, text) if conf.SHOP_URL or "://" in text else ""


def _degrees(value: Any) -> float:
    """A latitude or longitude."""
    angle = float(value)
    if not -180 <= angle <= 180:
        raise ValueError(f"{value!r} is no angle between -180 and 180 degrees")
    return angle


def _names(value: Any) -> list[str]:
    """Names of channels in the order preferred: a list of them, or a text with commas."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)):
        raise ValueError(f"{value!r} is no list of channels")
    return [name for part in parts if (name := str(part).strip())]


def _channels(value: Any) -> dict[str, list[str]]:
    """Lists of channels by topic; a list alone, or a text, is about orders."""
    return {str(topic): _names(names) for topic, names in value.items()} if isinstance(value, dict) else {"orders": _names(value)}


CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "placed_at": _moment,
    "promised_earliest": _day,
    "promised_latest": _day,
    "total": _money,
    "shipping_price": _money,
    "line.price": _money,
    "line.quantity": _whole,
    "line.weight_kg": _money,
    "address.lines": _address_lines,
    "customer.channels": _channels,
    "customer.channels.orders": _names,
    "customer.channels.offers": _names,
    "recipient.channels": _names,
    "recipient.role": lambda value: _text(value).lower(),
    "address.country": _upper,
    "address.latitude": _degrees,
    "address.longitude": _degrees,
    "currency": _upper,
    "disputed": bool,
    "url": _link,
    "retry_payment_url": _link,
    "line.url": _link,
    "line.image_url": _link,
}
"""How a field is read, where it is not simply text."""
