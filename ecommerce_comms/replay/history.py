"""A history of orders as it is played: one row an order and its whole life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ecommerce_comms.exceptions import BadRow
from ecommerce_comms.histories import cells, files
from ecommerce_comms.histories.files import BadLine


@dataclass(frozen=True, kw_only=True, slots=True)
class PastOrder:
    """One row of the history: an order and its whole life."""

    order_id: str
    customer_id: str
    ordered_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    promised_by: date | None
    status: str
    destination_postcode: str
    destination_city: str
    destination_region: str
    items: int
    value: Decimal | None
    freight: Decimal | None
    currency: str
    category: str
    email: str = ""
    phone: str = ""
    language: str = ""
    first_name: str = ""
    last_name: str = ""


READERS: dict[str, Callable[[str], Any]] = {
    "order_id": cells.reference,
    "customer_id": cells.reference,
    "ordered_at": cells.moment,
    "paid_at": cells.moment_or_none,
    "shipped_at": cells.moment_or_none,
    "delivered_at": cells.moment_or_none,
    "promised_by": cells.day_or_none,
    "status": cells.status,
    "destination_postcode": cells.text,
    "destination_city": cells.text,
    "destination_region": cells.text,
    "items": cells.count,
    "value": cells.money_or_none,
    "freight": cells.money_or_none,
    "currency": cells.currency,
    "category": cells.text,
}
"""The columns that a history must have. Others are ignored, but for these:"""

OPTIONAL_READERS: dict[str, Callable[[str], Any]] = dict.fromkeys(("email", "phone", "language", "first_name", "last_name"), cells.text)
_ALL_READERS = {**READERS, **OPTIONAL_READERS}


@dataclass
class History:
    """What was read from a file."""

    orders: list[PastOrder] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)


def read(path: Path) -> History:
    """The history in the file at ``path``, plain or gzipped. Raises ``HistoryError`` if there is none in it."""
    history, seen = History(), set[str]()

    def take(row: files.Named) -> None:
        order = PastOrder(**row)
        if order.order_id in seen:
            raise BadRow(f"order_id {cells.shown(order.order_id)} stands in the file twice")
        seen.add(order.order_id)
        history.orders.append(order)

    history.bad = files.read(path, READERS, _ALL_READERS, take)
    return history
