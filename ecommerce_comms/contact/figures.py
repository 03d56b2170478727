"""How the call list stands, for the index of the admin and for the health page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from ecommerce_comms.contact.models import CallbackRequest

State = CallbackRequest.State


@dataclass(frozen=True)
class CallFigures:
    """The call list at one moment."""

    due: int = 0
    """Items that are to be called now."""
    taken: int = 0
    later: int = 0
    missed: int = 0
    """Items that wait although an hour at which they should have been called has passed."""
    twice: int = 0
    """Those of them of which two hours or more have passed."""
    oldest_seconds: float = 0.0
    """How long ago the oldest of ``missed`` was put on the list."""

    @property
    def is_empty(self) -> bool:
        """Whether nobody is to be called at all."""
        return not (self.due or self.taken or self.later)


def collect(now: datetime) -> CallFigures:
    """The figures at ``now`` (aware), in one query."""
    waiting, late = Q(state=State.WAITING), Q(missed__gt=0) | Q(call_before__lte=now)
    number = {
        "due": waiting & Q(call_after__lte=now), "later": waiting & Q(call_after__gt=now), "taken": Q(state=State.TAKEN),
        "missed": waiting & late, "twice": waiting & (Q(missed__gt=1) | Q(missed=1, call_before__lte=now)),
    }
    counts = {f"number_{name}": Count("pk", filter=condition) for name, condition in number.items()}
    open_items = CallbackRequest.objects.filter(state__in=(State.WAITING, State.TAKEN))
    found = open_items.aggregate(oldest=Min("created_at", filter=waiting & late), **counts)
    oldest = found.pop("oldest")
    age = (now - oldest).total_seconds() if oldest else 0.0
    return CallFigures(**{name: found[f"number_{name}"] for name in number}, oldest_seconds=age)
