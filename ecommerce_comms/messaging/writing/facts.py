"""The facts that texts may name: each with its type, what it means and an example, and which kinds of messages know it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise as LazyText


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact."""

    name: str
    """As a text names it: ``order.number``."""
    type: str
    """``text``, ``number``, ``date``, ``window``, ``money``, ``link``, ``list`` or ``word`` (one of a few, for comparing)."""
    meaning: str | LazyText
    """In a shopkeeper's words."""
    example: str
