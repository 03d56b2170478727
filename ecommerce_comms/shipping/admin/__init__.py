"""Where a merchant says how parcels travel, and reads what was promised."""

from __future__ import annotations

from ecommerce_comms.shipping.admin import days, houses, promises, services, zones

__all__ = ["days", "houses", "promises", "services", "zones"]
