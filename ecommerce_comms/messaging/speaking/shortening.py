"""Makes a line shorter so that it stays true: whole words go, from the end; links and facts are never cut in the middle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ecommerce_comms.messaging.plain import clip

Fits = Callable[[str], bool]
_TIE = "\ue000"
"""Stands for the blanks in a fact while words are counted; facts and texts hold no such character."""


def shortened(text: str, fits: Fits, whole: Iterable[str] = ()) -> str:
    """``text`` if it ``fits``, else as many of its words as do, with "…" where some are missing and with its links.

    The facts in ``whole`` ("Thu 3 – Sat 5 Dec") stay or go as one word. A link that does not fit by itself is left out.
    """
    if fits(text):
        return text
    words = _tied(text, whole).split(" ")
    links = [place for place, word in enumerate(words) if is_link(word)]
    while links and not fits(_joined(words, 0, links)):
        links.remove(max(links, key=lambda place: len(words[place])))
    most = len(words)
    while most and not fits(_joined(words, most, links)):
        most -= 1
    return _joined(words, most, links) if most else _first_letters(words, links, fits)


def is_link(word: str) -> bool:
    """Whether ``word`` is, or holds, an address of the web."""
    return "http://" in word or "https://" in word


def _tied(text: str, whole: Iterable[str]) -> str:
    for fact in sorted(whole, key=len, reverse=True):
        if " " in fact:
            text = text.replace(fact, fact.replace(" ", _TIE))
    return text


def _joined(words: Sequence[str], most: int, links: Sequence[int]) -> str:
    """The first ``most`` words and the ``links``."""
    shown = [word for place, word in enumerate(words[:most]) if not is_link(word) or place in links]
    missing = any(not is_link(word) for word in words[most:])
    if missing and shown:
        shown[-1] = shown[-1] if is_link(shown[-1]) else f"{shown[-1].rstrip(',;:.–-')}…"
    return " ".join([*shown, *(words[place] for place in links if place >= most)]).replace(_TIE, " ")


def _first_letters(words: Sequence[str], links: Sequence[int], fits: Fits) -> str:
    """Not even the first word fits, so it is cut between two letters; the links stay."""
    first = next((word for word in words if not is_link(word) and _TIE not in word), "")
    tail = [words[place] for place in links]
    low, high = 0, len(first)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(" ".join([clip(first, middle), *tail])) else (low, middle - 1)
    return " ".join([*([clip(first, low)] if low > 1 else []), *tail])
