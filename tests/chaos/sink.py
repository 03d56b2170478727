"""A mail server that never forgets and answers as it is told: ``python -m tests.chaos.sink FILE CONTROL PACE PORT…``.

Every mail that it takes over is one line of JSON in ``FILE``, written *before* the answer to the dot: that file alone says
what customers got. Lines have ``what``: ``taken`` (with ``message_id``, ``to``, ``kind``, ``port``, ``helo``, ``at``),
``refused`` (``to``, ``code``, ``at``) or ``unanswered`` (``message_id``, ``at``: it was taken, and the sender cannot know).
``at`` is the machine's monotonic time in seconds, ``wall`` its time since 1970: both are the sink's own and are never faked.

What it does wrong comes as an order over ``CONTROL``: ``{"trouble": …, "seconds": …, "left": how often, "ports": […]}``; see
``TROUBLES``. It offers PIPELINING (RFC 2920), CHUNKING (RFC 3030), 8BITMIME and SMTPUTF8, so that a sender that uses them is tried too.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.control import Order, obey

TROUBLES = {
    "slow": "each answer takes some seconds",
    "drip": "the answer to a mail comes byte by byte",
    "silence": "it takes connections and says nothing",
    "421": "it hangs up with 421",
    "450": "450 to the recipient",
    "451": "451 to the mail",
    "452": "452 to the sender",
    "550": "550 to the recipient",
    "554": "554 to the mail",
    "taken, then silence": "it takes the mail over and never says so",
    "taken, then closed": "it takes the mail over and hangs up without an answer",
    "closed after MAIL": "it hangs up after the sender's address",
    "closed before the dot": "it hangs up in the middle of the mail",
    "lost after the dot": "it hangs up after the dot, and has not taken the mail",
}
_HEADER = re.compile(rb"^(message-id|x-comms-kind|to):[ \t]*([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_PATH = re.compile(rb"<([^>]*)>")


class Hangup(Exception):
    """The conversation is over."""


@dataclass
class Trouble:
    """What goes wrong at the moment."""

    kind: str = ""
    seconds: float = 0.0
    left: int = -1
    """How many times more; below zero for as often as it comes."""
    ports: frozenset[int] = frozenset()
    """Where; empty for everywhere."""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def strikes(self, kind: str, port: int) -> bool:
        """Whether ``kind`` goes wrong now; counts it if so."""
        if kind != self.kind or not self.left or (self.ports and port not in self.ports):
            return False
        self.left -= 1
        return True


class Sink:
    """What all conversations share: the file, and what goes wrong."""

    def __init__(self, path: str, pace: float) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.pace = pace
        """Seconds that a mail takes when nothing is wrong; half of them pass between taking it and saying so."""
        self.trouble = Trouble()
        self.counts: dict[str, int] = {"taken": 0, "refused": 0, "unanswered": 0}

    def act(self, order: Order) -> Order:
        """Begin another trouble, or none; ``count`` alone asks how many lines of each kind there are."""
        if "trouble" in order:
            self.trouble.over.set()
            self.trouble = Trouble(order["trouble"], order.get("seconds", 0.0), order.get("left", -1), frozenset(order.get("ports", ())))
        self.pace = order.get("pace", self.pace)
        return dict(self.counts)

    def note(self, what: str, **values: Any) -> None:
        """Append one line, in one write."""
        self.counts[what] += 1
        line = {"what": what, "at": time.monotonic(), "wall": time.time(), **values}
        os.write(self._file, json.dumps(line).encode() + b"\n")


class Conversation:
    """One connection."""

    def __init__(self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._sink, self._reader, self._writer = sink, reader, writer
        self._port = int(writer.get_extra_info("sockname")[1])
        self._helo = ""
        self._to: list[str] = []
        self._chunks = b""

    async def hold(self) -> None:
        """Talk until somebody hangs up."""
        try:
            await self._trouble_at_the_door()
            await self._answer("220 sink.example ESMTP")
            while line := await self._reader.readline():
                verb, _space, rest = line.strip().partition(b" ")
                await getattr(self, f"_on_{verb.decode('ascii', 'replace').lower()}", self._unknown)(rest)
        except (Hangup, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._writer.close()

    def _strikes(self, kind: str) -> bool:
        return self._sink.trouble.strikes(kind, self._port)

    async def _answer(self, *lines: str) -> None:
        trouble = self._sink.trouble
        if trouble.kind == "slow" and self._strikes("slow"):
            await asyncio.sleep(trouble.seconds)
        elif self._strikes("silence"):
            await trouble.over.wait()
            raise Hangup
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self._writer.drain()

    async def _trouble_at_the_door(self) -> None:
        if self._strikes("421"):
            await self._answer("421 4.3.2 Going down")
            raise Hangup

    async def _on_ehlo(self, name: bytes) -> None:
        self._helo = name.decode("ascii", "replace")
        await self._answer("250-sink.example", "250-PIPELINING", "250-8BITMIME", "250-SMTPUTF8", "250-ENHANCEDSTATUSCODES", "250 CHUNKING")

    async def _on_helo(self, name: bytes) -> None:
        self._helo = name.decode("ascii", "replace")
        await self._answer("250 sink.example")

    async def _on_mail(self, _rest: bytes) -> None:
        self._to, self._chunks = [], b""
        if self._strikes("closed after MAIL"):
            raise Hangup
        await self._answer("452 4.3.1 No room" if self._strikes("452") else "250 2.1.0 Ok")

    async def _on_rcpt(self, rest: bytes) -> None:
        found = _PATH.search(rest)
        address = found[1].decode("utf-8", "replace") if found else ""
        for code, words in (("450", "4.2.1 Busy"), ("550", "5.1.1 Unknown")):
            if self._strikes(code):
                self._sink.note("refused", to=address, code=int(code))
                await self._answer(f"{code} {words}")
                return
        self._to.append(address)
        await self._answer("250 2.1.5 Ok")

    async def _on_data(self, _rest: bytes) -> None:
        if not self._to:
            await self._answer("503 5.5.1 Nobody to send it to")
            return
        await self._answer("354 Go on")
        if self._strikes("closed before the dot"):
            await self._reader.read(200)
            raise Hangup
        await self._take((await self._reader.readuntil(b"\r\n.\r\n"))[:-3])

    async def _on_bdat(self, rest: bytes) -> None:
        size, _space, last = rest.partition(b" ")
        if self._strikes("closed before the dot"):
            raise Hangup
        self._chunks += await self._reader.readexactly(int(size))
        if not self._to:
            await self._answer("503 5.5.1 Nobody to send it to")
        elif last.upper() == b"LAST":
            await self._take(self._chunks)
        else:
            await self._answer("250 2.0.0 Ok")

    async def _take(self, mail: bytes) -> None:
        """Take one mail over, unless it is refused, and say so, unless it is left open."""
        for code, words in (("451", "4.3.0 Later"), ("554", "5.7.1 No")):
            if self._strikes(code):
                self._sink.note("refused", to=self._to[0], code=int(code))
                await self._answer(f"{code} {words}")
                return
        if self._strikes("lost after the dot"):
            raise Hangup
        await asyncio.sleep(self._sink.pace / 2)
        head, _empty, _body = mail.partition(b"\r\n\r\n")
        headers = {name.lower().decode(): value.decode("utf-8", "replace") for name, value in _HEADER.findall(head)}
        message_id = headers.get("message-id", "").strip().strip("<>")
        self._sink.note("taken", message_id=message_id, to=self._to, kind=headers.get("x-comms-kind", "").strip(),
                        port=self._port, helo=self._helo, size=len(mail))
        self._to, self._chunks = [], b""
        await asyncio.sleep(self._sink.pace / 2)
        await self._confirm(message_id)

    async def _confirm(self, message_id: str) -> None:
        trouble = self._sink.trouble
        if self._strikes("taken, then silence"):
            self._sink.note("unanswered", message_id=message_id)
            await trouble.over.wait()
            raise Hangup
        if self._strikes("taken, then closed"):
            self._sink.note("unanswered", message_id=message_id)
            raise Hangup
        answer = f"250 2.0.0 Ok: queued as {self._sink.counts['taken']}"
        if self._strikes("drip"):
            await self._drip(answer, trouble)
        try:
            await self._answer(answer)
        finally:
            if self._reader.at_eof() or self._writer.is_closing():
                self._sink.note("unanswered", message_id=message_id)

    async def _drip(self, answer: str, trouble: Trouble) -> None:
        """Begin a long answer of several lines, one byte at a time."""
        line = f"{answer.replace(' ', '-', 1)}\r\n".encode()
        for place in range(len(line)):
            if trouble.over.is_set() or self._reader.at_eof():
                self._writer.write(line[place:])
                return
            self._writer.write(line[place:place + 1])
            await self._writer.drain()
            with suppress(TimeoutError):
                await asyncio.wait_for(trouble.over.wait(), trouble.seconds)

    async def _on_rset(self, _rest: bytes) -> None:
        self._to, self._chunks = [], b""
        await self._answer("250 2.0.0 Ok")

    async def _on_noop(self, _rest: bytes) -> None:
        await self._answer("250 2.0.0 Ok")

    async def _on_quit(self, _rest: bytes) -> None:
        await self._answer("221 2.0.0 Bye")
        raise Hangup

    async def _unknown(self, _rest: bytes) -> None:
        await self._answer("502 5.5.2 What?")


async def main(path: str, control: int, ports: list[int], pace: float) -> None:
    """Serve for ever."""
    sink = Sink(path, pace)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Conversation(sink, reader, writer).hold()

    doors = [asyncio.start_server(serve, "127.0.0.1", port, limit=2**24) for port in ports]
    await asyncio.gather(*doors, obey(control, sink.act))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), [int(port) for port in sys.argv[4:]], float(sys.argv[3])))
