"""E-mail through Django's own API, so that any Django or django-anymail backend works by settings alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, cast

from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import DeliveryError, TransientDeliveryError
from ecommerce_comms.messaging.backends.base import MessageBackend, Outgoing, Receipt, Route
from ecommerce_comms.messaging.backends.errors import classify, is_lost
from ecommerce_comms.messaging.backends.lines import Line, line
from ecommerce_comms.messaging.backends.mails import compose
from ecommerce_comms.messaging.backends.providers import Provider, providers, rate_of


class EmailBackend(MessageBackend):
    """Sends over one provider, by itself the first of them; each thread keeps a connection for the length of a batch."""

    def __init__(self, provider: Provider | None = None) -> None:
        self._provider = provider
        self._local = threading.local()
        self._busy: dict[int, Line] = {}

    def routes(self, channel: str) -> Sequence[Route]:
        """One for each provider, with a backend of its own."""
        return self._routes

    @cached_property
    def _routes(self) -> tuple[Route, ...]:
        return tuple(
            Route(name=one.name, backend=EmailBackend(one), rate=rate_of(one.rate), key_seconds=one.key_seconds) for one in providers()
        )

    def open(self) -> None:
        """Connect to the mail server."""
        self.close()
        try:
            made = line((self._provider or providers()[0]).connect())
        except Exception as error:
            raise classify(error, opening=True) from error
        try:
            with self._can_be_cut(made):
                made.open()
        except Exception as error:
            failure = _failure(error, made, opening=True)
            made.close(broken=True)
            raise failure from error
        self._local.line = made

    def close(self) -> None:
        """Hang up."""
        self._drop(broken=False)

    def send(self, message: Outgoing) -> Receipt:
        """Send one mail."""
        used = self._opened()
        was_used = used.sent > 0
        try:
            return self._over(used, message)
        except TransientDeliveryError as failure:
            if not was_used or used.cutter.was_cut or not _had_hung_up(failure):
                raise
        # A server may hang up between two mails whenever it likes; it has nothing of this one.
        return self._over(self._opened(), message)

    def abort(self, thread: int) -> None:
        """Cut the connection over which ``thread`` is sending."""
        if busy := self._busy.get(thread):
            busy.cutter.cut()

    def _opened(self) -> Line:
        if self._line is None:
            self.open()
        return cast(Line, self._line)

    def _over(self, used: Line, message: Outgoing) -> Receipt:
        try:
            mail = compose(message)
        except Exception as error:
            raise classify(error) from error
        try:
            with self._can_be_cut(used):
                return used.send(mail, message)
        except Exception as error:
            failure = _failure(error, used, handed_over=used.handed_over)
            if is_lost(error) or used.cutter.was_cut:
                self._drop(broken=True)
            raise failure from error

    @property
    def _line(self) -> Line | None:
        return getattr(self._local, "line", None)

    def _drop(self, *, broken: bool) -> None:
        """A broken connection is of no use to the next message."""
        left = self._line
        self._local.line = None
        if left is not None:
            with self._can_be_cut(left):
                left.close(broken=broken)

    @contextmanager
    def _can_be_cut(self, used: Line) -> Iterator[None]:
        thread = threading.get_ident()
        self._busy[thread] = used
        try:
            yield
        finally:
            del self._busy[thread]


def _failure(error: Exception, used: Line, **circumstances: Any) -> DeliveryError:
    failure = classify(error, **circumstances)
    if used.cutter.was_cut:
        failure.detail = f"Cut after {conf.SEND_SECONDS:g} s: {failure.detail}"
    return failure


def _had_hung_up(failure: TransientDeliveryError) -> bool:
    return failure.blames_provider and not failure.uncertain and failure.code in (None, 421)
