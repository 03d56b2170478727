"""A history goes the way that a live shop's facts go, once, wherever it was cut."""

from __future__ import annotations

import json
import os
import signal
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from ecommerce_comms import clock
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.models import Order, OrderEvent
from ecommerce_comms.shipping.models import Promise
from ecommerce_comms.signals import message_sent
from tests.replay import rows

pytestmark = pytest.mark.django_db(transaction=True)

LATE = rows.row(
    order_id="late", customer_id="c2", ordered_at="2018-01-08T11:00:00-02:00", shipped_at="2018-01-10T09:00:00-02:00",
    delivered_at="2018-02-20T15:00:00-02:00",
)
CANCELLED = rows.row(order_id="cancelled", customer_id="c3", status="canceled", shipped_at="", delivered_at="")
OPEN = rows.row(order_id="open", ordered_at="2018-01-20T09:00:00-02:00", shipped_at="", delivered_at="", status="shipped")
STORY = [rows.row(), LATE, CANCELLED, OPEN]


@pytest.fixture
def story(tmp_path: Path) -> Path:
    return rows.write(tmp_path / "orders.csv.gz", STORY)


def replay(path: Path, *arguments: str) -> dict[str, Any]:
    """The report of a replay, without what the machine's speed says."""
    out = StringIO()
    call_command("comms_replay", str(path), "--json", *arguments, stdout=out, stderr=StringIO())
    found: dict[str, Any] = json.loads(out.getvalue())
    return {name: value for name, value in found.items() if name not in ("seconds", "orders_per_second")}


def database() -> list[list[tuple[Any, ...]]]:
    """All that a replay leaves behind."""
    return [
        sorted(OrderEvent.objects.values_list("event_key", "kind", "occurred_at", "recorded_at", "state")),
        sorted(Order.objects.values_list("key", "status", "delivered_at", "delayed_at"), key=str),
        sorted(Message.objects.values_list("dedupe_key", "kind", "state", "reason", "due_at", "sent_at", "subject"), key=str),
        sorted(Promise.objects.values_list("order__key", "parcel__key", "revision", "latest", "made_at", "is_open", "kept"), key=str),
    ]


def forget() -> None:
    """Empty the database."""
    for model in (Message, Promise, OrderEvent, Order, Customer):
        model._default_manager.all().delete()


def test_report_has_exactly_these_keys(story: Path) -> None:
    out = StringIO()
    call_command("comms_replay", str(story), "--json", stdout=out, stderr=StringIO())
    assert list(json.loads(out.getvalue())) == ["orders", "events", "messages", "promises", "bad_rows", "seconds", "orders_per_second"]


def test_every_fact_is_told_and_every_mail_sent(story: Path) -> None:
    found = replay(story)
    assert found["orders"] == 4
    told = {kind: count for kind, count in found["events"].items() if kind != "order_delayed"}
    assert told == {"order_placed": 4, "order_paid": 4, "order_shipped": 2, "order_delivered": 2, "order_cancelled": 1}
    assert found["messages"]["order_shipped"] == {"sent": 2}
    assert found["messages"]["order_cancelled"] == {"sent": 1}
    assert len(mail.outbox) == sum(states.get("sent", 0) for states in found["messages"].values())
    assert {recipient for message in mail.outbox for recipient in message.to} == {f"c{number}@customers.example" for number in (1, 2, 3)}


def test_arrival_on_the_last_promised_evening_keeps_the_promise(story: Path) -> None:
    assert replay(story)["promises"] == {"kept": 1, "missed": 1}


def test_late_order_is_told_in_the_night_after_its_last_day(story: Path) -> None:
    replay(story)
    noticed = OrderEvent.objects.filter(kind="order_delayed", order__reference="late").earliest("occurred_at")
    told = Message.objects.get(event=noticed)
    assert f"{noticed.occurred_at:%Y-%m-%d %H:%M}" == "2018-01-13 02:00"
    assert told.sent_at is not None and timedelta(0) <= told.sent_at - noticed.occurred_at < timedelta(hours=3)


def test_messages_are_sent_at_the_time_of_the_story(story: Path) -> None:
    replay(story)
    shipped = Message.objects.get(kind="order_shipped", order__reference="late")
    assert shipped.event is not None and shipped.sent_at == shipped.event.occurred_at


