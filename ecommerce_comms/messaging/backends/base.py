"""The contract of a message backend."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import PermanentDeliveryError
from ecommerce_comms.plugins import load


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One message to one recipient, ready to go."""

    recipient: str
    recipient_name: str
    subject: str
    text: str
    html: str
    short: str
    message_id: str
    """Without angle brackets; the same for every attempt."""
    kind: str
    language: str = ""
    order_number: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class MessageBackend(ABC):
    """Hands messages over. ``open``, then ``send`` for each, then ``close``: one connection for a batch.

    Subclasses implement ``send`` and, where there is a connection, ``open`` and ``close``.
    """

    def open(self) -> None:
        """Connect. Raises ``TransientDeliveryError`` when that fails."""

    def close(self) -> None:
        """Disconnect. Never raises."""

    @abstractmethod
    def send(self, message: Outgoing) -> None:
        """Hand ``message`` over; returning means that the other side accepted it.

        Raises ``TransientDeliveryError`` if trying later may help (``uncertain`` when it may have been accepted all the
        same) and ``PermanentDeliveryError`` if not.
        """


def get_backend(name: str) -> MessageBackend:
    """The backend that ``ECOMMERCE_COMMS["BACKENDS"][name]`` names."""
    try:
        path = conf.BACKENDS[name]
    except KeyError:
        raise PermanentDeliveryError(f'ECOMMERCE_COMMS["BACKENDS"] has no {name!r}.') from None
    return load(path, MessageBackend, f'ECOMMERCE_COMMS["BACKENDS"]["{name}"]')  # type: ignore[type-abstract]
