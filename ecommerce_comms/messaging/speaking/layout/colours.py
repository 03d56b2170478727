"""Colours that can be read: contrast as WCAG reckons it, and the nearest colour that has enough of it."""

from __future__ import annotations

import re
from functools import lru_cache

LEAST = 4.5
"""Contrast that running text needs (WCAG 2.2, success criterion 1.4.3, level AA)."""
BLACK, WHITE = "#000000", "#ffffff"
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 40


def is_colour(text: str) -> bool:
    """Whether ``text`` is a colour as ``#1f4fd8``."""
    return bool(COLOUR.fullmatch(text))


@lru_cache(maxsize=1024)
def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white): https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    shares = [channel / 255 for channel in _channels(colour)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """``one`` with a ``share`` (0 to 1) of ``other`` in it."""
    parts = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(first + (second - first) * share):02x}" for first, second in parts)


def ink_on(ground: str) -> str:
    """White where it can be read on ``ground``, else black: one of the two always can."""
    return WHITE if contrast(WHITE, ground) >= LEAST else BLACK


def readable(colour: str, ground: str, least: float = LEAST) -> str:
    """``colour``, or the nearest mixture of it with black or white that has a contrast of ``least`` on ``ground``."""
    end = "#ffffff" if contrast("#ffffff", ground) > contrast("#000000", ground) else "#000000"
    mixtures = (mixed(colour, end, step / _STEPS) for step in range(_STEPS + 1))
    return next((mixture for mixture in mixtures if contrast(mixture, ground) >= least), end)


def quieter(ink: str, ground: str, share: float = 0.32) -> str:
    """``ink`` with a ``share`` of ``ground`` in it, or with as much less as it takes to be read there."""
    shares = (share * (_STEPS - step) / _STEPS for step in range(_STEPS))
    return next((mixture for part in shares if contrast(mixture := mixed(ink, ground, part), ground) >= LEAST), ink)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
