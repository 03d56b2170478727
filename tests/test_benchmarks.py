"""The benchmark measures what it says: its mail server, its sums, its verdicts, and a small run of all of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PEERS = ("psutil", "post_office", "procrastinate", "redis")
if missing := [name for name in PEERS if not find_spec(name)]:
    pytest.skip(f"needs the extra bench: {', '.join(missing)}", allow_module_level=True)

from benchmarks import measures, report, shop  # noqa: E402 - only with the extra
from benchmarks.sink import Conversation  # noqa: E402
from benchmarks.ways import mail  # noqa: E402
from ecommerce_comms import signals, testing  # noqa: E402

MAIL = b"From: a@shop.example\r\nMessage-ID: <7@shop.example>\r\n\r\nGood day.\r\n.. a dot\r\n"
ENVELOPE = b"MAIL FROM:<a@shop.example>\r\nRCPT TO:<asha.1000007@customers.example>\r\n"


@pytest.fixture
def arrivals() -> list:
    return []


@pytest.fixture
def sink(arrivals) -> Conversation:
    return Conversation(arrivals.append, chunking=True)


# ---- the mail server ------------------------------------------------------------------------------------------------


def test_mail_is_noted_when_its_last_byte_is_there(sink, arrivals):
    assert sink.feed(b"EHLO shop.example\r\n").splitlines()[-1].startswith(b"250 ")
    assert sink.feed(ENVELOPE + b"DATA\r\n").count(b"250") == 2
    for byte in MAIL + b".\r\n":
        assert arrivals == []
        answer = sink.feed(bytes([byte]))
    assert answer.startswith(b"250")
    [(_moment, recipient, message_id, size)] = arrivals
    assert (measures.number_of(recipient), message_id, size) == ("1000007", "7@shop.example", len(MAIL) - 2)


def test_mails_may_come_without_waiting_for_answers(sink, arrivals):
    one = ENVELOPE + b"DATA\r\n" + MAIL + b".\r\n"
    answers = sink.feed(one * 3 + b"QUIT\r\n")
    assert (len(arrivals), answers.count(b"354"), answers.count(b"221")) == (3, 3, 1)


def test_mails_may_come_in_chunks(sink, arrivals):
    head, rest = MAIL[:20], MAIL[20:]
    answers = sink.feed(ENVELOPE + b"BDAT 20\r\n" + head + f"BDAT {len(rest)} LAST\r\n".encode() + rest + ENVELOPE)
    assert (len(arrivals), answers.count(b"250")) == (1, 6)
    assert arrivals[0][3] == len(MAIL)


# ---- the mail ---------------------------------------------------------------------------------------------------------


def test_peers_send_the_mail_that_we_send(db, settings, mailoutbox, clock):
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [ROOT / "benchmarks" / "templates"]}]
    order = shop.save("1000001", clock())
    signals.order_placed.send(sender=type(order), order=order)
    testing.settle()
    [ours], (subject, text, html) = mailoutbox, mail.parts(order)
    assert subject == ours.subject
    assert text.split() == ours.body.split()
    assert len(html) == pytest.approx(len(ours.alternatives[0][0]), rel=0.05)


# ---- sums and verdicts --------------------------------------------------------------------------------------------------


def arrival(seconds: float, number: str) -> tuple[int, str, str, int]:
    return round(seconds * 1e9), f"asha.{number}@customers.example", "", 9000


def test_wait_ends_with_the_first_mail_of_an_order():
    placed = [["1", 1_000_000_000, 0.1], ["2", 2_000_000_000, 0.1], {"cpu": 1}]
    assert measures._waits(placed, [arrival(1.25, "1"), arrival(3, "1")]) == [250.0]


def test_median_of_what_telling_adds_is_the_difference_of_the_medians():
    found = measures.added_ms({"silent": [0.001, 0.002, 0.003], "told": [0.002, 0.004, 0.009], "silent_cpu": [0, 0], "told_cpu": [0, 0]})
    assert found["p50_ms"] == pytest.approx(2)


def ways(ours: dict, **cpu_of_peers: float) -> dict:
    peers = {name.replace("_", "-"): {"title": name, "drain": {"cpu_ms": cpu}} for name, cpu in cpu_of_peers.items()}
    return {"ways": {"ours": {"title": "ours", **ours}, **peers}}


def test_goal_is_measured_against_the_best_of_a_peers_settings():
    lines = report.goals(ways({"drain": {"cpu_ms": 0.5}}, celery=20.0, post_office=3.0, post_office_tuned=0.9))
    assert ["goal met" in line for line in lines[1:]] == [True, False]
    assert "found 1.8" in lines[2]


def test_goal_that_was_missed_is_called_missed():
    lines = report.goals(ways({"added": {"queries": 3, "p50_ms": 0.4}, "latency": {"p50_ms": 49.0, "p99_ms": 251.0}}))
    assert ["NOT MET" in line for line in lines[1:]] == [True, False, False, True]


def test_mail_that_never_came_misses_its_goal():
    [line] = report.goals(ways({"void": {"orders": 20, "mails": 19, "max_s": None}}))[1:]
    assert "NOT MET" in line


# ---- all of it --------------------------------------------------------------------------------------------------------------


@pytest.mark.services
def test_small_run_measures_every_part():
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    command = "--messages 50 --database sqlite --only ours --parts drain,latency,added --rate 20 --seconds 1 --pairs 5 --json"
    done = subprocess.run([sys.executable, "-m", "benchmarks.delivery", *command.split()], cwd=ROOT, capture_output=True, text=True,
                          timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    ours = json.loads(done.stdout)["ways"]["ours"]
    assert (ours["drain"]["mails"], ours["drain"]["complete"], ours["drain"]["doubles"]) == (50, True, 0), ours
    assert ours["latency"]["mails"] == 20
    assert ours["added"]["queries"] == 2
    assert 0 < ours["drain"]["yardstick_ms"] < ours["drain"]["cpu_ms"] < 100
