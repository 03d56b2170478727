"""``comms_doctor`` says what is wrong and what to do, and ends with the status that a script needs."""

from __future__ import annotations

import json
import socket
import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.exceptions import PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.health import doctor
from ecommerce_comms.messaging.models import Worker

pytestmark = [pytest.mark.django_db(databases=["default", "other"]), pytest.mark.usefixtures("fake_shop")]


@pytest.fixture(autouse=True)
def sweeper(clock):
    Worker.objects.create(name="sweep", kind="sweeper", host="h", seen_at=clock())


def examined(capsys, *options):
    """The findings by key, and the status."""
    status = 0
    try:
        call_command("comms_doctor", "--json", *options)
    except SystemExit as end:
        status = end.code
    told = json.loads(capsys.readouterr().out)
    return {finding["key"]: finding for finding in told["findings"]}, status


def test_healthy_shop_ends_with_status_0(capsys):
    found, status = examined(capsys)
    assert status == 0, found
    assert {"migrations", "journal", "broker", "connection:email", "orders", "sweep"} <= found.keys()
    assert found["migrations"]["colour"] == "green"


def test_red_light_ends_with_status_1_and_says_what_to_do(capsys, message):
    message(due=-120)
    with pytest.raises(SystemExit) as end:
        call_command("comms_doctor", "--no-network", no_color=True)
    assert end.value.code == 1
    said = capsys.readouterr().out
    assert "act now     Messages about orders: 1 is due, the oldest for 2 min" in said
    assert "→ See that workers run" in said


def test_wrong_setting_is_told_with_its_hint(capsys, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BATCH_SIZE": "50"}
    found, status = examined(capsys, "--no-network")
    assert (found["ecommerce_comms.E007"]["colour"], status) == ("red", 1)
    assert "whole number" in found["ecommerce_comms.E007"]["todo"]


def test_mail_server_that_refuses_is_red(capsys, monkeypatch):
    def no(self):
        raise TransientDeliveryError("No connection: 535 wrong password")

    monkeypatch.setattr(testing.RecordingBackend, "open", no)
    found, status = examined(capsys)
    assert status == 1
    assert "535 wrong password" in found["connection:email"]["says"]


def test_network_is_left_alone_when_asked(capsys, monkeypatch):
    monkeypatch.setattr(testing.RecordingBackend, "open", lambda self: 1 / 0)
    found, _status = examined(capsys, "--no-network")
    assert "connection:email" not in found
    assert "broker" not in found


def test_mail_server_that_says_nothing_does_not_hold_it_up(capsys, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(doctor, "NETWORK_SECONDS", 0.05)
    monkeypatch.setattr(testing.RecordingBackend, "open", lambda self: released.wait(20) and None)
    found, _status = examined(capsys)
    released.set()
    assert "no answer" in found["connection:email"]["says"]


def test_broker_that_is_down_is_amber_because_the_sweep_goes_on(capsys, settings, monkeypatch):
    def refused():
        raise ConnectionRefusedError(111, "Connection refused")

    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "WAKER": "thread"}
    monkeypatch.setattr(doctor, "_ask_broker", refused)
    found, status = examined(capsys)
    assert (found["broker"]["colour"], status) == ("amber", 0)


def test_broker_of_the_tests_answers(capsys, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "WAKER": "thread"}
    found, _status = examined(capsys)
    assert found["broker"]["colour"] == "green"


def test_broker_that_answers_nothing_is_given_up(monkeypatch):
    from celery import Celery

    with socket.create_server(("127.0.0.1", 0)) as server:
        app = Celery("lonely", broker=f"amqp://127.0.0.1:{server.getsockname()[1]}//", set_as_current=False)
        monkeypatch.setattr(doctor.waker, "app", lambda: app)
        assert doctor._within(0.2, doctor._ask_broker)


def test_missing_table_is_told_and_the_rest_is_examined_all_the_same(capsys, monkeypatch):
    def gone():
        raise DatabaseError("no such table")

    monkeypatch.setattr(doctor, "collect", gone)
    found, status = examined(capsys, "--no-network")
    assert status == 1
    assert "no such table" in found["database"]["says"]
    assert "journal" in found


def test_probe_that_breaks_is_a_finding_and_not_the_end(capsys, monkeypatch):
    monkeypatch.setattr(doctor, "run_checks", lambda: 1 / 0)
    found, status = examined(capsys, "--no-network")
    assert (found["settings"]["colour"], status) == ("red", 1)
    assert "orders" in found


def test_journal_that_cannot_be_written_is_red(capsys, monkeypatch):
    def no():
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.journal, "folder", no)
    found, _status = examined(capsys, "--no-network")
    assert "JOURNAL_DIR" in found["journal"]["todo"]


