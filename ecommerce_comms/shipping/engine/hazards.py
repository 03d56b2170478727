"""Tables of hazards: the chance that a leg ends at an age, given that it lasted until then."""

from __future__ import annotations

from typing import Any

from ecommerce_comms.shipping.engine.numeric import need

CAP = 0.97


def root(risk: Any, seen: Any) -> Any:
    """Hazard by age of all parcels together: seen / at risk, with a trace of a pseudo-event for ages that nobody reached."""
    return need().minimum((seen + 0.02) / (risk + 1.0), CAP)


def shrunk(seen: Any, risk: Any, parent: Any, weight: float) -> Any:
    """Hazards of nodes (rows) by age, shrunk to ``parent`` as by ``weight`` further parcels at risk at each age."""
    return need().minimum((seen + weight * parent) / (risk + weight), CAP)


def falling(table: Any) -> Any:
    """The nearest table whose columns never rise from row to row: a later hour is never faster (pool adjacent violators)."""
    np = need()
    out = np.array(table)
    for column in range(out.shape[1]):
        pools: list[list[float]] = []
        for value in table[:, column].tolist():
            pools.append([value, 1])
            while len(pools) > 1 and pools[-2][0] < pools[-1][0]:
                value, count = pools.pop()
                pools[-1] = [(pools[-1][0] * pools[-1][1] + value * count) / (pools[-1][1] + count), pools[-1][1] + count]
        out[:, column] = np.concatenate([np.full(int(count), value) for value, count in pools])
    return out
