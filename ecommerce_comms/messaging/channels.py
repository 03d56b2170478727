"""The channels that a shop has: what each wants of a message, and what it sends to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ecommerce_comms.conf import conf
from ecommerce_comms.customers import choices, phones
from ecommerce_comms.messaging import addresses
from ecommerce_comms.messaging.backends.base import get_backend

EMAIL = "email"


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


def are_many() -> bool:
    """Whether there is any choice at all; with one channel nobody has to be asked what customers chose."""
    return len(conf.BACKENDS) > 1


def in_words(channel: str) -> str:
    """A channel as merchants read it."""
    return choices.in_words(channel)


def form_of(channel: str) -> str:
    """In which form ``channel`` wants a message; raises ``PermanentDeliveryError`` for a channel that there is not."""
    return get_backend(channel).form_for(channel)


def is_mail(channel: str) -> bool:
    """Whether ``channel`` takes e-mails; one that is no longer there is judged by its name."""
    return form_of(channel) == EMAIL if channel in conf.BACKENDS else channel == EMAIL


def address_of(channel: str, contact: Contact) -> str:
    """Where ``channel`` reaches ``contact``; empty if it does not."""
    return usable(channel, raw_address_of(channel, contact), contact.country)


def raw_address_of(channel: str, contact: Contact) -> str:
    """What ``contact`` has for ``channel``, as it was written; empty for a channel that there is not."""
    if channel not in conf.BACKENDS:
        return ""
    return str(getattr(contact, get_backend(channel).address_for(channel)))


def route(channels: Iterable[str], contact: Contact) -> tuple[str, str] | None:
    """The first of ``channels`` that reaches ``contact``, and its address there; ``None`` if none does."""
    return next(((channel, address) for channel in channels if (address := address_of(channel, contact))), None)


def usable(channel: str, address: str, country: str = "") -> str:
    """``address`` as ``channel`` takes it; empty if nothing can be sent to it, or if there is no such channel any more.

    ``country`` is that of ``Contact``.
    """
    if channel not in conf.BACKENDS:
        return ""
    return _USABLE[get_backend(channel).address_for(channel)](address, country)


_USABLE: dict[str, Callable[[str, str], str]] = {
    "email": lambda address, _country: addresses.usable(address), "phone": phones.e164, "customer": lambda key, _country: key,
}
