"""The figures for Prometheus (extra ``metrics``). Every one is a gauge but what a worker has sent, which only grows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ecommerce_comms.health.figures import Figures, kept

try:
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
    from prometheus_client.exposition import CONTENT_TYPE_LATEST
    from prometheus_client.registry import Collector
except ImportError:  # the extra "metrics" is not installed
    Collector, CONTENT_TYPE_LATEST = object, ""  # type: ignore[assignment, misc]

CONTENT_TYPE = CONTENT_TYPE_LATEST
IS_POSSIBLE = bool(CONTENT_TYPE)
"""Whether the library is installed."""


class CommsCollector(Collector):
    """For a registry of your own: ``prometheus_client.REGISTRY.register(CommsCollector())``."""

    def collect(self) -> Iterable[Metric]:
        """The metrics of this moment; the figures are at most five seconds old."""
        yield from _metrics(kept.get())

    def describe(self) -> Iterable[Metric]:
        """None beforehand: registering must not ask the database."""
        return ()


def exposition() -> bytes:
    """The metrics in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(CommsCollector())
    return generate_latest(registry)


def _metrics(figures: Figures) -> Iterator[Metric]:
    lanes, paused = figures.lanes, {row.lane for row in figures.pauses}
    oldest = {x.lane: x.oldest_seconds for x in lanes}
    silent = {x.name: x.seen_seconds for x in figures.workers}
    yield _gauge("comms_oldest_due_seconds", "For how long the oldest due message has been due", "lane", oldest)
    yield _gauge("comms_queue_depth", "Messages that are due and have not gone", "lane", {x.lane: x.due for x in lanes})
    yield _gauge("comms_queue_retrying", "Messages that wait for another try", "lane", {x.lane: x.again for x in lanes})
    yield _gauge("comms_paused", "1 while a lane is paused", "lane", {x.lane: x.lane in paused for x in lanes})
    yield _gauge("comms_failures_24h", "Messages given up that were due within 24 hours", "reason", figures.failures)
    yield _gauge("comms_provider_avoided", "1 while a provider's circuit breaker is open", "provider",
                 {row.name: row.opened_at is not None for row in figures.providers})
    yield _gauge("comms_worker_silent_seconds", "For how long a worker has said nothing", "worker", silent)
    shares = GaugeMetricFamily("comms_share_7d", "Share of a week's mails that came back or were marked as spam", labels=["lane", "state"])
    for labels, share in figures.shares.items():
        shares.add_metric(list(labels), share)
    yield shares
    for name, says, value in (
        ("comms_events_waiting", "Facts that wait to be processed", figures.events_waiting),
        ("comms_events_oldest_seconds", "For how long the oldest of them has waited", figures.events_oldest_seconds),
        ("comms_events_failed", "Facts that were given up", figures.events_failed),
        ("comms_possible_duplicates_24h", "Messages that may have arrived twice, within 24 hours", figures.duplicates),
        ("comms_notices_waiting", "Providers' notices without their message", figures.notices_waiting),
    ):
        yield GaugeMetricFamily(name, says, value=value)
    sent = CounterMetricFamily("comms_worker_sent", "Messages that a worker has sent since it started", labels=["worker"])
    for row in figures.workers:
        sent.add_metric([row.name], row.sent)
    yield sent


def _gauge(name: str, says: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=[label])
    for value, number in values.items():
        family.add_metric([value], float(number))
    return family
