"""Text messages through one or several gateways."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured

from ecommerce_comms import masking
from ecommerce_comms.exceptions import PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.messaging.backends.base import MessageBackend, Outgoing, Receipt, Route
from ecommerce_comms.messaging.backends.providers import rate_of
from ecommerce_comms.messaging.backends.sms import gateways
from ecommerce_comms.messaging.backends.sms.base import Gateway
from ecommerce_comms.messaging.backends.sms.web import Web

log = masking.logger(__name__)


class SmsBackend(MessageBackend):
    """Sends over one gateway, by itself the first of them; each thread keeps a connection for the length of a batch."""

    form: ClassVar[str] = "sms"
    address: ClassVar[str] = "phone"

    def __init__(self, gateway: Gateway | None = None) -> None:
        self._gateway = gateway
        self._local = threading.local()
        self._busy: dict[int, Web] = {}

    def routes(self, channel: str) -> Sequence[Route]:
        """One for each gateway that can be made. Raises ``TransientDeliveryError`` if none can: somebody has to mend the settings."""
        if not self._routes:
            raise TransientDeliveryError('No gateway of ECOMMERCE_COMMS["SMS_GATEWAYS"] can be used; "manage.py check" says why.')
        return self._routes

    @cached_property
    def _routes(self) -> tuple[Route, ...]:
        return tuple(route for entry in gateways.entries() if (route := _route(entry)))

    def open(self) -> None:
        """Get ready; the connection itself is made with the first text."""
        self.close()
        self._local.web = Web()

    def close(self) -> None:
        """Hang up."""
        web: Web | None = getattr(self._local, "web", None)
        self._local.web = None
        if web is not None:
            web.close()

    def send(self, message: Outgoing) -> Receipt:
        """Hand one text over."""
        if not message.short.strip():
            raise PermanentDeliveryError("The text is empty.")
        gateway = self._gateway or self._first()
        request = gateway.request(message, callback(gateway, message.key))
        with self._can_be_cut() as web:
            answer = web.post(request)
        if not 200 <= answer.status < 300:
            raise gateway.failure(answer)
        return gateway.receipt(answer)

    def knock(self) -> None:
        """Whether anybody answers at the gateway's address."""
        gateway = self._gateway or self._first()
        try:
            with self._can_be_cut() as web:
                web.look(gateway.url)
        finally:
            self.close()

    def abort(self, thread: int) -> None:
        """Cut the connection over which ``thread`` is sending."""
        if busy := self._busy.get(thread):
            busy.cutter.cut()

    def _first(self) -> Gateway:
        first: Any = self.routes("sms")[0].backend
        return first._gateway  # type: ignore[no-any-return]

    @contextmanager
    def _can_be_cut(self) -> Iterator[Web]:
        if getattr(self._local, "web", None) is None or self._local.web.cutter.was_cut:
            self.open()
        web: Web = self._local.web
        thread = threading.get_ident()
        self._busy[thread] = web
        try:
            yield web
        finally:
            del self._busy[thread]


def callback(gateway: Gateway, key: str) -> str:
    """Where ``gateway`` tells what became of the message with this key; empty if the shop's address is not known."""
    url = gateways.webhook_url(gateway.name)
    return f"{url}?message={key}" if url and key else url


def _route(entry: dict[str, Any]) -> Route | None:
    try:
        gateway = gateways.make(entry)
        return Route(name=gateway.name, backend=SmsBackend(gateway), rate=rate_of(entry.get("rate", "")), key_seconds=gateway.key_seconds)
    except (ImproperlyConfigured, ValueError) as error:
        log.error("An SMS gateway cannot be used: %s", error)
        return None
