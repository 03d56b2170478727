"""Plausible histories: a few lanes with a pace of their own, nothing delivered on Sundays, a bad fortnight; always the same."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from random import Random

from ecommerce_comms.backtest.walk import as_known
from ecommerce_comms.shipping.estimators.shipments import Shipment

SAO_PAULO = timezone(timedelta(hours=-3))
START = datetime(2023, 1, 2, tzinfo=SAO_PAULO)
LANES = {("SP", "SP"): (2, 0.45), ("SP", "BA"): (6, 0.25), ("PR", "SP"): (4, 0.35), ("PR", "AM"): (10, 0.2)}
"""Days that a lane needs at least, and the chance of each day after that."""
COLUMNS = (
    "order_id", "ordered_at", "shipped_at", "delivered_at", "promised_by", "status", "seller_id", "origin_region", "destination_region",
    "destination_postcode", "items", "value", "freight", "currency", "weight_kg", "category",
)
Row = dict[str, str]


def history(orders: int = 600, days: int = 120, *, seed: int = 7, start: datetime = START) -> list[Row]:
    """``orders`` rows over ``days`` days, all that happened to them included."""
    random = Random(seed)
    moments = sorted(start + timedelta(days=random.random() * days) for _ in range(orders))
    return [_row(number, moment, random, start) for number, moment in enumerate(moments)]


def _row(number: int, ordered_at: datetime, random: Random, start: datetime) -> Row:
    (origin, destination), (least, pace) = random.choice(list(LANES.items()))
    bad = 50 <= (ordered_at - start).days < 64
    shipped_at = _open(ordered_at + timedelta(hours=random.choice((6, 20, 30, 54)) + 48 * bad))
    travel = least + _waits(random, pace)
    delivered_at = _open(shipped_at + timedelta(days=travel))
    return {
        "order_id": f"o{number}",
        "ordered_at": ordered_at.isoformat(timespec="seconds"),
        "shipped_at": shipped_at.isoformat(timespec="seconds"),
        "delivered_at": "" if number % 97 == 13 else delivered_at.isoformat(timespec="seconds"),
        "promised_by": (ordered_at.date() + timedelta(days=least + 7)).isoformat(),
        "status": "shipped" if number % 97 == 13 else "delivered",
        "seller_id": f"seller {origin}",
        "origin_region": origin,
        "destination_region": destination,
        "destination_postcode": f"{10000 + number % 9}",
        "items": "1",
        "value": f"{20 + number % 80}.00",
        "freight": "9.90",
        "currency": "BRL",
        "weight_kg": "0.8",
        "category": ("toys", "books")[number % 2],
    }


def _waits(random: Random, pace: float) -> int:
    days = 0
    while random.random() > pace and days < 25:
        days += 1
    return days


def _open(moment: datetime) -> datetime:
    """``moment``, or a day later if nothing moves on it."""
    return moment + timedelta(days=1) if moment.isoweekday() == 7 else moment


def as_of(rows: Iterable[Row], day: date) -> list[Row]:
    """``rows`` as a shop would have had them when ``day`` began: later orders missing, later facts empty."""
    def before(cell: str) -> str:
        return cell if cell and datetime.fromisoformat(cell).date() < day else ""

    return [{**row, "shipped_at": before(row["shipped_at"]), "delivered_at": before(row["delivered_at"])}
            for row in rows if before(row["ordered_at"])]


def known(parcels: Iterable[Shipment], moment: datetime) -> list[Shipment]:
    """Those of ``parcels`` that were ordered before ``moment``, as they were known then."""
    return [as_known(parcel, moment) for parcel in parcels if parcel.ordered_at < moment]


def text(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> str:
    """``rows`` as CSV with ``columns`` only."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(path: Path, rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> Path:
    """Write ``rows`` to ``path``, in gzip if its name says so."""
    data = text(rows, columns).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path
