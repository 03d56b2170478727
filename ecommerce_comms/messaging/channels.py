"""The channels that a shop has: what each wants of a message, and what it sends to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ecommerce_comms.conf import conf
from ecommerce_comms.customers import phones
from ecommerce_comms.messaging import addresses
from ecommerce_comms.messaging.backends.base import get_backend


@dataclass(frozen=True, kw_only=True)
class Contact:
    """How one person can be reached."""

    email: str = ""
    phone: str = ""
    country: str = ""
    """ISO 3166 alpha-2 code of where the person lives, for a phone number without "+"; empty if unknown."""
    customer: str = ""
    """``Customer.key``, for channels that lead to an account or a conversation."""


def known() -> tuple[str, ...]:
    """The names of the channels in ``ECOMMERCE_COMMS["BACKENDS"]``."""
    return tuple(conf.BACKENDS)


def form_of(channel: str) -> str:
    """In which form ``channel`` wants a message; raises ``PermanentDeliveryError`` for a channel that there is not."""
    return get_backend(channel).form_for(channel)


def address_of(channel: str, contact: Contact) -> str:
    """Where ``channel`` reaches ``contact``; empty if it does not."""
    return usable(channel, getattr(contact, get_backend(channel).address_for(channel)), contact.country)


def usable(channel: str, address: str, country: str = "") -> str:
    """``address`` as ``channel`` takes it; empty if nothing can be sent to it. ``country``: as in ``Contact``."""
    return _USABLE[get_backend(channel).address_for(channel)](address, country)


_USABLE: dict[str, Callable[[str, str], str]] = {
    "email": lambda address, country: addresses.usable(address), "phone": phones.e164, "customer": lambda key, country: key,
}
