"""What is known, in figures for a merchant: how long parcels took, by where they left, where they went and who brought them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict

from ecommerce_comms.shipping.estimators.shipments import Shipment

DAYS = 90
MOST = 20
"""So many places, and carriers, are told: those with most parcels."""


class Row(TypedDict):
    """Days that one stage took for the parcels of one place or carrier."""

    name: str
    parcels: int
    half: int
    """Half of them took so many days at most."""
    most: int
    """Nine of ten took so many days at most."""


def gather(shipments: Sequence[Shipment], until: datetime) -> dict[str, Any]:
    """The rows ``origins`` (order to departure), ``lanes`` and ``carriers`` (departure to arrival), of what ended in the last 90 days.

    Besides ``services``, how many parcels ever arrived by each option, and ``open``, how many are under way or waiting.
    """
    since = until - timedelta(days=DAYS)
    left = [each for each in shipments if each.shipped_at and each.shipped_at > since]
    came = [each for each in shipments if each.delivered_at and each.delivered_at > since]
    return {
        "origins": _rows((each.origin, _days(each.ordered_at, each.shipped_at)) for each in left),
        "lanes": _rows((f"{each.origin} → {_there(each)}".strip(" →"), _days(each.shipped_at, each.delivered_at)) for each in came),
        "carriers": _rows((each.carrier, _days(each.shipped_at, each.delivered_at)) for each in came),
        "services": dict(Counter(each.service for each in shipments if each.delivered_at)),
        "open": sum(each.delivered_at is None and each.cancelled_at is None for each in shipments),
    }


def _there(shipment: Shipment) -> str:
    return " ".join(part for part in (shipment.destination_country, shipment.destination_region.upper()) if part)


def _days(start: datetime | None, end: datetime | None) -> int:
    return max(0, (end.date() - start.date()).days) if start and end else 0


def _rows(took: Iterable[tuple[str, int]]) -> list[Row]:
    groups: dict[str, list[int]] = defaultdict(list)
    for name, days in took:
        groups[name].append(days)
    largest = sorted(groups.items(), key=lambda group: -len(group[1]))[:MOST]
    return [_row(name, sorted(days)) for name, days in largest]


def _row(name: str, days: list[int]) -> Row:
    """``days`` in ascending order."""
    return {"name": name, "parcels": len(days), "half": days[(len(days) - 1) // 2], "most": days[-(-len(days) * 9 // 10) - 1]}
