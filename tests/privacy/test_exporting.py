"""An export holds everything of one person, and nothing of anybody else."""

from __future__ import annotations

import json
import stat

import pytest
from django.core.management import CommandError, call_command

from ecommerce_comms import privacy, testing
from ecommerce_comms.customers import consents
from ecommerce_comms.exceptions import UnknownPerson
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.models import Order
from tests.privacy.story import ALIAS, EMAIL, live, order_of_asha, order_of_ravi

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, tmp_path):
    """Snapshots stand in for orders, and files are kept in a folder of the test's own."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path / "journals")}


def test_everything_about_her_is_there():
    live()
    found = privacy.export(EMAIL)
    assert (found["format"], found["version"], found["made_at"]) == ("ecommerce_comms.export", 1, "2026-03-02T04:30:00+00:00")
    assert {customer["reference"] for customer in found["customers"]} == {"", "7"}
    assert [order["number"] for order in found["orders"]] == ["1001", "1002", "1003", "1004"]
    assert [event["order_reference"] for event in found["other_events"]] == ["1099"]
    last = found["orders"][3]
    assert last["snapshot"]["address"]["lines"] == ["12 Ashok Marg"]
    assert last["parcels"][0]["tracking_number"] == "BD1"
    assert [event["kind"] for event in last["events"]] == ["order_placed", "order_shipped", "order_delayed"]
    assert last["promises"][0]["reason"] == "Asha Sharma has asked to wait, call 9876543210"
    [consent, alias] = found["consents"]
    assert (consent["topic"], consent["granted"], consent["words"], consent["evidence"]["ip"]) == (
        "marketing", True, "I, Asha Sharma, agree.", "192.0.2.1")
    assert alias["where"] == "checkout"
    assert [(each["scope"], each["reason"]) for each in found["suppressions"]] == [("all", "bounced")]


def test_messages_say_what_was_said_and_what_became_of_it():
    live()
    [message] = [each for each in privacy.export(EMAIL)["messages"] if (each["order"], each["kind"]) == ("1004", "order_placed")]
    assert "12 Ashok Marg" in message["text"] and message["text_is_kept"] is True
    assert (message["recipient"], message["state"], message["subject"]) == (EMAIL, "sent", "Thank you, Asha! We have your order 1004")
    assert message["tries"][0]["answer"] == f"<{EMAIL}>: busy, Asha"
    assert message["notices"][0]["kind"] == "bounced"


def test_calls_and_conversations_are_told_whole():
    live()
    found = privacy.export(EMAIL)
    first, second = found["calls"]
    assert (first["number"], first["reason"], first["tries"]) == ("+919876543210", "Is it at Ashok Marg? Asha", 1)
    assert [(each["outcome"], each["note"]) for each in first["calls"]] == [("no_answer", "Sharma was out, her neighbour says")]
    assert second["order"] == "1001"
    [talk] = found["conversations"]
    assert [(line["number"], line["author"], line["text"]) for line in talk["lines"]] == [(1, "customer", f"I am Asha Sharma, {EMAIL}")]


def test_nothing_of_anybody_else_is_in_it():
    live()
    text = json.dumps(privacy.export(EMAIL)).lower()
    assert "ravi" not in text
    assert "192.0.2.9" not in text


def test_order_that_was_somebody_elses_before_does_not_tell_of_them():
    testing.tell("order_placed", order_of_ravi("1001"))
    testing.tell("order_changed", order_of_asha("1001", account="7"))
    found = privacy.export("7")
    assert Order.objects.get().customer.reference == "7"
    assert "Ravi" not in json.dumps(found)
    assert [each["kind"] for each in found["messages"]] == ["order_changed"]


def test_proofs_of_an_erased_person_can_still_be_shown():
    live()
    privacy.erase(EMAIL)
    found = privacy.export(EMAIL)
    assert (found["customers"], found["orders"], found["messages"]) == ([], [], [])
    assert {each["where"] for each in found["consents"]} == {"checkout", "erased"}


def test_address_that_never_ordered_has_its_consents():
    consents.grant("reader@customers.example", topic="marketing", where="footer", words="Send me news.")
    assert [each["words"] for each in privacy.export("Reader@customers.example")["consents"]] == ["Send me news."]


def test_text_of_a_kind_that_is_gone_stays_empty():
    testing.tell("order_placed", order_of_asha())
    Message.objects.update(kind="of_old", words={})
    assert privacy.export(EMAIL)["messages"][0]["text"] == ""


def test_nobody_is_nobody():
    with pytest.raises(UnknownPerson):
        privacy.export(ALIAS)


class TestCommand:
    def test_file_can_be_read_by_its_owner_alone(self, tmp_path):
        testing.tell("order_placed", order_of_asha(address=order_of_asha().address))
        path = tmp_path / "asha.json"
        call_command("comms_export", EMAIL, "--output", str(path))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert json.loads(path.read_text(encoding="utf-8"))["orders"][0]["snapshot"]["address"]["name"] == "Asha Sharma आशा"
        assert "आशा" in path.read_text(encoding="utf-8")

    def test_file_is_replaced_only_by_force(self, tmp_path):
        testing.tell("order_placed", order_of_asha())
        path = tmp_path / "asha.json"
        path.write_text("mine")
        path.chmod(0o644)
        with pytest.raises(CommandError, match="--force"):
            call_command("comms_export", EMAIL, "--output", str(path))
        assert path.read_text() == "mine"
        call_command("comms_export", EMAIL, "--output", str(path), "--force")
        assert json.loads(path.read_text(encoding="utf-8"))["version"] == 1
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [each.name for each in tmp_path.glob("*asha*")] == ["asha.json"]

    def test_link_is_not_followed(self, tmp_path):
        testing.tell("order_placed", order_of_asha())
        (tmp_path / "asha.json").symlink_to(tmp_path / "elsewhere.json")
        with pytest.raises(CommandError, match="exists already"):
            call_command("comms_export", EMAIL, "--output", str(tmp_path / "asha.json"))
        assert not (tmp_path / "elsewhere.json").exists()

    def test_dash_is_the_terminal(self, capsys):
        testing.tell("order_placed", order_of_asha())
        call_command("comms_export", EMAIL, "--output", "-", "--format", "json")
        assert json.loads(capsys.readouterr().out)["customers"][0]["email"] == EMAIL

    def test_nobody_ends_with_status_one_and_leaves_no_file(self, tmp_path):
        with pytest.raises(CommandError, match="Nothing is kept of this person") as error:
            call_command("comms_export", "nobody@x.example", "--output", str(tmp_path / "x.json"))
        assert error.value.returncode == 1
        assert list(tmp_path.glob("*.json")) == []

    def test_folder_that_is_not_there_is_said(self, tmp_path):
        testing.tell("order_placed", order_of_asha())
        with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
            call_command("comms_export", EMAIL, "--output", str(tmp_path / "no" / "asha.json"))
