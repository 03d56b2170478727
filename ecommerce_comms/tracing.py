"""Traces of OpenTelemetry, for shops that have it (extra ``tracing``); without it nothing happens, in well under a microsecond.

A fact and everything that follows from it, in whichever process, share one trace: its id is made from the fact's key, so
that it need not travel or be stored. What starts such a span from within another trace (the shop's request, a batch of
many facts) is joined to that one by a link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import blake2b
from typing import Any

from ecommerce_comms import masking
from ecommerce_comms.masking import mask

try:
    from opentelemetry import context as contexts
    from opentelemetry import trace
except ImportError:  # the extra "tracing" is not installed
    trace = None  # type: ignore[assignment]
IS_POSSIBLE = bool(trace)
"""Whether the library is installed."""

log = masking.logger(__name__)
Key = str | Callable[[], str]
_NOTHING: AbstractContextManager[None] = nullcontext()
SCOPE = "ecommerce_comms"


def is_on() -> bool:
    """Whether spans go anywhere: the library is installed and a tracer provider is set up."""
    return IS_POSSIBLE and not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def span(name: str, key: Key = "", **attributes: str | bool | int | float) -> AbstractContextManager[None]:
    """A span called ``comms.<name>`` around a block, in the trace of the fact ``key`` (``OrderEvent.event_key``).

    Without ``key`` it belongs to whatever span is current. ``key`` may be a function, so that it costs nothing while
    nobody traces. ``attributes`` are counts and names of our own, never personal data; addresses in them are masked all
    the same. An error in the block marks the span with the name of its class only, for its text may hold an address.
    Never raises by itself.
    """
    return _recorded(name, key, attributes) if IS_POSSIBLE and is_on() else _NOTHING


def trace_id(key: str) -> int:
    """The id of the trace of a fact: the first 16 bytes of the BLAKE2b digest of its key."""
    return _ids(key)[0]


@contextmanager
def _recorded(name: str, key: Key, attributes: dict[str, Any]) -> Iterator[None]:
    try:
        started = _start(name, key() if callable(key) else key, attributes)
    except Exception:
        log.debug("A span %s could not be started.", name, exc_info=True)
        started = trace.INVALID_SPAN
    with trace.use_span(started, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield
        except BaseException as error:
            started.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise


def _start(name: str, key: str, attributes: dict[str, Any]) -> trace.Span:
    tracer = trace.get_tracer(SCOPE)
    shown = {f"comms.{word}": mask(value) if isinstance(value, str) else value for word, value in attributes.items()}
    around = trace.get_current_span().get_span_context()
    if not key or around.trace_id == trace_id(key):
        return tracer.start_span(f"comms.{name}", attributes=shown)
    links = [trace.Link(around)] if around.is_valid else []
    return tracer.start_span(f"comms.{name}", context=_context_of(key, name), attributes=shown, links=links)


def _context_of(key: str, name: str) -> contexts.Context:
    """A context below the never recorded root of the trace of ``key``; every process makes the same one."""
    ids = _ids(key)
    flags = trace.TraceFlags.SAMPLED if _is_sampled(ids[0], name) else trace.TraceFlags.DEFAULT
    root = trace.SpanContext(*ids, is_remote=True, trace_flags=trace.TraceFlags(flags))
    return trace.set_span_in_context(trace.NonRecordingSpan(root), contexts.Context())


def _is_sampled(number: int, name: str) -> bool:
    """What the shop's sampler says of a trace that begins here; all processes agree, since it goes by the trace's id."""
    sampler = getattr(trace.get_tracer_provider(), "sampler", None)
    return sampler is None or bool(sampler.should_sample(contexts.Context(), number, f"comms.{name}").decision.is_sampled())


def _ids(key: str) -> tuple[int, int]:
    """Ids of the trace of ``key`` and of its root: 128 and 64 bits, as W3C Trace Context has them."""
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=24).digest()
    return int.from_bytes(digest[:16], "big"), int.from_bytes(digest[16:], "big")
