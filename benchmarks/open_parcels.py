"""Open parcels by the million: made in the database, as many shops of one size would have them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

from django.db import connection
from django.db.models import Model

from ecommerce_comms.models import Knowledge, Order, Parcel, Promise, Service, Tracking, Warehouse, Watch
from ecommerce_comms.shipping import engine
from ecommerce_comms.shipping.delays import lanes, rounds
from ecommerce_comms.shipping.estimators.shipments import Shipment
from ecommerce_comms.shipping.policy import POLICIES

NOW = datetime(2026, 3, 12, 6, 0, tzinfo=timezone.utc)
"""A Thursday."""
STATES = {"SP": 300, "RJ": 150, "MG": 140, "RS": 80, "PR": 70, "BA": 60, "SC": 50, "PE": 40, "CE": 35, "PA": 20, "AM": 10, "MA": 12}
"""Regions of destination and how often they are chosen; the later ones are farther."""
CARRIERS = ("correios", "jadlog", "total")
ZONE = "America/Sao_Paulo"
WEIGHTS = ("0", "2", "4")
CATEGORIES = ("toys", "books", "garden", "health", "sports")
_DAY = timedelta(days=1)
_random = random.Random(11)


def make(parcels: int, history: int) -> int:
    """Learn, make so many parcels and what belongs to them; returns in how many situations they are."""
    Warehouse.objects.create(name="Depot", code="depot", country="BR", region="SP", time_zone=ZONE, handling_days_max=2)
    for carrier in CARRIERS:
        Service.objects.create(code=carrier, name=carrier.title())
    state = _learn(history)
    situations = list(_situations(state))
    _store(situations)
    _insert(parcels, len(situations))
    return len(situations)


def _learn(history: int) -> engine.State:
    """Deliveries of the last 120 days, taken in as the night would."""
    shipments = [_delivered() for _number in range(history)]
    state = engine.learn(shipments, NOW)
    services = {carrier: history // len(CARRIERS) for carrier in CARRIERS}
    Knowledge.objects.create(learnt_at=NOW, until=NOW, parcels=history, version=engine.State.VERSION, state=state.to_json(),
                             figures={"services": services})
    return engine.State.from_json(state.to_json())


def _delivered() -> Shipment:
    region = _random.choices(list(STATES), list(STATES.values()))[0]
    ordered = NOW - timedelta(days=_random.uniform(1, 120))
    shipped = ordered + timedelta(days=_random.gammavariate(2, 0.8))
    delivered = shipped + timedelta(days=2 + _random.gammavariate(2, 1 + list(STATES).index(region) * 0.3))
    return _shipment(region, f"{list(STATES).index(region)}{_random.randrange(10)}", _random.choice(CARRIERS), ordered,
                     shipped if shipped < NOW else None, delivered if delivered < NOW else None)


def _shipment(
    region: str, postcode: str, carrier: str, ordered: datetime, shipped: datetime | None = None, delivered: datetime | None = None,
) -> Shipment:
    return Shipment(
        ordered_at=ordered, shipped_at=shipped, delivered_at=delivered, origin="depot", origin_country="br", origin_region="sp",
        destination_country="br", destination_region=region.lower(), destination_postcode=postcode, carrier=carrier, service=carrier,
        weight_kg=_random.choice((1.0, 4.0, 16.0)), category=_random.choice(CATEGORIES),
    )


Row = tuple[Any, ...]


def _situations(state: engine.State) -> Iterator[Row]:
    """Lane, place, carrier, days of order and shipping, promise, and how many parcels of a hundred thousand are in it."""
    for region, share in STATES.items():
        for digit in range(10):
            postcode = f"{list(STATES).index(region)}{digit}"[:2]
            for carrier in CARRIERS:
                yield from _of_lane(state, region, postcode, carrier, share)


def _of_lane(state: engine.State, region: str, postcode: str, carrier: str, share: int) -> Iterator[Row]:
    for age in range(26):
        ordered = NOW - age * _DAY
        arrival = engine.arrival(state, _shipment(region, postcode, carrier, ordered), ordered)
        due = arrival.quantile(0.9) if arrival else None
        if arrival is None or due is None:
            continue
        open_share = arrival.chance_after(NOW.date() - _DAY)
        due = max(due, (NOW + _DAY).date())
        for waited in (0, 1, 2, 3):
            shipped = None if waited > age else ordered + waited * _DAY
            for weight in WEIGHTS:
                for category in ("",) if shipped else CATEGORIES:
                    often = share * open_share * (1.0 if shipped else 0.3) / len(WEIGHTS)
                    before = _known_yesterday(state, _shipment(region, postcode, carrier, ordered, shipped), due)
                    yield _row(region, postcode, carrier, weight, category, ordered, shipped, due, before, often)


def _known_yesterday(state: engine.State, shipment: Shipment, due: date) -> float:
    """The chance as it was kept on the day before: most parcels are judged on many days, and told late on one of them."""
    then = NOW - _DAY
    if shipment.ordered_at > then:
        return 0.0
    arrival = engine.arrival(state, shipment, then)
    return rounds.rounded(arrival.chance_after(due)) if arrival else 0.0


def _row(
    region: str, postcode: str, carrier: str, weight: str, category: str, ordered: datetime, shipped: datetime | None, due: date,
    before: float, often: float,
) -> Row:
    lane = "|".join(("depot", "BR", region, postcode, "", carrier, carrier if shipped else "", weight, category))
    place = f"br/{region.lower()}"
    return (lane, place, carrier if shipped else "", region, postcode, carrier, ordered, shipped, due,
            lanes.situation_of(lane, ZONE, ordered, shipped, due), before,
            POLICIES["default"].speaks(before, (due - NOW.date()).days + 1), often)


def _store(situations: list[Row]) -> None:
    """With the parcels numbered through, so that each number finds its situation."""
    total = sum(row[-1] for row in situations)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench (lane text, place text, carrier text, region text, postcode text, service text, "
                       "ordered timestamptz, shipped timestamptz, due date, situation bigint, chance float8, told bool, "
                       "low float8, high float8)")
        low = 0.0
        with cursor.cursor.copy("COPY bench FROM STDIN") as copy:
            for *row, often in situations:
                copy.write_row((*row, low, low + often / total))
                low += often / total
        cursor.execute("CREATE INDEX ON bench (low)")
        cursor.execute("ANALYZE bench")


def _insert(parcels: int, situations: int) -> None:
    """The parcels and all that belongs to them, one statement a table."""
    numbers = f"generate_series(1, ceil((b.high - b.low) * {parcels} + random() - 0.5)::int)"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE picked AS SELECT row_number() OVER () AS id, b.* FROM bench b CROSS JOIN {numbers} LIMIT {parcels}")
    _fill_all()


def _fill_all() -> None:
    """What belongs to the picked ones, table by table."""
    snapshot = ("jsonb_build_object('reference', 'O' || id, 'shipping_option', service, 'customer', jsonb_build_object("
                "'email', 'c' || id || '@customers.example', 'first_name', 'Ana'), 'address', jsonb_build_object('country', 'BR',"
                " 'region', region, 'postcode', postcode || '000'), 'lines', jsonb_build_array(jsonb_build_object('sku', 'mug',"
                " 'title', 'Mug', 'origin', 'depot')))")
    common = {"id": "id"}
    _fill(Order, common | {"key": "'o' || id", "reference": "'O' || id", "number": "'O' || id", "language": "'en'",
                           "time_zone": f"'{ZONE}'", "snapshot": snapshot, "snapshot_at": "ordered", "placed_at": "ordered",
                           "status": "CASE WHEN shipped IS NULL THEN 'placed' ELSE 'shipped' END"})
    _fill(Parcel, common | {"order_id": "id", "key": "'o' || id || ':1'", "reference": "'1'", "carrier": "carrier", "service": "service",
                            "status": "'shipped'", "shipped_at": "shipped"}, "shipped IS NOT NULL")
    parcel = "CASE WHEN shipped IS NULL THEN NULL ELSE id END"
    _fill(Promise, common | {"order_id": "id", "parcel_id": parcel, "earliest": "due - 4", "latest": "due", "source": "'history'",
                             "made_at": "coalesce(shipped, ordered)", "overdue_at": "(due + 1)::timestamptz"})
    _fill(Tracking, common | {"parcel_id": "id", "status": "'in_transit'", "status_at": "shipped",
                              "scanned_at": "greatest(shipped, timestamptz '2026-03-12 05:00Z' - random() * interval '40 hours')"},
          "shipped IS NOT NULL AND id % 50 <> 0")
    _fill(Watch, common | {"key": "id || ':' || coalesce(nullif(1, (shipped IS NULL)::int)::text, '-')", "order_id": "id",
                           "parcel_id": parcel, "promise_id": "id", "due_on": "due", "lane": "lane", "carrier": "carrier",
                           "place": "place", "zone": f"'{ZONE}'", "ordered_at": "ordered", "since": "ordered",
                           "shipped_at": "shipped", "situation": "situation", "look_at": "(due + 1)::timestamptz", "chance": "chance",
                           "told": "told::int", "is_told": "told", "stages": "CASE WHEN told THEN 'w' ELSE '' END"})
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE picked")
        cursor.execute("VACUUM ANALYZE")


def _fill(model: type[Model], values: dict[str, str], condition: str = "true") -> None:
    """Insert a row for each that was picked; what is not given has the field's default."""
    names, places = [], []
    for field in model._meta.concrete_fields:
        column = str(field.column)
        default = field.get_default() if field.has_default() else "" if not field.null else None
        names.append(f'"{column}"')
        places.append(values.get(column) or _literal(field.get_db_prep_save(default, connection) if default is not None else None))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) SELECT {', '.join(places)} FROM picked WHERE {condition}")
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), max(id)) FROM {model._meta.db_table}")


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value)
    text = "{}" if type(value).__name__ == "Jsonb" and not value.obj else str(getattr(value, "obj", value))
    return "'" + text.replace("'", "''") + "'"
