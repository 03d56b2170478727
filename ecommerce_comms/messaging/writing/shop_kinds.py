"""The kinds of messages that a shop has invented: the setting ``MESSAGE_KINDS``, read when it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ecommerce_comms.conf import conf


@dataclass(frozen=True, kw_only=True)
class ShopKind:
    """One kind of the shop's own."""

    label: str
    """As merchants read it."""
    purpose: str = "marketing"
    """A ``Message.Purpose``: whether people have to have agreed to it, and what they can end."""
    facts: tuple[str, ...] = ()
    """The facts that its texts may name; empty: those that every message knows."""


class ShopKinds(Mapping[str, ShopKind]):
    """By name, as in the settings of this moment. What is no dict is left out; a system check tells of it."""

    def __getitem__(self, name: str) -> ShopKind:
        told = _declared()[name]
        return ShopKind(
            label=str(told.get("label") or name.replace("_", " ").capitalize()),
            purpose=str(told.get("purpose", ShopKind.purpose)),
            facts=tuple(map(str, told.get("facts", ()))),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(_declared())

    def __len__(self) -> int:
        return len(_declared())


def _declared() -> dict[str, dict[str, Any]]:
    given = conf.MESSAGE_KINDS
    return {name: told for name, told in given.items() if isinstance(told, dict)} if isinstance(given, dict) else {}
