"""Where a merchant says how parcels travel, and reads what was promised and what was learnt."""

from __future__ import annotations

from ecommerce_comms.shipping.admin import days, declared, delays, houses, knowledge, promises, services, zones

__all__ = ["days", "declared", "delays", "houses", "knowledge", "promises", "services", "zones"]
