"""Opens and closes the spells of delays: rows that staff see, and that nobody overwrites."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from ecommerce_comms import keys
from ecommerce_comms.lookups import among
from ecommerce_comms.rows import insert_many
from ecommerce_comms.shipping.delays.stages import Stage
from ecommerce_comms.shipping.models import Lateness

Who = tuple[int, int | None]
"""Keys of an order and of its parcel; ``None``: what of it has not left."""


def spell(
    who: Who, stage: str, found_at: datetime, *, promise: int | None, chance: float | None = None, told_at: datetime | None = None,
    outage: int | None = None,
) -> Lateness:
    """A spell to be opened. A promise is missed once; of all else a new spell may begin on another day."""
    about = f"p{promise}" if stage == Stage.MISSED and promise else f"{found_at:%Y%m%d}"
    return Lateness.build(
        key=keys.make("late", who[0], who[1] or "-", stage, about), order_id=who[0], parcel_id=who[1], promise_id=promise, stage=stage,
        found_at=found_at, chance=chance, told_at=told_at, outage_id=outage,
    )


def begin(spells: Sequence[Lateness]) -> None:
    """Open spells; those that were opened already stay as they are."""
    insert_many(spells, unique="key")


def end(over: Mapping[Who, Collection[str]], at: datetime) -> None:
    """Close the open spells of these stages."""
    if not over:
        return
    standing = Lateness.objects.filter(among("order_id", {order for order, _parcel in over}), ended_at=None)
    rows = standing.values_list("pk", "order_id", "parcel_id", "stage")
    closed = {pk for pk, order, parcel, stage in rows if stage in over.get((order, parcel), ())}
    if closed:
        Lateness.objects.filter(among("id", closed), ended_at=None).update(ended_at=at)


def tell(told: Collection[Who], stages: Collection[str], at: datetime) -> None:
    """Note that the customers of these open spells were told."""
    if not told:
        return
    rows = Lateness.objects.filter(among("order_id", {order for order, _parcel in told}), ended_at=None, told_at=None, stage__in=stages)
    mine = {pk for pk, order, parcel in rows.values_list("pk", "order_id", "parcel_id") if (order, parcel) in told}
    if mine:
        Lateness.objects.filter(among("id", mine)).update(told_at=at)