def test_silent_sweep_is_red(capsys, clock):
    Worker.objects.update(seen_at=clock() - timedelta(minutes=5))
    found, status = examined(capsys, "--no-network")
    assert (found["sweep"]["colour"], status) == ("red", 1)


def by_django(settings, **options):
    """Mails go over Django's own backends, each by its name: the class within django.core.mail.backends, and its options."""
    entries = [{"name": name, "backend": f"django.core.mail.backends.{path}.EmailBackend", "options": values}
               for name, (path, values) in options.items()]
    email = {"email": "ecommerce_comms.messaging.backends.email.EmailBackend"}
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": email, "EMAIL_PROVIDERS": entries}


def test_mails_that_become_files_leave_none_behind(capsys, settings, tmp_path):
    by_django(settings, files=("filebased", {"file_path": str(tmp_path)}))
    found, status = examined(capsys)
    assert (found["connection:files"]["colour"], status) == ("green", 0)
    assert list(tmp_path.iterdir()) == []


def test_folder_for_mails_that_cannot_be_made_is_red(capsys, settings, tmp_path):
    (tmp_path / "mails").write_text("a file")
    by_django(settings, files=("filebased", {"file_path": str(tmp_path / "mails")}))
    found, status = examined(capsys)
    assert (found["connection:files"]["colour"], status) == ("red", 1)


@pytest.fixture
def shut():
    """A port of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return {"host": "127.0.0.1", "port": port, "timeout": 2}


def test_own_mail_server_that_is_down_is_not_blamed_on_a_provider(capsys, settings, shut):
    by_django(settings, relay=("smtp", shut))
    found, status = examined(capsys)
    assert (found["connection:relay"]["colour"], status) == ("red", 1)
    assert f"of your own (127.0.0.1:{shut['port']})" in found["connection:relay"]["todo"]
    assert "provider" not in found["connection:relay"]["todo"]


def test_one_of_two_ways_that_is_shut_is_amber_as_on_the_health_page(capsys, settings, shut, tmp_path):
    by_django(settings, relay=("smtp", shut), files=("filebased", {"file_path": str(tmp_path)}))
    found, status = examined(capsys)
    assert (found["connection:relay"]["colour"], found["connection:files"]["colour"], status) == ("amber", "green", 0)


def test_it_speaks_in_the_words_of_the_health_page_and_ends_with_its_verdict(capsys, client, message):
    message(due=-120)
    with pytest.raises(SystemExit):
        call_command("comms_doctor", "--no-network", no_color=True)
    said = capsys.readouterr().out.splitlines()
    client.force_login(User.objects.create_superuser("mira"))
    page = client.get(reverse("admin:ecommerce_comms_health")).content.decode()
    assert said[-1] == "Something is wrong. Act now." and said[-1] in page
    for words in ("act now", "fine"):
        assert any(line.startswith(words) for line in said) and f">{words}</td>" in page


class TestTestMail:
    def test_it_is_sent_and_the_address_is_masked(self, capsys):
        found, status = examined(capsys, "--mail", "mira@shop.example")
        [mail] = testing.sent()
        assert (mail.recipient, mail.subject, status) == ("mira@shop.example", "Test mail from Plain Goods", 0)
        assert found["mail:email"]["says"] == "accepted for m…@s….example; look whether it arrives"

    def test_no_mail_goes_out_unasked(self, capsys):
        examined(capsys)
        assert testing.sent() == []

    def test_refusal_is_told_in_the_servers_words(self, capsys):
        testing.RecordingBackend.refuse = PermanentDeliveryError("550 mira@shop.example is not here")
        found, status = examined(capsys, "--mail", "mira@shop.example")
        assert status == 1
        assert "550 m…@s….example is not here" in found["mail:email"]["says"]

    def test_nonsense_is_no_address(self, capsys):
        found, status = examined(capsys, "--mail", "mira")
        assert (found["mail"]["colour"], status, testing.sent()) == ("red", 1, [])
