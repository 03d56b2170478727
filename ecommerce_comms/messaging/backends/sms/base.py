"""The contract of a gateway: how a text message is handed over to it, and how it tells what became of one."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from ecommerce_comms.exceptions import DeliveryError
from ecommerce_comms.messaging.backends.base import Outgoing, Receipt
from ecommerce_comms.messaging.backends.errors import LATER, LOCKED_OUT, permanent, retry_after, transient

LONGEST_SHOWN = 300
"""Characters of an answer that are kept for whoever looks what went wrong."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is posted to a gateway."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    login: tuple[str, str] | None = None
    """Name and password (HTTP Basic)."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a gateway answered; of a long answer only the beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def data(self) -> dict[str, Any]:
        """Its JSON object; empty if it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def said(self) -> str:
        """It in one line, for people."""
        return " ".join(f"HTTP {self.status} {self.body[:LONGEST_SHOWN].decode('utf-8', 'replace')}".split())


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What somebody posted to the webhook of a gateway."""

    urls: Sequence[str]
    """The public address at which it came in, in every form in which a gateway may have signed it."""
    headers: Mapping[str, str]
    content_type: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Report:
    """What became of one text."""

    to: str
    number: str = ""
    """The gateway's number of the text."""
    key: str = ""
    """Ours: ``Outgoing.key``."""
    kind: str
    """``accepted``, ``delivered``, ``bounced`` (did not arrive), ``rejected`` (the gateway would not send it) or ``other``."""
    is_dead: bool = False
    """For good: there is no such number, or it takes no texts."""
    has_opted_out: bool = False
    """The gateway has kept a STOP of this number."""
    detail: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text that somebody sent to the shop."""

    sender: str
    text: str
    number: str = ""
    """The gateway's number of it."""
    word: str = ""
    """``stop``, ``start`` or ``help`` if the gateway itself took it for such a word."""
    at: datetime | None = None


class Gateway(ABC):
    """One account at one gateway. Subclasses read ``self.options`` and fill the verbs; they hold no connection."""

    needs: ClassVar[Mapping[str, str]] = {}
    """Options that must be there, each with what it is."""
    takes: ClassVar[Mapping[str, str]] = {}
    """Options that may be there."""
    content_types: ClassVar[frozenset[str]] = frozenset({"application/json"})
    """What its webhook posts."""
    signs_time: ClassVar[bool] = False
    """Whether what it posts is signed together with the time; ``signed_at`` tells that then."""
    thanks: ClassVar[tuple[str, str]] = ("application/json", "{}")
    """Content type and body of the answer to its webhook."""

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        self.name, self.options = name, dict(options)
        known = {**self.needs, **self.takes}
        if missing := [f"{option} ({what})" for option, what in self.needs.items() if not self.options.get(option)]:
            raise ImproperlyConfigured(f"The SMS gateway {name!r} lacks {', '.join(missing)}.")
        if odd := [option for option in self.options if option not in known]:
            raise ImproperlyConfigured(f"The SMS gateway {name!r} has an option {odd[0]!r} that means nothing; known: {', '.join(known)}.")

    @property
    def key_seconds(self) -> float:
        """For so many seconds it drops a repetition by ``Outgoing.key``; 0 if it does not promise that."""
        return 0.0

    @property
    @abstractmethod
    def url(self) -> str:
        """The address that is posted to."""

    @property
    @abstractmethod
    def secrets(self) -> tuple[str, ...]:
        """The keys by one of which its webhook must be signed; none: the webhook refuses everything."""

    @abstractmethod
    def request(self, message: Outgoing, callback: str) -> Request:
        """How ``message`` is posted; ``callback`` is where to tell of it (empty if nowhere)."""

    @abstractmethod
    def receipt(self, answer: Answer) -> Receipt:
        """What a yes says. Raises ``DeliveryError`` if it says no after all, or nothing that can be read."""

    def failure(self, answer: Answer) -> DeliveryError:
        """What a no means, by its HTTP status (RFC 9110).

        429 and 503 say that nothing was done. Any other failure of the server leaves open whether the text went out.
        """
        status, said, wait = answer.status, answer.said, retry_after(answer.headers.get("Retry-After", ""))
        if 300 <= status < 400:
            return transient(f"It wants to lead elsewhere, and is not followed: {said}", code=status, blames=True)
        if status in (429, 503):
            return transient(said, code=status, blames=True, retry_after=wait)
        if status in LOCKED_OUT:
            return transient(said, code=status, blames=True)
        if status in LATER:
            return transient(said, code=status, uncertain=status == 409, retry_after=wait)
        if 400 <= status < 500:
            return permanent(said, status)
        return transient(said, code=status, blames=True, uncertain=True)

    def unreadable(self, answer: Answer) -> DeliveryError:
        """A yes without the number of the text: perhaps it was no gateway that answered, perhaps the text went out."""
        return transient(f"It said yes, but not in the way of a gateway; the text may have gone out: {answer.said}",
                         code=answer.status, blames=True, uncertain=True)

    @abstractmethod
    def is_signed(self, posted: Posted) -> bool:
        """Whether ``posted`` was signed by one of ``secrets``. Raises ``ValueError`` for what cannot be read."""

    def signed_at(self, posted: Posted) -> float:
        """When, in seconds since 1970. Raises ``ValueError`` if that cannot be read."""
        raise ValueError("This gateway signs no time.")

    @abstractmethod
    def reports(self, posted: Posted) -> Iterator[Report]:
        """What ``posted`` tells about texts of ours. Raises ``ValueError`` for what cannot be read."""

    @abstractmethod
    def inbound(self, posted: Posted) -> Iterator[Text]:
        """The texts of customers in ``posted``. Raises ``ValueError`` for what cannot be read."""


def safe_url(name: str, url: object) -> str:
    """``url`` if texts may be posted to it: by https, or by http to this very machine. Raises ``ImproperlyConfigured``."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        host = parts.hostname or ""
        is_good = bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
        is_good = is_good and parts.username is None and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise ImproperlyConfigured(f"The SMS gateway {name!r} has no safe address: write one that begins with https://, no password in it.")
    return str(url)


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this very machine."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def texts_of(value: object) -> tuple[str, ...]:
    """One text or several, without empty ones: a secret, and the old one while it is replaced."""
    several = value if isinstance(value, (list, tuple)) else [value]
    return tuple(each for each in several if isinstance(each, str) and each.strip())
