"""The five stages of a delay, and how a watch remembers which of them it is in."""

from __future__ import annotations

from collections.abc import Iterable

from ecommerce_comms.shipping.models import Lateness

Stage = Lateness.Stage
LETTERS: dict[str, str] = {
    Stage.NOT_SHIPPED: "n", Stage.NO_SCAN: "o", Stage.STALLED: "s", Stage.WILL_MISS: "w", Stage.MISSED: "m",
}
_BY_LETTER = {letter: Stage(stage) for stage, letter in LETTERS.items()}


def written(stages: Iterable[str]) -> str:
    """``stages`` as their letters, in the alphabet's order."""
    return "".join(sorted(LETTERS[stage] for stage in stages))


def read(letters: str) -> frozenset[Stage]:
    """The stages that ``letters`` stand for."""
    return frozenset(_BY_LETTER[letter] for letter in letters)
