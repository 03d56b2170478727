"""How a shop's mails look and greet: what the merchant set under Branding, or the built-in look."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.models import Branding
from ecommerce_comms.messaging.speaking.layout.colours import is_colour
from ecommerce_comms.prepared import Read


@dataclass(frozen=True, kw_only=True)
class Look:
    """The branding of one shop, ready for a mail. Hashable, so that what is made for it can be kept."""

    accent: str = "#1f4fd8"
    paper: str = "#ffffff"
    desk: str = "#f4f5f7"
    ink: str = "#1d2430"
    logo: str = ""
    """Absolute address of the picture; empty: the shop's name stands there."""
    logo_width: int = 160
    greeting: str = "friendly"
    footer_address: str = ""
    frame: str = ""
    """The merchant's own layout, compiled; empty: the built-in one."""


PLAIN = Look()
_COLOURS = ("accent", "paper", "desk", "ink")
_NAMES = frozenset(field.name for field in fields(Look))
_COLUMNS = ("site", "logo", "logo_url", "logo_width", *_COLOURS, "greeting", "footer_address", "frame_key")
# The layouts themselves are long, and read only when their key is new.
_ROWS = Read(Branding, lambda: Branding.objects.order_by("pk").values_list(*_COLUMNS))


def look_of(site: str) -> Look:
    """The look of the shop ``site`` (``OrderSnapshot.site``): its own, or the one for all shops, or the built-in one.

    Asks the database, but for once where it runs within ``read_once``.
    """
    looks = _kept.looks if _kept.looks is not None else _read()
    return looks.get(site) or looks.get("") or PLAIN


@contextmanager
def read_once() -> Iterator[None]:
    """Within the block this thread asks only once for the branding, for any number of mails."""
    before = _kept.looks
    _kept.looks = _read()
    try:
        yield
    finally:
        _kept.looks = before


class _Kept(threading.local):
    looks: Mapping[str, Look] | None = None


_kept = _Kept()


def _read() -> Mapping[str, Look]:
    rows = _ROWS.rows()
    return _looks(tuple(map(tuple, rows)), conf.SHOP_URL) if rows else {}


@lru_cache(maxsize=16)
def _looks(rows: tuple[tuple[Any, ...], ...], shop_url: str) -> Mapping[str, Look]:
    """By site; kept by what the rows say, so that a look stays the same object until a merchant changes it."""
    return {row[0]: look_from(dict(zip(_COLUMNS, row, strict=True)), shop_url) for row in rows}


def look_from(values: Mapping[str, Any], shop_url: str) -> Look:
    """The look that a row's ``values`` describe. A colour that is none is the built-in one."""
    known = {name: value for name, value in values.items() if name in _NAMES}
    known |= {name: values[name] if is_colour(str(values[name])) else getattr(PLAIN, name) for name in _COLOURS}
    frame = values.get("frame", "") or _frame(values["frame_key"])
    return Look(**{**known, "logo": _logo(str(values["logo"] or ""), values["logo_url"], shop_url), "frame": frame})


def _logo(name: str, address: str, shop_url: str) -> str:
    """Where the logo can be fetched by a mail program; nothing if that is not known."""
    if name:
        address = urljoin(shop_url, Branding._meta.get_field("logo").storage.url(name))
    return address if address.startswith(("https://", "http://")) else ""


@lru_cache(maxsize=16)
def _frame(key: str) -> str:
    """The compiled layout with this fingerprint."""
    return (Branding.objects.filter(frame_key=key).values_list("compiled", flat=True).first() or "") if key else ""
