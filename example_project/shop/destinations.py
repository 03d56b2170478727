"""Where a visitor's parcel would go, as far as it is known."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ecommerce_comms.snapshots import AddressSnapshot

KEY = "address"
HOME = "IN"


def details_of(request: HttpRequest) -> dict[str, Any]:
    """The contact and address that the visitor has written, if any."""
    return dict(request.session.get(KEY, {}))


def remember(request: HttpRequest, details: dict[str, Any]) -> None:
    """Keep what the visitor wrote until the order is placed."""
    request.session[KEY] = details


def destination_of(request: HttpRequest) -> AddressSnapshot:
    """The destination for which options are quoted: the shop's own country until the visitor names another."""
    details = details_of(request)
    return AddressSnapshot(country=details.get("country", HOME), region=details.get("region", ""),
                           city=details.get("city", ""), postcode=details.get("postcode", ""))
