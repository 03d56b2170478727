"""The chaos tests' own mail server and proxy do wrong exactly what they are told to, and nothing else."""

from __future__ import annotations

import json
import smtplib
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.chaos.control import free_port, listens, tell, wait_until
from tests.chaos.nodes import ROOT

MAIL = b"Message-ID:\r\n <1@shop.example>\r\nX-Comms-Kind: order_placed\r\n\r\nHello\r\n"
SENDER, CUSTOMER = "shop@shop.example", "asha@customers.example"
TAKEN = {"what": "taken", "message_id": "1@shop.example", "to": [CUSTOMER], "kind": "order_placed"}


@contextmanager
def running(*command: object, ports=()):
    """A module of ours as a process."""
    process = subprocess.Popen([sys.executable, "-m", *map(str, command)], cwd=ROOT)
    try:
        wait_until(lambda: all(map(listens, ports)))
        yield
    finally:
        process.kill()
        process.wait()


class Sink:
    """The mail server as a sender and its boss see it."""

    def __init__(self, path: Path) -> None:
        self.path, self.control, self.ports = path, free_port(), [free_port(), free_port()]

    def trouble(self, kind, **values):
        tell(self.control, trouble=kind, **values)

    def lines(self):
        wanted = ("what", "message_id", "to", "kind", "code")
        read = [json.loads(line) for line in self.path.read_text().splitlines()]
        return [{name: line[name] for name in wanted if name in line} for line in read]

    def send(self, door=0, timeout=0.5):
        with smtplib.SMTP("127.0.0.1", self.ports[door], timeout=timeout) as client:
            client.sendmail(SENDER, CUSTOMER, MAIL)


@pytest.fixture
def sink(tmp_path):
    sink = Sink(tmp_path / "sink")
    with running("tests.chaos.sink", sink.path, sink.control, 0, *sink.ports, ports=[sink.control, *sink.ports]):
        yield sink


def test_mail_is_one_line_at_either_door(sink):
    sink.send()
    sink.send(door=1)
    assert sink.lines() == [TAKEN, TAKEN]


def test_mail_in_chunks_is_taken(sink):
    with smtplib.SMTP("127.0.0.1", sink.ports[0], timeout=2) as client:
        client.ehlo()
        client.mail(SENDER)
        client.rcpt(CUSTOMER)
        for part, last in ((MAIL[:20], ""), (MAIL[20:], " LAST")):
            client.send(f"BDAT {len(part)}{last}\r\n".encode() + part)
            assert client.getreply()[0] == 250
    assert sink.lines() == [TAKEN]


@pytest.mark.parametrize("kind", ["421", "450", "451", "452", "550", "554"])
def test_refusal_has_its_code_and_takes_nothing(sink, kind):
    sink.trouble(kind)
    with pytest.raises(smtplib.SMTPException) as refusal:
        sink.send()
    assert kind in str(refusal.value)
    assert [line for line in sink.lines() if line["what"] == "taken"] == []
    sink.trouble("")
    sink.send()
    assert sink.lines()[-1] == TAKEN


@pytest.mark.parametrize("kind", ["550", "554"])
def test_refusal_is_noted(sink, kind):
    sink.trouble(kind)
    with pytest.raises(smtplib.SMTPException):
        sink.send()
    assert [(line["what"], line["code"]) for line in sink.lines()] == [("refused", int(kind))]


@pytest.mark.parametrize("kind", ["silence", "closed after MAIL", "closed before the dot", "lost after the dot"])
def test_what_breaks_before_the_mail_is_taken_leaves_no_line(sink, kind):
    sink.trouble(kind, seconds=5)
    with pytest.raises((OSError, smtplib.SMTPException)):
        sink.send()
    assert sink.lines() == []


@pytest.mark.parametrize("kind", ["taken, then silence", "taken, then closed"])
def test_mail_that_was_taken_and_not_confirmed_is_noted_as_such(sink, kind):
    sink.trouble(kind)
    with pytest.raises((OSError, smtplib.SMTPException)):
        sink.send()
    assert sink.lines() == [TAKEN, {"what": "unanswered", "message_id": "1@shop.example"}]


def test_dripping_answer_outlasts_every_read_and_is_whole_once_healed(sink):
    sink.trouble("drip", seconds=0.05)
    with closing(socket.create_connection(("127.0.0.1", sink.ports[0]), timeout=2)) as client:
        file = client.makefile("rb")
        assert file.readline().startswith(b"220")
        for line in (b"HELO me", b"MAIL FROM:<a@b.example>", b"RCPT TO:<asha@customers.example>", b"DATA"):
            client.sendall(line + b"\r\n")
            assert file.readline()[:3] in (b"250", b"354")
        client.sendall(MAIL + b".\r\n")
        assert file.read(10)
        sink.trouble("")
        assert file.readline().endswith(b"\r\n")
        assert file.readline().startswith(b"250 ")


def test_trouble_keeps_to_its_door_and_its_number(sink):
    sink.trouble("451", left=1, ports=sink.ports[:1])
    sink.send(door=1)
    with pytest.raises(smtplib.SMTPDataError):
        sink.send()
    sink.send()
    assert sink.lines() == [TAKEN, {"what": "refused", "to": CUSTOMER, "code": 451}, TAKEN]


# ---- the proxy --------------------------------------------------------------------------------------------------------


@pytest.fixture
def line(sink):
    """A proxy before the mail server; gives its port and its control."""
    listen, control = free_port(), free_port()
    with running("tests.chaos.proxy", listen, sink.ports[0], control, ports=[listen, control]):
        yield listen, control


def ask(client):
    """Say something to the mail server; its answer."""
    client.sendall(b"NOOP\r\n")
    return client.recv(100)


def test_line_freezes_and_thaws_without_losing_a_byte(line):
    listen, control = line
    with closing(socket.create_connection(("127.0.0.1", listen), timeout=0.3)) as client:
        assert client.recv(100).startswith(b"220")
        tell(control, mode="freeze")
        with pytest.raises(TimeoutError):
            ask(client)
        tell(control, mode="pass")
        assert client.recv(100).startswith(b"250")


def test_line_that_is_cut_is_reset_for_old_and_new(line):
    listen, control = line
    with closing(socket.create_connection(("127.0.0.1", listen), timeout=2)) as client:
        assert client.recv(100).startswith(b"220")
        tell(control, mode="cut")
        with pytest.raises(ConnectionResetError):
            client.recv(100)
    with pytest.raises(OSError), closing(socket.create_connection(("127.0.0.1", listen), timeout=2)) as client:
        assert client.recv(100)
        raise AssertionError
    tell(control, mode="pass")
    with closing(socket.create_connection(("127.0.0.1", listen), timeout=2)) as client:
        assert client.recv(100).startswith(b"220")
