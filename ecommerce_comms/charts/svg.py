"""The elements of a picture, written so that no text can break out of its place."""

from __future__ import annotations

import math
import re
import unicodedata
from html import escape

FONT = 12.0
"""Size of all texts, in units of the picture: a picture is 360 units wide, so on a phone of 320 pixels texts are 10 pixels high."""
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold."""
_EM = {"F": 1.0, "W": 1.0, "A": 0.7}
"""Width of a letter by its East Asian width, in font sizes; the others are 0.6 on the average, with some air."""

Attribute = str | float | None


def clean(text: object) -> str:
    """``text`` as it may stand in XML, in an element or an attribute."""
    return escape(_UNFIT.sub("\ufffd", str(text)))


def tag(name: str, *content: str, **attributes: Attribute) -> str:
    """One element around ``content``, which is markup; attributes are escaped, and left out where they are ``None``.

    ``class_`` is written as ``class``, ``stroke_width`` as ``stroke-width``.
    """
    given = "".join(f' {_name(key)}="{_value(value)}"' for key, value in attributes.items() if value is not None)
    inner = "".join(content)
    return f"<{name}{given}>{inner}</{name}>" if inner else f"<{name}{given}/>"


def text(said: object, x: float, y: float, *, anchor: str = "start", **attributes: Attribute) -> str:
    """A line of text whose base line begins, is centred or ends (``anchor``) at a point."""
    kind = {"class_": "comms-chart-text", **attributes}
    return tag("text", clean(said), x=x, y=y, text_anchor=anchor, fill="currentColor", **kind)


def hint(said: object) -> str:
    """What is shown while one points at the element around it."""
    return tag("title", clean(said)) if said else ""


def path(points: list[tuple[float, float]], *, closed: bool = False) -> str:
    """The ``d`` of straight lines through ``points``."""
    return "M" + " L".join(f"{_value(x)} {_value(y)}" for x, y in points) + (" Z" if closed else "")


def width(said: str) -> float:
    """About how wide a text is, in units."""
    return FONT * sum(_EM.get(unicodedata.east_asian_width(letter), 0.6) for letter in said)


def cut(said: object, room: float) -> str:
    """``said``, shortened to about ``room`` units."""
    whole = " ".join(str(said).split())
    short = whole
    while short and width(short + "…") > room and width(whole) > room:
        short = short[:-1]
    return whole if short == whole else short.rstrip() + "…"


def finite(value: float, what: str) -> float:
    """``value`` as a number; raises ``ValueError`` if it is none, or endless."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{what} must be a number, got {value!r}.") from None
    if not math.isfinite(number):
        raise ValueError(f"{what} must be a finite number, got {number}.")
    return number


def share(value: float, what: str) -> float:
    """``value`` as a share; raises ``ValueError`` if it is not between 0 and 1."""
    number = finite(value, what)
    if not 0 <= number <= 1:
        raise ValueError(f"{what} must lie between 0 and 1, got {number:g}.")
    return number


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: Attribute) -> str:
    if isinstance(value, (int, float)):
        # The sum makes 0 of -0.
        return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
    return clean(value)
