"""Which provider a message leaves through: a circuit breaker and a rate limit for each, shared by all workers.

The breaker is the usual one (M. Nygard, "Release It!", 2007): after some failures in a row the provider is avoided for a
while, then one worker tries it again. The rate is a token bucket that holds as many sends as the rate allows at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import router, transaction

from ecommerce_comms import clock, masking
from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import DeliveryError
from ecommerce_comms.lookups import among
from ecommerce_comms.masking import mask
from ecommerce_comms.messaging.backends.base import Route
from ecommerce_comms.messaging.models import Message, Provider
from ecommerce_comms.prepared import TEXTS, Read

log = masking.logger(__name__)
LONGEST_REST = 600.0
"""Seconds for which a provider is avoided at most before it is tried again."""
RESERVE = 0.2
"""The share of a rate that offers leave to orders."""


class Providers:
    """The ways out of one channel, as they stand at the beginning of a batch."""

    def __init__(self, routes: Sequence[Route], lane: str) -> None:
        self.routes = routes
        self._lane = lane
        self._rows = _rows([route.name for route in routes])
        self._tokens: dict[str, int] = {}

    def open_to(self, message: Message) -> Iterable[Route]:
        """The routes by which ``message`` may leave now, the preferred one first.

        One that may have accepted it already is the only one for a while: elsewhere the repetition could not be told from a new mail.
        """
        bound = message.provider if message.provider_until and message.provider_until > clock.now() else ""
        known = any(route.name == bound for route in self.routes)
        for route in self.routes:
            if (not known or route.name == bound) and self._works(route):
                yield route

    def wait(self, route: Route, wanted: int) -> float:
        """Take one send of the rate of ``route`` (``wanted`` are still to come); 0, or how many seconds until there is one."""
        if route.rate is None:
            return 0.0
        if not self._tokens.get(route.name):
            granted, seconds = _take(route, wanted, self._lane)
            if not granted:
                return seconds
            self._tokens[route.name] = granted
        self._tokens[route.name] -= 1
        return 0.0

    def rest(self) -> float:
        """Seconds until the first provider that is avoided may be tried again."""
        moments = [row.retry_at for row in self._rows.values() if row.opened_at and row.retry_at]
        return max(1.0, min(((moment - clock.now()).total_seconds() for moment in moments), default=conf.BREAKER_SECONDS))

    def succeeded(self, route: Route) -> None:
        """It accepted a message: it works."""
        row = self._rows[route.name]
        if row.failures or row.opened_at:
            row.failures, row.opened_at, row.retry_at = 0, None, None
            Provider.objects.filter(pk=row.pk).update(failures=0, opened_at=None, retry_at=None)

    def failed(self, route: Route, error: DeliveryError) -> None:
        """It did not work; after some such failures in a row it is avoided."""
        with transaction.atomic(using=router.db_for_write(Provider)):
            row = Provider.objects.select_for_update().get(pk=self._rows[route.name].pk)
            row.failures, row.last_error = row.failures + 1, mask(str(error))[:500]
            if row.failures >= conf.BREAKER_FAILURES:
                row.opened_at = row.opened_at or clock.now()
                row.retry_at = clock.now() + timedelta(seconds=_rest_after(row.failures))
                log.warning("The provider %s failed %d times in a row and is avoided until %s: %s", row.name, row.failures, row.retry_at,
                            row.last_error)
            row.save(update_fields=["failures", "last_error", "opened_at", "retry_at"])
        self._rows[route.name] = row

    def _works(self, route: Route) -> bool:
        """Whether its breaker is closed; one that has rested long enough is tried by the worker that asks first."""
        row, now = self._rows[route.name], clock.now()
        if row.opened_at is None:
            return True
        if row.retry_at and row.retry_at > now:
            return False
        later = now + timedelta(seconds=_rest_after(row.failures))
        mine = Provider.objects.filter(pk=row.pk, retry_at=row.retry_at).update(retry_at=later)
        row.retry_at = later
        return bool(mine)


def _rest_after(failures: int) -> float:
    return float(min(LONGEST_REST, conf.BREAKER_SECONDS * 2.0 ** min(max(0, failures - conf.BREAKER_FAILURES), 10)))


_ROWS = Read(Provider, lambda names: Provider.objects.filter(among("name", names)), TEXTS)


def _rows(names: Sequence[str]) -> dict[str, Provider]:
    rows = {row.name: row for row in _ROWS.objects(names)}
    if missing := [name for name in names if name not in rows]:
        Provider.objects.bulk_create([Provider(name=name) for name in missing], ignore_conflicts=True)
        rows = {row.name: row for row in _ROWS.objects(names)}
    return rows


def _take(route: Route, wanted: int, lane: str) -> tuple[int, float]:
    """Up to ``wanted`` sends from the bucket; how many there were, and if none, seconds until there is one."""
    assert route.rate is not None
    number, seconds = route.rate
    with transaction.atomic(using=router.db_for_write(Provider)):
        row = Provider.objects.select_for_update().get(name=route.name)
        tokens = _filled(row, number, seconds)
        floor = math.ceil(number * RESERVE) if lane == Message.Lane.OFFERS and number > 1 else 0
        granted = max(0, min(wanted, math.floor(tokens) - floor))
        row.tokens, row.tokens_at = tokens - granted, clock.now()
        row.save(update_fields=["tokens", "tokens_at"])
    return granted, max(0.05, (floor + 1 - tokens) * seconds / number)


def _filled(row: Provider, number: int, seconds: float) -> float:
    """What the bucket holds now: it begins full and fills evenly."""
    since: datetime | None = row.tokens_at
    if since is None:
        return float(number)
    return float(min(number, row.tokens + max(0.0, (clock.now() - since).total_seconds()) * number / seconds))
