"""Small histories for the tests."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable
from pathlib import Path

from ecommerce_comms.replay.history import READERS

ROW = {
    "order_id": "a1",
    "customer_id": "c1",
    "ordered_at": "2018-01-08T10:00:00-02:00",
    "paid_at": "2018-01-08T10:15:00-02:00",
    "shipped_at": "2018-01-09T16:00:00-02:00",
    "delivered_at": "2018-01-12T23:30:00-02:00",
    "promised_by": "2018-01-12",
    "status": "delivered",
    "destination_postcode": "01310",
    "destination_city": "sao paulo",
    "destination_region": "SP",
    "items": "2",
    "value": "90.50",
    "freight": "9.50",
    "currency": "BRL",
    "category": "garden_tools",
}
assert list(ROW) == list(READERS)


def row(**cells: str) -> dict[str, str]:
    """A row of an order that was delivered on the last promised day, but for ``cells``."""
    return {**ROW, **cells}


def text(rows: Iterable[dict[str, str]], columns: Iterable[str] = ()) -> str:
    """``rows`` as CSV."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*ROW, *columns], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(path: Path, rows: Iterable[dict[str, str]], columns: Iterable[str] = ()) -> Path:
    """Write ``rows`` to ``path``, in gzip if its name says so."""
    data = text(rows, columns).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path