def test_second_replay_changes_nothing(story: Path) -> None:
    found, left, mails = replay(story), database(), len(mail.outbox)
    assert replay(story) == found
    assert database() == left
    assert len(mail.outbox) == mails


def test_shuffled_rows_leave_the_same_behind(tmp_path: Path, story: Path) -> None:
    replay(story)
    left = database()
    forget()
    replay(rows.write(tmp_path / "shuffled.csv", reversed(STORY)))
    assert database() == left


@pytest.mark.parametrize("mails", [1, 4, 7])
def test_ctrl_c_stops_between_two_steps_and_the_same_command_goes_on(story: Path, mails: int) -> None:
    replay(story)
    left, sent = database(), sorted(message.subject + str(message.to) for message in mail.outbox)
    forget()
    mail.outbox.clear()

    def interrupt(**_: object) -> None:
        if len(mail.outbox) >= mails:
            message_sent.disconnect(interrupt)
            os.kill(os.getpid(), signal.SIGINT)

    said = StringIO()
    message_sent.connect(interrupt)
    try:
        with pytest.raises(SystemExit) as stopped:
            call_command("comms_replay", str(story), "--json", stdout=StringIO(), stderr=said)
    finally:
        message_sent.disconnect(interrupt)
    assert stopped.value.code == 130
    assert "Run the same command again" in said.getvalue()
    assert len(mail.outbox) < len(sent)
    replay(story)
    assert database() == left
    assert sorted(message.subject + str(message.to) for message in mail.outbox) == sent


def test_replay_in_parts_counts_like_one_replay(story: Path) -> None:
    whole = replay(story)
    forget()
    replay(story, "--limit", "2")
    assert replay(story) == whole


def test_report_speaks_of_the_selected_orders_alone(story: Path) -> None:
    replay(story)
    found = replay(story, "--from", "2018-01-20")
    assert (found["orders"], found["events"]["order_placed"]) == (1, 1)


def test_nothing_selected_is_a_report_of_nothing(story: Path) -> None:
    assert replay(story, "--until", "1999-12-31") == {
        "orders": 0, "events": {}, "messages": {}, "promises": {"kept": 0, "missed": 0}, "bad_rows": 0,
    }


def test_bad_rows_are_counted_and_said_and_the_rest_is_played(tmp_path: Path) -> None:
    said, out = StringIO(), StringIO()
    path = rows.write(tmp_path / "orders.csv", [rows.row(order_id="b1", status="lost"), rows.row()])
    call_command("comms_replay", str(path), "--json", "--quiet", stdout=out, stderr=said)
    assert said.getvalue() == "line 2: status is unknown: 'lost'\n"
    assert (json.loads(out.getvalue())["bad_rows"], Order.objects.count()) == (1, 1)


def test_null_backend_sends_no_mail_and_counts_the_same(story: Path) -> None:
    found = replay(story, "--backend", "null")
    assert not mail.outbox
    forget()
    assert replay(story) == found


def test_real_time_and_settings_are_back_after_a_replay(story: Path, settings: Any) -> None:
    replay(story, "--backend", "null")
    assert clock.now().year > 2018
    assert "BACKENDS" not in settings.ECOMMERCE_COMMS


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["--from", "soon"], "'soon' is not a date"),
    (["--from", "2018-02-01", "--until", "2018-01-01"], "--from is later than --until"),
    (["--time-zone", "Mars/Base"], "there is no time zone 'Mars/Base'"),
    (["--smtp", "127.0.0.1:1"], "The mails cannot be sent"),
    (["--backend", "nowhere.Backend"], "cannot be imported"),
    (["--limit", "0"], "'0' is not a whole number above zero"),
    (["--smtp", "host:port"], "host:port"),
    (["--smtp", "127.0.0.1:25", "--backend", "null"], "does not go together"),
])
def test_what_cannot_be_done_is_said_in_a_sentence(story: Path, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        replay(story, *arguments)
    assert not OrderEvent.objects.exists()


def test_report_for_people_names_the_counts(story: Path) -> None:
    out = StringIO()
    call_command("comms_replay", str(story), stdout=out, stderr=StringIO())
    assert "4 orders" in out.getvalue() and "order_cancelled" in out.getvalue()
