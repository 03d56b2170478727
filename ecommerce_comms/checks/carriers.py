"""System checks of the ways on which carriers tell of parcels."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from ecommerce_comms.shipping.carriers import accounts, polling

_HINT = 'Write {"%s": {"provider": "aftership", "secret": "the secret that it shows"}}; providers: ' + ", ".join(accounts.PROVIDERS) + "."


def check_carriers(**_arguments: Any) -> list[CheckMessage]:
    """E021: a carrier's webhook that cannot work. E022: one without a secret. W014: a secret that can be guessed. E023: a poller."""
    found = [message for name in accounts.names() for message in _webhook(name)]
    try:
        polling.pollers()
    except ImproperlyConfigured as error:
        found.append(Error(str(error), hint="Give the dotted path of a class that inherits from CarrierPoller.", id="ecommerce_comms.E023"))
    return found


def _webhook(name: str) -> list[CheckMessage]:
    try:
        account = accounts.account(name)
    except ImproperlyConfigured as error:
        return [Error(str(error), hint=_HINT % name, id="ecommerce_comms.E021")]
    if not account.secrets:
        return [Error(f"The carrier webhook {name!r} has no secret: it refuses everything, for anybody could report deliveries.",
                      hint=f'Set ECOMMERCE_COMMS["CARRIER_WEBHOOKS"]["{name}"]["secret"] to the one that the provider shows.',
                      id="ecommerce_comms.E022")]
    if min(map(len, account.secrets)) < accounts.SHORTEST:
        return [Warning(f"A secret of the carrier webhook {name!r} has fewer than {accounts.SHORTEST} characters and could be guessed.",
                        hint="Make a long one, such as secrets.token_urlsafe(32) gives, there and here.", id="ecommerce_comms.W014")]
    return []
