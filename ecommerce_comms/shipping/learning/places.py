"""What the set-up tells of the names in orders: the warehouse behind a code, the carrier behind a shipping option."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from ecommerce_comms.shipping.learning import cargo
from ecommerce_comms.shipping.models import Warehouse
from ecommerce_comms.shipping.tables import Tables


class Places:
    """Looks names up in the merchant's tables, each once."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._origins: dict[str, dict[str, Any]] = {}
        self._carriers: dict[tuple[str, str], str] = {}

    def origin(self, code: str) -> dict[str, Any]:
        """The fields of a ``Shipment`` that tell from where it leaves. A seller who has no warehouse of that code is near the usual one."""
        if code not in self._origins:
            self._origins[code] = self._origin(code, self.tables.warehouse_named(code))
        return self._origins[code]

    def carrier(self, name: str, service: str) -> str:
        """One name for a carrier, whatever the shop or the carrier call it; the option's own carrier where ``name`` is empty."""
        key = (name, service)
        if key not in self._carriers:
            word = cargo.name(name) or self._by_service.get(cargo.name(service), "")
            self._carriers[key] = self._known_as.get(word, word)
        return self._carriers[key]

    def _origin(self, code: str, house: Warehouse | None) -> dict[str, Any]:
        if house is None:
            return {"origin": cargo.name(code)}
        own = cargo.name(code) in ("", cargo.name(house.code), cargo.name(house.name))
        return {
            "origin": cargo.name(house.code if own else code), "origin_country": cargo.country(house.country),
            "origin_region": cargo.region(house.country, house.region), "origin_postcode": cargo.postcode(house.postcode),
            "origin_point": cargo.point(house.latitude, house.longitude) if own else None,
        }

    @cached_property
    def _by_service(self) -> dict[str, str]:
        services = self.tables.services.values()
        return {cargo.name(service.code): cargo.name(service.carrier.code) for service in services if service.carrier}

    @cached_property
    def _known_as(self) -> dict[str, str]:
        carriers = {service.carrier for service in self.tables.services.values() if service.carrier}
        return {word: cargo.name(carrier.code) for carrier in carriers for word in carrier.known_as}
