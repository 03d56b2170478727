"""How little it could cost: the bytes of a finished mail, sent as fast as SMTP allows; ``python -m benchmarks.limits HOW PORT MAILS``.

Nothing is rendered, kept or marked. Prints the seconds of CPU and of time as JSON.
"""

from __future__ import annotations

import json
import smtplib
import socket
import sys
import time
from collections.abc import Callable

SENDER, RECIPIENT = "orders@shop.example", "asha.0@customers.example"
SIZE = 9_000
"""Bytes of the mail, about as many as our order mail with three lines has."""
AHEAD = 50
"""How many mails are written before the first of their answers is read; more would fill the buffers on both sides."""

Send = Callable[[int], None]


def with_smtplib(port: int, mail: bytes) -> Send:
    """``smtplib`` over one kept connection: four round trips a mail."""
    connection = smtplib.SMTP("127.0.0.1", port)

    def send(mails: int) -> None:
        for _mail in range(mails):
            connection.sendmail(SENDER, [RECIPIENT], mail)

    return send


def with_fresh_connections(port: int, mail: bytes) -> Send:
    """``smtplib`` with a connection for each mail."""

    def send(mails: int) -> None:
        for _mail in range(mails):
            with smtplib.SMTP("127.0.0.1", port) as connection:
                connection.sendmail(SENDER, [RECIPIENT], mail)

    return send


def pipelined(port: int, mail: bytes) -> Send:
    """PIPELINING (RFC 2920): the end of one mail and the beginning of the next travel together, one round trip a mail."""
    connection = _connect(port)
    envelope = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{RECIPIENT}>\r\nDATA\r\n".encode()

    def send(mails: int) -> None:
        connection.sendall(envelope)
        _read(connection, 3)
        for _mail in range(mails - 1):
            connection.sendall(mail + b"\r\n.\r\n" + envelope)
            _read(connection, 4)
        connection.sendall(mail + b"\r\n.\r\n")
        _read(connection, 1)

    return send


def chunked(port: int, mail: bytes) -> Send:
    """CHUNKING (RFC 3030): no answer has to be waited for at all."""
    connection = _connect(port)
    whole = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{RECIPIENT}>\r\nBDAT {len(mail)} LAST\r\n".encode() + mail

    def send(mails: int) -> None:
        for done in range(0, mails, AHEAD):
            count = min(AHEAD, mails - done)
            for _mail in range(count):
                connection.sendall(whole)
            _read(connection, 3 * count)

    return send


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _read(connection, 1)
    connection.sendall(b"EHLO shop.example\r\n")
    while b"250 " not in connection.recv(4096):
        pass
    return connection


def _read(connection: socket.socket, answers: int) -> None:
    """Read so many answers of one line each."""
    while answers > 0:
        answers -= connection.recv(65_536).count(b"\n")


LIMITS: dict[str, tuple[str, Callable[[int, bytes], Send]]] = {
    "smtplib": ("limit: smtplib, finished bytes, connection kept", with_smtplib),
    "smtplib-fresh": ("limit: smtplib, finished bytes, a connection each", with_fresh_connections),
    "pipelined": ("limit: finished bytes, pipelined", pipelined),
    "chunked": ("limit: finished bytes, chunks, no waiting", chunked),
}


def finished() -> bytes:
    """A mail of ``SIZE`` bytes."""
    head = f"From: {SENDER}\r\nTo: {RECIPIENT}\r\nMessage-ID: <limit@shop.example>\r\nSubject: Your order\r\n\r\n".encode()
    line = b"x" * 74 + b"\r\n"
    return head + line * ((SIZE - len(head)) // len(line))


def main() -> None:
    """Send, and say what it took."""
    how, port, mails = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    send = LIMITS[how][1](port, finished())
    send(20)
    busy, start = time.process_time(), time.perf_counter()
    send(mails)
    print(json.dumps({"cpu": time.process_time() - busy, "wall": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
