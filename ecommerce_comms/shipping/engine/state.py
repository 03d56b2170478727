"""State: everything that was learnt, as plain lists and numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from ecommerce_comms.exceptions import CommsError


class StateError(CommsError, ValueError):
    """This is not a state that the engine can read."""


@dataclass(slots=True)
class Stage:
    """One leg of the journey. It ends with ``rate(clock)``, and the clock of a shipment runs as fast as its day and its features."""

    nodes: list[tuple[str, dict[str, list[float]]]]
    """Events per day at each day of the clock, by feature and its key, from the whole to the particular.

    The last one that knows a shipment answers; where its days end, the one above goes on.
    """
    ratios: dict[str, dict[str, float]]
    """How many times faster than usual the clock runs, by feature and its key."""
    week: list[float]
    """How fast the clock runs, Monday to Sunday and on a closed day; 1 = the mean of a week."""
    hours: list[float]
    """What share of its first day an order has left, by the hour of the order. Empty if it has no say."""
    recent: dict[str, dict[str, float]]
    """How many times as much as expected happened lately, by feature and its key: place (the network), origin."""
    tail: float
    """Events per day later than all nodes tell."""
    lost: float
    """Share of the parcels that never end this leg."""
    counts: dict[str, dict[str, int]]
    """Parcels behind each key."""


@dataclass(slots=True)
class State:
    """What is known about handling and transit until a moment."""

    VERSION: ClassVar[int] = 2

    until: datetime
    """Nothing that happened later was looked at."""
    parcels: int
    """How many it was learnt from, open ones included."""
    handling: Stage | None = field(default=None, repr=False)
    transit: Stage | None = field(default=None, repr=False)
    cache: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    """What repeats between questions; never stored."""

    def to_json(self) -> dict[str, Any]:
        """For a JSON field; at most a megabyte for 30,000 parcels."""
        stages = {"handling": self.handling, "transit": self.transit}
        plain = {name: None if stage is None else asdict(stage) for name, stage in stages.items()}
        return {"version": self.VERSION, "until": self.until.isoformat(), "parcels": self.parcels, **plain}

    @classmethod
    def from_json(cls, data: Any) -> State:
        """The state that ``to_json`` gave; :class:`StateError` for anything else."""
        version = data.get("version") if isinstance(data, dict) else None
        if version != cls.VERSION:
            raise StateError(f"It has version {version!r}, this release reads {cls.VERSION}: learn anew.")
        try:
            handling, transit = (None if data[name] is None else Stage(**data[name]) for name in ("handling", "transit"))
            return cls(until=datetime.fromisoformat(data["until"]), parcels=int(data["parcels"]), handling=handling, transit=transit)
        except (KeyError, TypeError, ValueError) as error:
            raise StateError(f"{type(error).__name__}: {error}. Learn anew.") from error
