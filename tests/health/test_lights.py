"""Green, amber, red: and never red or amber without what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ecommerce_comms.health.colours import Colour
from ecommerce_comms.health.figures import collect
from ecommerce_comms.health.lights import lights, span, worst
from ecommerce_comms.messaging.models import Pause, Provider, ProviderEvent, Worker
from ecommerce_comms.orders.models import OrderEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sweeper(clock):
    """Somebody sweeps."""
    return Worker.objects.create(name="sweep", kind="sweeper", host="h", seen_at=clock())


def seen():
    """The lights by key; each that is not green says what to do."""
    found = lights(collect())
    assert [light for light in found if light.colour and not light.todo] == []
    assert [light for light in found if not light.colour and light.todo] == []
    return {light.key: light for light in found}


def test_all_is_green_where_nothing_is_wrong():
    assert worst(list(seen().values())) is Colour.GREEN


@pytest.mark.parametrize("overdue, colour", [(29, "green"), (31, "amber"), (60, "amber"), (61, "red")])
def test_order_message_turns_red_a_minute_after_it_was_due(message, overdue, colour):
    message(due=-overdue)
    assert seen()["orders"].colour.word == colour


def test_late_advertising_never_turns_red(message):
    message(due=-50_000, lane="offers")
    assert seen()["offers"].colour is Colour.AMBER
    assert seen()["orders"].colour is Colour.GREEN


@pytest.mark.parametrize("age, colour", [(10, "green"), (40, "amber"), (61, "red")])
def test_facts_that_nobody_processes_turn_red(clock, age, colour):
    OrderEvent.objects.create(event_key="1", kind="order_placed", order_reference="1", order_key="1", occurred_at=clock(),
                              recorded_at=clock() - timedelta(seconds=age))
    assert seen()["events"].colour.word == colour


def test_fact_that_was_given_up_is_told(clock):
    OrderEvent.objects.create(event_key="1", kind="order_placed", order_reference="1", order_key="1", occurred_at=clock(), state="failed")
    assert seen()["events_failed"].colour is Colour.AMBER


def test_one_provider_of_two_that_fails_is_amber_and_all_are_red(clock):
    Provider.objects.create(name="one", opened_at=clock() - timedelta(minutes=5), retry_at=clock() + timedelta(minutes=2),
                            last_error="421 for asha@customers.example")
    two = Provider.objects.create(name="two")
    assert (seen()["provider:one"].colour, seen()["provider:two"].colour) == (Colour.AMBER, Colour.GREEN)
    assert seen()["provider:one"].says == "avoided since 2 Mar, 09:55, tried again at 2 Mar, 10:02: 421 for a…@c….example"
    Provider.objects.filter(pk=two.pk).update(opened_at=clock())
    assert seen()["provider:one"].colour is Colour.RED


def test_sweep_that_fell_silent_is_red_and_one_that_was_never_seen_is_amber(clock, sweeper):
    Worker.objects.update(seen_at=clock() - timedelta(seconds=91))
    assert seen()["sweep"].colour is Colour.RED
    sweeper.delete()
    assert seen()["sweep"].colour is Colour.AMBER


def test_shop_that_sweeps_seldom_is_given_three_sweeps(clock, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SWEEP_SECONDS": 120}
    Worker.objects.update(seen_at=clock() - timedelta(seconds=359))
    assert seen()["sweep"].colour is Colour.GREEN
    Worker.objects.update(seen_at=clock() - timedelta(seconds=361))
    assert seen()["sweep"].colour is Colour.RED


def test_beat_is_as_good_as_a_sweeper(clock):
    Worker.objects.update(seen_at=clock() - timedelta(hours=3))
    Worker.objects.create(name="beat", kind="beat", host="h", seen_at=clock())
    assert seen()["sweep"].colour is Colour.GREEN


def test_sender_that_died_at_work_is_told(clock):
    Worker.objects.create(name="w", kind="sender", host="h", token="t", seen_at=clock() - timedelta(minutes=3))
    assert seen()["worker:w"].colour is Colour.AMBER
    assert seen()["worker:w"].says == "silent since 2 Mar, 09:57, in the middle of its work"


OWN, OTHER = "of your own (localhost:25)", "provider's status page"


@pytest.mark.parametrize("host, says, does_not", [
    ("localhost", "of your own (localhost:25)", OTHER), ("127.0.0.1", "of your own (127.0.0.1:25)", OTHER),
    ("10.1.2.3", "of your own", OTHER), ("postfix", "of your own (postfix:25)", OTHER), ("mail.shop.internal", "of your own", OTHER),
    ("smtp.provider.example", OTHER, "of your own"), ("9.9.9.9", OTHER, "of your own"),
])
def test_shop_s_own_mail_server_is_not_called_a_provider_s(clock, settings, host, says, does_not):
    entry = {"name": "relay", "backend": "django.core.mail.backends.smtp.EmailBackend", "options": {"host": host, "port": 25}}
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "EMAIL_PROVIDERS": [entry]}
    Provider.objects.create(name="relay", opened_at=clock(), last_error="[Errno 111] Connection refused")
    assert says in seen()["provider:relay"].todo
    assert does_not not in seen()["provider:relay"].todo


def test_djangos_own_mail_settings_name_the_server_too(clock, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "localhost", 25
    Provider.objects.create(name="default", opened_at=clock())
    assert OWN in seen()["provider:default"].todo


def test_failures_are_told_with_their_reasons_the_commonest_first(message):
    for reason in ("refused", "unreachable", "unreachable"):
        message("failed", reason=reason)
    assert seen()["failures"].says == "3 in 24 hours (the server could not be reached: 2, the server refused it: 1)"


def test_pause_and_old_notices_are_told(clock):
    Pause.objects.create(lane="offers", reason="too many complaints")
    ProviderEvent.objects.create(key="p:1", provider="p", kind="delivered", occurred_at=clock(), received_at=clock() - timedelta(hours=2))
    assert seen()["pause:offers"].says == "too many complaints"
    assert seen()["notices"].colour is Colour.AMBER


@pytest.mark.parametrize("seconds, said", [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (259_200, "3 d")])
def test_spans_are_told_as_people_tell_them(seconds, said):
    assert span(seconds) == said


def test_provider_that_the_settings_no_longer_name_says_nothing(clock):
    Provider.objects.create(name="one", opened_at=clock())
    Provider.objects.create(name="former")
    assert seen()["provider:one"].colour is Colour.RED
    assert "provider:former" not in seen()


@pytest.mark.parametrize("minutes, colour", [(4, "green"), (6, "amber")])
def test_order_message_that_servers_refuse_for_long_is_amber(message, clock, minutes, colour):
    message(due=600, attempts=3, decided_at=clock() - timedelta(minutes=minutes))
    assert seen()["orders"].colour.word == colour
