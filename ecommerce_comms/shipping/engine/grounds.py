"""Why so fast, or so slow: what sets a shipment apart from the usual one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecommerce_comms.shipping.engine import features
from ecommerce_comms.shipping.engine.serving import rates_of
from ecommerce_comms.shipping.engine.state import Stage, State
from ecommerce_comms.shipping.estimators.shipments import Shipment

WORTH_SAYING = 0.03
"""A factor nearer to 1 than this is no ground."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that makes a parcel faster or slower than usual."""

    kind: str
    """origin, lane, destination, carrier, service, weight, category, hour, weekday or network."""
    name: str
    """Which one: the seller, the region, the service."""
    factor: float
    """Above 1 = faster than usual."""
    parcels: int
    """How many it was learnt from."""


def grounds(state: State, shipment: Shipment, now: datetime) -> tuple[Ground, ...]:
    """What sets the shipment apart at ``now``, the strongest first. Handling is a ground only as long as it has not left."""
    handling, transit = state.handling, state.transit
    if handling is None or transit is None:
        return ()
    keys = features.of(shipment)
    found = _transit(transit, keys, shipment)
    if shipment.shipped_at is None or shipment.shipped_at > now:
        found += _handling(handling, keys, shipment)
    telling = [one for one in found if abs(one.factor - 1) >= WORTH_SAYING]
    return tuple(sorted(telling, key=lambda one: -max(one.factor, 1 / one.factor)))


def _handling(stage: Stage, keys: dict[str, str], shipment: Shipment) -> list[Ground]:
    hours = stage.hours
    hour = hours[shipment.ordered_at.hour] / (sum(hours) / len(hours)) if hours else 1.0
    parcels = stage.counts[""][""]
    weekday = sum(stage.week[(shipment.ordered_at.weekday() + day) % 7] for day in range(3)) / 3
    return [
        Ground("origin", shipment.origin, _against(stage, keys, "origin", ""), stage.counts["origin"].get(keys["origin"], 0)),
        Ground("category", shipment.category, stage.ratios["category"].get(keys["category"], 1.0), parcels),
        Ground("hour", f"{shipment.ordered_at:%H}:00", hour or 0.01, parcels),
        Ground("weekday", f"{shipment.ordered_at:%A}", weekday or 0.01, parcels),
    ]


def _transit(stage: Stage, keys: dict[str, str], shipment: Shipment) -> list[Ground]:
    whole = stage.counts[""][""]
    runs = stage.recent[""][""] * stage.recent["arrives"].get(keys["arrives"], 1.0)
    way = stage.ratios["way"].get(keys["way"], 1.0)
    lane = f"{shipment.origin_region} > {shipment.destination_region}"
    between = stage.counts["way>km>lane"].get(keys["way>km>lane"], 0)
    whereto = stage.ratios["arrives"].get(keys["arrives"], 1.0) * _against(stage, keys, "way>km>arrives", "")
    weight = "" if shipment.weight_kg is None else f"{shipment.weight_kg:g} kg"
    return [
        Ground("destination", shipment.destination_region, whereto, stage.counts["way>km>arrives"].get(keys["way>km>arrives"], 0)),
        Ground("lane", lane, _against(stage, keys, "way>km>lane", "way>km>arrives"), between),
        Ground("service" if shipment.service else "carrier", shipment.service or shipment.carrier, way, whole),
        Ground("weight", weight, stage.ratios["kg"].get(keys["kg"], 1.0), whole),
        Ground("network", shipment.carrier, runs, whole),
    ]


def _against(stage: Stage, keys: dict[str, str], feature: str, above: str) -> float:
    """Mean time of the node above / mean time of the node itself."""
    return _mean(rates_of(stage, keys, above)) / _mean(rates_of(stage, keys, feature))


def _mean(rates: list[float]) -> float:
    """Mean time on the clock: the sum of the share still open at each of its days."""
    open_, total = 1.0, 0.0
    for rate in rates:
        total += open_
        open_ /= 1.0 + rate
    return total
