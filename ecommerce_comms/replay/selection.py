"""Which orders of a history are played."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ecommerce_comms.replay.history import PastOrder

_DAY = timedelta(days=1)
_TICK = timedelta.resolution


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Orders by the moment at which they were placed; the bounds belong to it."""

    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None

    def of(self, orders: Iterable[PastOrder]) -> list[PastOrder]:
        """Those of ``orders`` that are meant, the first ones if there is a limit."""
        found = sorted((order for order in orders if self._means(order)), key=lambda order: (order.ordered_at, order.order_id))
        return found[: self.limit]

    def _means(self, order: PastOrder) -> bool:
        return (self.since is None or order.ordered_at >= self.since) and (self.until is None or order.ordered_at <= self.until)


def first_moment(text: str, zone: ZoneInfo) -> datetime:
    """The moment, or the beginning of the day, that ``text`` names. Raises ``ValueError``."""
    return _moment(text, zone)[0]


def last_moment(text: str, zone: ZoneInfo) -> datetime:
    """The moment, or the end of the day, that ``text`` names. Raises ``ValueError``."""
    return _moment(text, zone)[1]


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The midnight that ends ``day``."""
    return datetime.combine(day + _DAY, time.min, zone)


def _moment(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return moment, moment
    return datetime.combine(day, time.min, zone), end_of_day(day, zone) - _TICK
