"""The accounts in ``CARRIER_WEBHOOKS``: who may tell of parcels, and what proves that it is them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from ecommerce_comms.conf import conf
from ecommerce_comms.plugins import load
from ecommerce_comms.shipping.carriers.base import Account, CarrierWebhook
from ecommerce_comms.zones import is_zone, zone

_BUILT_IN = "ecommerce_comms.shipping.carriers.providers."
PROVIDERS: dict[str, str] = {
    "aftership": _BUILT_IN + "aftership.AfterShip",
    "easypost": _BUILT_IN + "easypost.EasyPost",
    "shippo": _BUILT_IN + "shippo.Shippo",
    "karrio": _BUILT_IN + "karrio.Karrio",
    "plain": _BUILT_IN + "plain.Plain",
}
"""By the name that a setting may give instead of a dotted path."""
OPTIONS = ("provider", "secret", "time_zone", "site", "carrier")
SHORTEST = 16
"""Characters; a shorter secret can be guessed."""


def names() -> list[str]:
    """The accounts whose webhooks are open, which are also the last part of their addresses."""
    given: Any = conf.CARRIER_WEBHOOKS
    return [name for name in given if isinstance(name, str)] if isinstance(given, Mapping) else []


def account(name: str) -> Account:
    """The account called ``name``. Raises ``ImproperlyConfigured``, without a secret in its words, and ``KeyError`` if there is none."""
    given: Any = conf.CARRIER_WEBHOOKS[name]
    where = f'ECOMMERCE_COMMS["CARRIER_WEBHOOKS"]["{name}"]'
    if not isinstance(given, Mapping):
        raise ImproperlyConfigured(f"{where} is no dict.")
    if strange := [option for option in given if option not in OPTIONS]:
        raise ImproperlyConfigured(f"{where} has {strange[0]!r}, which means nothing; it may have {', '.join(OPTIONS)}.")
    provider = given.get("provider") or name
    zone_name = given.get("time_zone") or conf.time_zone
    if not isinstance(provider, str) or not is_zone(str(zone_name)):
        why = "there is no time zone of that name" if isinstance(provider, str) else "provider is no text"
        raise ImproperlyConfigured(f"{where}: {why}.")
    path = PROVIDERS.get(provider, provider)
    if "." not in path:
        close = difflib.get_close_matches(provider.lower(), PROVIDERS, n=1)
        raise ImproperlyConfigured(f"{where}: no provider {provider!r} is known.{f' Did you mean {close[0]!r}?' if close else ''}")
    return Account(
        name=name, provider=load(path, CarrierWebhook, where), secrets=secrets_of(given.get("secret")),  # type: ignore[type-abstract]
        zone=zone(str(zone_name)), site=str(given.get("site") or ""), carrier=str(given.get("carrier") or ""),
    )


def secrets_of(given: Any) -> tuple[str, ...]:
    """The secrets of an account; what is empty or no text is none."""
    several = given if isinstance(given, (list, tuple)) else [given]
    return tuple(secret for secret in several if isinstance(secret, str) and secret.strip())
