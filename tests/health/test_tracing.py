"""One fact, one trace: in whatever process, and without a word about a person."""

from __future__ import annotations

import timeit

import pytest

from ecommerce_comms import testing, tracing
from ecommerce_comms.messaging.feedback import receiving
from ecommerce_comms.models import Message, ProviderEvent

trace = pytest.importorskip("opentelemetry.trace", reason="needs the extra tracing")
sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="needs opentelemetry-sdk")
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: E402
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: E402


def provider(monkeypatch, **options):
    """Let spans be remembered; returns the memory."""
    memory = InMemorySpanExporter()
    made = sdk.TracerProvider(**options)
    made.add_span_processor(SimpleSpanProcessor(memory))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: made)
    monkeypatch.setattr(trace, "get_tracer", lambda name: made.get_tracer(name))
    return memory


@pytest.fixture
def spans(monkeypatch):
    """The spans that were ended."""
    memory = provider(monkeypatch)
    return memory.get_finished_spans


def test_what_follows_from_a_fact_shares_its_trace(spans):
    for name in ("record", "deliver", "webhook"):  # as three processes would
        with tracing.span(name, "order_placed:1001"):
            pass
    assert {span.context.trace_id for span in spans()} == {tracing.trace_id("order_placed:1001")}
    assert [span.name for span in spans()] == ["comms.record", "comms.deliver", "comms.webhook"]


def test_two_facts_have_two_traces(spans):
    for key in ("order_placed:1001", "order_placed:1002"):
        with tracing.span("record", key):
            pass
    assert len({span.context.trace_id for span in spans()}) == 2


def test_span_is_joined_to_the_request_or_batch_around_it_by_a_link(spans):
    with tracing.span("batch"), tracing.span("process", "order_placed:1001"):
        pass
    inner, batch = spans()
    assert inner.context.trace_id != batch.context.trace_id
    assert [link.context.span_id for link in inner.links] == [batch.context.span_id]


def test_span_within_its_own_trace_is_a_child(spans):
    with tracing.span("process", "order_placed:1001"), tracing.span("send", "order_placed:1001"), tracing.span("connect"):
        pass
    connect, send, process = spans()
    assert (connect.parent.span_id, send.parent.span_id) == (send.context.span_id, process.context.span_id)


def test_key_is_asked_for_only_while_somebody_traces(spans, monkeypatch):
    asked = []
    with tracing.span("send", lambda: asked.append(1) or "order_placed:1001"):
        pass
    monkeypatch.setattr(tracing, "IS_POSSIBLE", False)
    with tracing.span("send", lambda: asked.append(2) or ""):
        pass
    assert asked == [1]


def test_error_marks_the_span_and_its_text_stays_out(spans):
    with pytest.raises(ValueError, match="asha"), tracing.span("send", "k", to="asha@customers.example", tries=2):
        raise ValueError("550 asha@customers.example unknown")
    [span] = spans()
    assert (span.status.is_ok, span.status.description) == (False, "ValueError")
    assert span.attributes == {"comms.to": "a…@c….example", "comms.tries": 2}
    assert span.events == ()


def test_shops_sampler_decides_and_all_processes_agree(monkeypatch):
    memory = provider(monkeypatch, sampler=ParentBased(TraceIdRatioBased(0.5)))
    for number in range(40):
        for name in ("record", "send"):
            with tracing.span(name, f"order_placed:{number}"):
                pass
    kept = [span.context.trace_id for span in memory.get_finished_spans()]
    assert 0 < len(set(kept)) < 40
    assert all(kept.count(number) == 2 for number in kept)


def test_tracing_that_fails_does_not_stop_the_work(monkeypatch):
    provider(monkeypatch)
    monkeypatch.setattr(trace, "get_tracer", lambda name: 1 / 0)
    done = []
    with tracing.span("send", "k"):
        done.append(1)
    assert done == [1]


def test_nothing_happens_without_a_provider():
    with tracing.span("send", "k") as nothing:
        assert nothing is None
    assert not tracing.is_on()


def test_it_costs_next_to_nothing_without_the_library(monkeypatch):
    monkeypatch.setattr(tracing, "IS_POSSIBLE", False)

    def once():
        with tracing.span("send", "k", kind="order_placed"):
            pass

    assert min(timeit.repeat(once, number=1000, repeat=20)) / 1000 < 1e-6


@pytest.mark.django_db
def test_fact_can_be_followed_from_the_shop_to_the_providers_notice(spans, fake_shop, clock):
    testing.tell("order_placed", testing.order())
    message = Message.objects.get()
    ProviderEvent.objects.create(key="n1", provider="postmark", kind="delivered", message=message, occurred_at=clock())
    receiving.catch_up()
    told = {each.name for each in spans() if each.context.trace_id == tracing.trace_id(message.event.event_key)}
    assert told == {"comms.record", "comms.process", "comms.send", "comms.notice"}
    assert "asha" not in " ".join(each.to_json() for each in spans()).lower()
