"""Shrinkage: what few parcels say counts little, and what is above them stands in."""

from __future__ import annotations

from typing import Any

from ecommerce_comms.shipping.engine.numeric import need


def rates(seen: Any, risk: Any, parent: Any, weight: float) -> Any:
    """Events per day at risk of nodes (rows) by day of the clock, as if each had ``weight`` further days like its ``parent``."""
    return (seen + weight * parent) / (risk + weight)


def ratios(seen: Any, expected: Any, pseudo: float) -> Any:
    """Seen / expected with ``pseudo`` events more on both sides: the mean of a gamma posterior (Clayton & Kaldor 1987)."""
    return (seen + pseudo) / (expected + pseudo)


def falling(values: Any, weights: Any) -> Any:
    """The nearest row that never rises (pool adjacent violators, weighted)."""
    np = need()
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-2][0] < pools[-1][0]:
            right, left = pools.pop(), pools.pop()
            total = left[1] + right[1]
            pools.append(((left[0] * left[1] + right[0] * right[1]) / total, total, left[2] + right[2]))
    return np.concatenate([np.full(count, value) for value, _, count in pools])
