"""Reads JSON from strangers: what a database, a loop or a clock could choke on is refused in a sentence."""

from __future__ import annotations

import json
import math
from typing import Any


class Unreadable(ValueError):
    """The body is no JSON that can be read safely."""


def load(body: bytes) -> Any:
    """What ``body`` says, in UTF-8. Raises ``Unreadable`` for anything else, without quoting it."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None
    except Unreadable:
        raise
    except ValueError as error:  # no UTF-8, no JSON, a number with thousands of digits
        raise Unreadable(f"it is no JSON in UTF-8 ({type(error).__name__})") from None


def at(data: Any, *path: str) -> Any:
    """What lies under ``path`` in nested objects; ``None`` if there is no such place."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in the list ``value``; none if it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def place_of(*parts: Any) -> str:
    """``Kolkata, WB, India`` of the parts that are there."""
    told = [str(part).strip() for part in parts if isinstance(part, str) and part.strip()]
    return ", ".join(dict.fromkeys(told))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("an object names something twice")
    return found


def _constant(name: str) -> Any:
    raise Unreadable(f"{name} is no number")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unreadable("a number is too large")
    return number
