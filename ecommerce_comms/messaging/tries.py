"""The tries of one message, counted over all its lives: each time it was put into the queue again a new life began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ecommerce_comms.messaging.models import Attempt, Message


@dataclass(frozen=True, kw_only=True)
class Try:
    """One row of the story."""

    attempt: Attempt
    number: int = 0
    """Which try it was, counted from the first of all; 0 for no try."""
    is_first: bool = False
    """Another provider was asked in the same try after it."""
    is_next: bool = False
    """Another provider had been asked in the same try before it."""


@dataclass(frozen=True)
class Tries:
    """All that did not end with a plain yes, oldest first."""

    rows: Sequence[Try]
    before: int
    """How many tries there were before the message was put into the queue the last time."""
    number: int
    """How many there were in all, with the one that ended with a yes."""

    @property
    def last(self) -> Attempt | None:
        """The last one that did not end with a yes."""
        return next((one.attempt for one in reversed(self.rows) if one.number), None)


def of(message: Message) -> Tries:
    """The tries of ``message``; asks for nothing if its ``tries`` were fetched with it."""
    told = _once(sorted(message.tries.all(), key=lambda attempt: (attempt.ended_at, attempt.pk)))
    rows, before, top = [], 0, 0
    for index, attempt in enumerate(told):
        if attempt.outcome == Attempt.Outcome.AGAIN:
            before, top = before + top, 0
            rows.append(Try(attempt=attempt))
            continue
        if attempt.outcome == Attempt.Outcome.OWN_TEXT:
            rows.append(Try(attempt=attempt))
            continue
        top = max(top, attempt.number)
        is_first = _same_try(attempt, told[index + 1 : index + 2]) or (index + 1 == len(told) and _went_on(message, attempt))
        is_next = _same_try(attempt, told[max(0, index - 1) : index])
        rows.append(Try(attempt=attempt, number=before + attempt.number, is_first=is_first, is_next=is_next))
    return Tries(rows, before, before + (max(top, message.attempts) if message.sent_at else top))


def _once(told: Sequence[Attempt]) -> list[Attempt]:
    """Without rows that say the same of the same try as the row before them."""
    return [attempt for index, attempt in enumerate(told) if not index or _said(attempt) != _said(told[index - 1])]


def _said(attempt: Attempt) -> tuple[object, ...]:
    return attempt.number, attempt.provider, attempt.outcome, attempt.answer


def _same_try(attempt: Attempt, others: Sequence[Attempt]) -> bool:
    return any(other.number == attempt.number and other.provider != attempt.provider for other in others)


def _went_on(message: Message, attempt: Attempt) -> bool:
    """Whether the try ended with a yes of another provider."""
    is_same = attempt.number == message.attempts and attempt.provider != message.provider
    return bool(message.sent_at) and is_same and attempt.outcome == Attempt.Outcome.TRANSIENT
