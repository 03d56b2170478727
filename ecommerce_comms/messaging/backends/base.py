"""The contract of a message backend."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.functional import Promise

from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import PermanentDeliveryError
from ecommerce_comms.plugins import load


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    content_type: str
    """With its parameters: ``text/calendar; charset=utf-8; method=PUBLISH``."""
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One message to one recipient, ready to go."""

    recipient: str
    recipient_name: str
    subject: str
    text: str = ""
    """For form ``email``: the letter in plain text. For ``phone``: the script of the call."""
    html: str = ""
    """For form ``email``."""
    short: str = ""
    """One line. For ``sms``: the text message; for ``chat``: the line in the conversation, in which links are addresses."""
    script: dict[str, Any] = field(default_factory=dict)
    """For ``phone``: the script part by part (``speaking.script.Script.to_json``)."""
    message_id: str
    """Without angle brackets; the same for every attempt."""
    kind: str
    language: str = ""
    order_number: str = ""
    purpose: str = "transactional"
    key: str = ""
    """Distinct for distinct messages and the same for every attempt: a provider's idempotency key, and our mark in its metadata."""
    headers: dict[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the other side said when it accepted a message."""

    provider_message_id: str = ""
    answer: str = ""


@dataclass(frozen=True, kw_only=True)
class Route:
    """A way out: a provider by its name, how it is spoken to, and how much it takes."""

    name: str
    backend: MessageBackend
    rate: tuple[int, float] | None = None
    """At most so many messages in so many seconds."""
    key_seconds: float = 0.0
    """For so many seconds it drops a repetition by its ``key``, so that a message of unknown fate may be repeated there."""


class MessageBackend(ABC):
    """Hands messages over. ``open``, then ``send`` for each, then ``close``: one connection for a batch.

    Subclasses implement ``send`` and, where there is a connection, ``open`` and ``close``.
    """

    form: ClassVar[str] = "email"
    """In which form it wants a message: ``email``, ``sms``, ``chat`` or ``phone`` (``speaking.forms.FORMS``)."""
    address: ClassVar[str] = "email"
    """What it sends to: ``email``, ``phone`` (a number in E.164) or ``customer`` (``Customer.key``)."""
    drops_repetitions: ClassVar[bool] = False
    """Whether the same ``Outgoing.key`` handed over twice is taken once, whenever that is: a try of unknown fate is simply repeated."""
    called: ClassVar[str | Promise] = ""
    """What a merchant calls the other side; empty for mail servers and providers, which have names of their own."""

    def open(self) -> None:
        """Connect. Raises ``TransientDeliveryError`` when that fails."""

    def close(self) -> None:
        """Disconnect. Never raises."""

    @abstractmethod
    def send(self, message: Outgoing) -> Receipt | None:
        """Hand ``message`` over; returning means that the other side accepted it.

        Raises ``TransientDeliveryError`` if trying later may help (``uncertain`` when it may have been accepted all the
        same) and ``PermanentDeliveryError`` if not.
        """

    def abort(self, thread: int) -> None:
        """Make the ``send`` that ``thread`` (its ``ident``) is in fail soon; called from another thread when it takes too long.

        Without an own ``abort`` a send ends when the library underneath gives up.
        """

    def address_for(self, channel: str) -> str:
        """What ``channel`` sends to, of the three; for a backend of several channels that differ in this."""
        return self.address

    def form_for(self, channel: str) -> str:
        """In which form ``channel`` wants a message; for a backend of several channels that differ in this."""
        return self.form

    def knock(self) -> None:
        """Find out whether the other side is there, and send nothing. Raises ``DeliveryError`` if it is not."""
        try:
            self.open()
        finally:
            self.close()

    def routes(self, channel: str) -> Sequence[Route]:
        """The ways out that this backend knows, the preferred one first."""
        return (Route(name=channel, backend=self, key_seconds=math.inf if self.drops_repetitions else 0.0),)


def get_backend(name: str) -> MessageBackend:
    """The backend that ``ECOMMERCE_COMMS["BACKENDS"][name]`` names."""
    try:
        path = conf.BACKENDS[name]
    except KeyError:
        raise PermanentDeliveryError(f'ECOMMERCE_COMMS["BACKENDS"] has no {name!r}.') from None
    return load(path, MessageBackend, f'ECOMMERCE_COMMS["BACKENDS"]["{name}"]')  # type: ignore[type-abstract]
