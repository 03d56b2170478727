"""A checkout beside a sick broker: it never waits, never fails, and every order is confirmed once."""

from __future__ import annotations

import time
from collections import Counter
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from ecommerce_comms import testing
from ecommerce_comms.models import OrderEvent
from ecommerce_comms.orders import waker
from tests.chaos.control import free_port, wait_until
from tests.chaos.shop import check_out
from tests.services import BROKERS
from tests.settings import BROKER

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "other"])
LONGEST = 0.5
"""Seconds that one checkout may take, on a busy machine; a dozen milliseconds are usual."""
TIMEOUTS = {"redis": BROKERS["redis"].transport_options, "amqp": BROKERS["rabbitmq"].transport_options}
NUMBERS = [str(number) for number in range(1, 6)]


def buy(numbers=NUMBERS):
    """Check out ``numbers``; none of them may take long."""
    for number in numbers:
        before = time.perf_counter()
        check_out(number)
        assert time.perf_counter() - before < LONGEST


def sweep_finds_all(clock, numbers=NUMBERS):
    """Two sweeps, some minutes later, confirm each order once."""
    for _time in range(2):
        clock.advance(minutes=2)
        call_command("comms_sweep", stdout=StringIO())
    assert Counter(mail.order_number for mail in testing.sent() if mail.kind == "order_placed") == dict.fromkeys(numbers, 1)


def waiting(app):
    """Take every wake-up that waits at the broker away; returns how many there were."""
    with app.connection_for_write() as broker:
        try:
            return broker.default_channel.queue_purge(django_settings.CELERY_TASK_DEFAULT_QUEUE)
        except broker.channel_errors:  # RabbitMQ makes a queue with its first message
            return 0


@pytest.mark.parametrize("transport", ["redis", "amqp"])
def test_stopped_broker_costs_nothing(transport, broker_at, clock):
    broker_at(f"{transport}://127.0.0.1:{free_port()}//", **TIMEOUTS[transport])
    buy()
    sweep_finds_all(clock)
    wait_until(waker.idle)


@pytest.mark.parametrize("transport", ["redis", "amqp"])
@pytest.mark.parametrize("careful", [True, False], ids=["with time-outs", "without time-outs"])
def test_frozen_broker_costs_nothing(transport, careful, broker_at, frozen_server, clock):
    broker_at(f"{transport}://127.0.0.1:{frozen_server.port}//", **(TIMEOUTS[transport] if careful else {}))
    buy()
    sweep_finds_all(clock)


def test_emptied_broker_loses_nothing(broker_at, clock):
    app = broker_at(BROKERS[BROKER].url, **BROKERS[BROKER].transport_options)
    buy()
    wait_until(waker.idle)
    assert 1 <= waiting(app) <= len(NUMBERS)  # wake-ups that come close together are one
    sweep_finds_all(clock)
    waiting(app)


def test_wake_ups_flow_again_after_a_frost(broker_at, own_redis, clock, monkeypatch):
    monkeypatch.setattr(waker, "PAUSE_SECONDS", 0.1)
    app = broker_at(f"redis://127.0.0.1:{own_redis.port}/0", socket_timeout=1, socket_connect_timeout=1, retry_on_timeout=False)
    buy(["before"])
    wait_until(waker.idle)
    own_redis.freeze()
    buy(["during"])
    wait_until(waker.idle)
    own_redis.thaw()
    waiting(app)
    time.sleep(0.1)
    buy(["after"])
    wait_until(waker.idle)
    assert waiting(app) == 1
    sweep_finds_all(clock, ["before", "during", "after"])


def test_flushed_redis_loses_nothing(broker_at, own_redis, clock):
    redis = pytest.importorskip("redis")
    broker_at(f"redis://127.0.0.1:{own_redis.port}/0", **TIMEOUTS["redis"])
    buy(["before"])
    wait_until(waker.idle)
    with redis.Redis(port=own_redis.port) as client:
        client.flushall()
    buy(["after"])
    wait_until(waker.idle)
    sweep_finds_all(clock, ["before", "after"])


def test_checkout_of_a_forked_web_worker_wakes_too(broker_at, clock, monkeypatch):
    app = broker_at(BROKERS[BROKER].url, **BROKERS[BROKER].transport_options)
    monkeypatch.setattr(waker._waker, "pid", -1)
    waiting(app)  # what others have left
    buy(["1"])
    wait_until(waker.idle)
    assert waiting(app) == 1
    assert OrderEvent.objects.get().state == OrderEvent.State.NEW
