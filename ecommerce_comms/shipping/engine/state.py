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
    """One leg of the journey: chances of ending it at each age, and what makes that faster or slower."""

    nodes: list[tuple[str, dict[str, list[float]]]]
    """Hazard per age, by feature and its key, from the whole to the particular; the last one that knows a shipment answers."""
    ratios: dict[str, dict[str, float]]
    """How many times faster than usual, by feature and its key."""
    week: list[float]
    """Monday to Sunday, then a closed day: how many times as much happens as on a usual day."""
    hours: list[list[float]]
    """For each hour of the order: how many times faster on its day, the next, the one after that, later. Empty if it has no say."""
    network: dict[str, float]
    """How fast it runs these days, by place."""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Parcels behind each key."""
    lost: float = 0.0
    """Share of the parcels that never end this leg."""


@dataclass(slots=True)
class State:
    """What is known about handling and transit until a moment."""

    VERSION: ClassVar[int] = 1

    until: datetime
    """Nothing that happened later was looked at."""
    parcels: int
    """How many it was learnt from, open ones included."""
    handling: Stage | None = None
    transit: Stage | None = None
    cache: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    """What repeats between questions; never stored."""

    def to_json(self) -> dict[str, Any]:
        """For a JSON field; at most a megabyte for 30,000 parcels."""
        stages = {name: None if stage is None else asdict(stage) for name, stage in (("handling", self.handling), ("transit", self.transit))}
        return {"version": self.VERSION, "until": self.until.isoformat(), "parcels": self.parcels, **stages}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> State:
        """The state that ``to_json`` gave; :class:`StateError` for anything else."""
        version = data.get("version") if isinstance(data, dict) else None
        if version != cls.VERSION:
            raise StateError(f"It has version {version!r}, this release reads {cls.VERSION}: learn anew.")
        try:
            stages = {name: None if data[name] is None else Stage(**data[name]) for name in ("handling", "transit")}
            return cls(until=datetime.fromisoformat(data["until"]), parcels=int(data["parcels"]), **stages)
        except (KeyError, TypeError, ValueError) as error:
            raise StateError(f"{type(error).__name__}: {error}. Learn anew.") from error
