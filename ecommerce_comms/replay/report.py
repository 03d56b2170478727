"""What stands in the database about the orders that were played."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Count

from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.models import Order, OrderEvent
from ecommerce_comms.replay.history import PastOrder
from ecommerce_comms.replay.plan import order_keys
from ecommerce_comms.shipping.models import Promise

_KEPT = {True: "kept", False: "missed"}


@dataclass(kw_only=True)
class Report:
    """Counts of a replay; every number but the last three is read from the database."""

    orders: int = 0
    events: dict[str, int] = field(default_factory=dict)
    messages: dict[str, dict[str, int]] = field(default_factory=dict)
    promises: dict[str, int] = field(default_factory=lambda: {"kept": 0, "missed": 0})
    """Of the dates that were promised when the orders were placed."""
    bad_rows: int = 0
    seconds: float = 0.0
    orders_per_second: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The report for people."""
        total = sum(sum(states.values()) for states in self.messages.values())
        messages = {kind: ", ".join(f"{count:,} {state}" for state, count in states.items()) for kind, states in self.messages.items()}
        return [
            f"{self.orders:,} orders · {sum(self.events.values()):,} events · {total:,} messages",
            *_table("Events", self.events),
            *_table("Messages", messages),
            *_table("Promises", self.promises),
            f"{self.bad_rows:,} rows could not be played. {self.seconds:,.1f} seconds, {self.orders_per_second:,.1f} orders a second.",
        ]


def report(orders: Sequence[PastOrder], *, bad_rows: int, seconds: float) -> Report:
    """The report about ``orders``."""
    stored, kinds, states, kept = 0, Counter[str](), Counter[tuple[str, str]](), Counter[str]()
    for some in order_keys(orders):
        stored += Order.objects.filter(key__in=some).count()
        kinds.update(_counts(OrderEvent.objects.filter(order_key__in=some).values_list("kind").annotate(Count("pk"))))
        states.update({(kind, state): count for kind, state, count in
                       Message.objects.filter(order__key__in=some).values_list("kind", "state").annotate(Count("pk"))})
        first = Promise.objects.filter(order__key__in=some, parcel=None, revision=0, kept__isnull=False)
        kept.update({_KEPT[was_kept]: count for was_kept, count in first.values_list("kept").annotate(Count("pk"))})
    return Report(
        orders=stored,
        events=dict(sorted(kinds.items())),
        messages=_by_kind(states),
        promises={name: kept[name] for name in _KEPT.values()},
        bad_rows=bad_rows,
        seconds=round(seconds, 3),
        orders_per_second=round(len(orders) / seconds, 1) if seconds else 0.0,
    )


def _counts(rows: Iterable[Any]) -> dict[str, int]:
    return dict(rows)


def _by_kind(states: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (kind, state), count in sorted(states.items()):
        found.setdefault(kind, {})[state] = count
    return found


def _table(title: str, rows: dict[str, Any]) -> list[str]:
    return [title, *(f"  {name:<26}{value:,}" if isinstance(value, int) else f"  {name:<26}{value}" for name, value in rows.items())]
