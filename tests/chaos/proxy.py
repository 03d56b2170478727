"""A TCP proxy that can lose the line: ``python -m tests.chaos.proxy LISTEN TARGET CONTROL`` (ports on this machine).

Over ``CONTROL`` it is told its mode: ``pass``, ``freeze`` (connections stay, and nothing moves: a lost line) or ``cut``
(connections are reset, and new ones too).
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from contextlib import suppress

from tests.chaos.control import Order, obey

RESET = struct.pack("ii", 1, 0)
"""``SO_LINGER`` of a socket whose end is a reset instead of a farewell."""


class Proxy:
    """Carries bytes between guests and one port."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._cut = False
        self._moving = asyncio.Event()
        self._moving.set()
        self._lines: set[asyncio.StreamWriter] = set()

    def act(self, order: Order) -> Order:
        """Take up another mode; says how many ends of lines are open."""
        mode = order.get("mode", "pass")
        self._cut = mode == "cut"
        (self._moving.clear if mode == "freeze" else self._moving.set)()
        if self._cut:
            for line in list(self._lines):
                _reset(line)
        return {"mode": mode, "lines": len(self._lines)}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry the bytes of one guest until either side hangs up."""
        await self._moving.wait()
        try:
            there = None if self._cut else await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            there = None
        if there is None:
            _reset(writer)
            return
        self._lines |= {writer, there[1]}
        ways = [asyncio.create_task(self._carry(reader, there[1])), asyncio.create_task(self._carry(there[0], writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        self._lines -= {writer, there[1]}
        writer.close()
        there[1].close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self._moving.wait()
                writer.write(data)
                await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


async def main(listen: int, target: int, control: int) -> None:
    """Serve for ever."""
    proxy = Proxy(target)
    await asyncio.gather(asyncio.start_server(proxy.serve, "127.0.0.1", listen), obey(control, proxy.act))


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:4])))
