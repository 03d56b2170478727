"""A mail server that keeps nothing but when each mail came: ``python -m benchmarks.sink [--chunking]``.

It says its port, and then answers on standard output what it is asked on standard input: ``count`` with the number of
mails, ``take`` with all of them as JSON, which it forgets.
"""

from __future__ import annotations

import argparse
import json
import re
import selectors
import socket
import sys
import time
from collections.abc import Callable

END = b"\r\n.\r\n"
MESSAGE_ID = re.compile(rb"^message-id:\s*<?([^>\s]*)", re.IGNORECASE | re.MULTILINE)
OK, GO_ON, BYE, WHAT = b"250 2.0.0 Ok\r\n", b"354 Go on\r\n", b"221 2.0.0 Bye\r\n", b"500 5.5.2 What?\r\n"

Arrival = tuple[int, str, str, int]
"""Nanoseconds of ``CLOCK_MONOTONIC`` when the last byte was there, recipient, Message-ID, number of bytes."""


class Conversation:
    """One connection: takes bytes, gives the answers (RFC 5321; PIPELINING, RFC 2920; CHUNKING, RFC 3030)."""

    __slots__ = ("_arrived", "_buffer", "_greeting", "_last", "_left", "_mail", "_recipient", "_searched", "_state")

    def __init__(self, arrived: Callable[[Arrival], object], *, chunking: bool = False) -> None:
        extensions = ["sink.example", "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", *(["CHUNKING"] if chunking else []), "SMTPUTF8"]
        lines = [f"250{' ' if name is extensions[-1] else '-'}{name}\r\n" for name in extensions]
        self._greeting = "".join(lines).encode()
        self._arrived = arrived
        self._buffer, self._mail = bytearray(), b""
        self._state = self._command
        self._searched, self._left, self._last, self._recipient = 0, 0, False, ""

    def feed(self, data: bytes) -> bytes:
        """Take ``data`` from the wire; returns all answers to it."""
        self._buffer += data
        answers = []
        while (answer := self._state()) is not None:
            answers.append(answer)
        return b"".join(answers)

    def _command(self) -> bytes | None:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        verb = line[:4].upper()
        if verb == b"RCPT":
            self._recipient = line[line.find(b"<") + 1 : line.rfind(b">")].decode("utf-8", "replace")
        elif verb == b"DATA":
            self._state, self._searched = self._data, 0
            return GO_ON
        elif verb == b"BDAT":
            self._left, self._last = int(line.split()[1]), line.upper().endswith(b"LAST")
            self._state = self._chunk
            return b""
        elif verb in (b"EHLO", b"HELO"):
            return self._greeting
        elif verb == b"QUIT":
            return BYE
        return OK if verb in (b"RCPT", b"MAIL", b"RSET", b"NOOP") else WHAT

    def _data(self) -> bytes | None:
        end = self._buffer.find(END, self._searched)
        if end < 0:
            self._searched = max(0, len(self._buffer) - len(END))
            return None
        self._mail = bytes(self._buffer[:end])
        del self._buffer[: end + len(END)]
        return self._accept()

    def _chunk(self) -> bytes | None:
        if len(self._buffer) < self._left:
            return None
        self._mail += self._buffer[: self._left]
        del self._buffer[: self._left]
        self._state = self._command
        return self._accept() if self._last else OK

    def _accept(self) -> bytes:
        mail, self._mail, self._state = self._mail, b"", self._command
        found = MESSAGE_ID.search(mail, 0, 4096)
        self._arrived((time.monotonic_ns(), self._recipient, found[1].decode() if found else "", len(mail)))
        return OK


class Server:
    """Talks with everyone in one thread, which costs a fraction of what a thread for each would."""

    def __init__(self, *, chunking: bool) -> None:
        self.arrivals: list[Arrival] = []
        self._chunking = chunking
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._selector.register(self._listener, selectors.EVENT_READ, self._greet)
        self._selector.register(sys.stdin.fileno(), selectors.EVENT_READ, self._asked)
        self.port = self._listener.getsockname()[1]

    def run(self) -> None:
        """Until nobody asks any more."""
        while True:
            for key, _mask in self._selector.select():
                key.data()

    def _greet(self) -> None:
        guest, _address = self._listener.accept()
        guest.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        guest.sendall(b"220 sink.example\r\n")
        conversation = Conversation(self.arrivals.append, chunking=self._chunking)
        self._selector.register(guest, selectors.EVENT_READ, lambda: self._talk(guest, conversation))

    def _talk(self, guest: socket.socket, conversation: Conversation) -> None:
        try:
            data = guest.recv(262_144)
            answers = conversation.feed(data)
            if answers:
                guest.sendall(answers)
        except OSError:
            data = b""
        if not data:
            self._selector.unregister(guest)
            guest.close()

    def _asked(self) -> None:
        question = sys.stdin.readline()
        if not question:
            sys.exit()
        if question == "take\n":
            print(json.dumps(self.arrivals), flush=True)
            self.arrivals.clear()
        else:
            print(len(self.arrivals), flush=True)


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunking", action="store_true", help="offer CHUNKING")
    server = Server(chunking=parser.parse_args().chunking)
    print(server.port, flush=True)
    server.run()


if __name__ == "__main__":
    main()
