"""The contract between a shop's own models and the app."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.checks import CheckMessage

from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import AdapterError
from ecommerce_comms.plugins import load
from ecommerce_comms.snapshots import OrderSnapshot, ParcelSnapshot


class OrderAdapter(ABC):
    """Reads a shop's orders. A shop subclasses it, or sets ``ORDER_FIELDS`` and uses ``FieldMapOrderAdapter``.

    Everything but ``snapshot`` has a default that suits most shops.
    """

    @abstractmethod
    def snapshot(self, order: Any) -> OrderSnapshot:
        """``order`` as frozen plain data. Called inside the shop's transaction: keep it to a query or two.

        Raise ``AdapterError`` (or anything else) if the order cannot be read: the fact is kept and read again later.
        """

    def reference(self, order: Any) -> str:
        """The order's key as text, without a query. Never raises."""
        return order if isinstance(order, str) else str(getattr(order, "pk", order))

    def parcel(self, parcel: Any) -> ParcelSnapshot:
        """``parcel`` as a snapshot: takes a ``ParcelSnapshot``, a dict of its fields or a reference."""
        if isinstance(parcel, ParcelSnapshot):
            return parcel
        if isinstance(parcel, dict):
            return ParcelSnapshot.from_json(parcel)
        if isinstance(parcel, (str, int)):
            return ParcelSnapshot(reference=str(parcel))
        raise AdapterError(
            f"A parcel of type {type(parcel).__name__} cannot be read; send a ParcelSnapshot or a dict of its fields, "
            f"or override {type(self).__name__}.parcel()."
        )

    def may_tell(self, name: str) -> bool:
        """Whether orders may tell ``name`` (as in ``ORDER_FIELDS``, such as ``customer.phone``); ``True`` where nobody can know."""
        return True

    def load(self, reference: str) -> Any | None:
        """The shop's order with this key, or ``None``. Lets a fact that could not be read be read again later."""
        return None

    def recent(self, since: datetime) -> Iterable[Any]:
        """Orders placed since ``since``; the sweep records the ones of which it never heard."""
        return ()

    def database(self, order: Any) -> str | None:
        """Alias of the database in whose transaction the shop changes ``order``; ``None`` if unknown."""
        state = getattr(order, "_state", None)
        return getattr(state, "db", None)

    def check(self) -> list[CheckMessage]:
        """What is wrong with the adapter's settings, as system check messages."""
        return []


def get_adapter() -> OrderAdapter:
    """The adapter that ``ECOMMERCE_COMMS["ORDER_ADAPTER"]`` names."""
    return load(conf.ORDER_ADAPTER, OrderAdapter, 'ECOMMERCE_COMMS["ORDER_ADAPTER"]')  # type: ignore[type-abstract]
