"""One line of JSON over TCP: how the run tells its mail server and its proxies what to do wrong."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

Order = dict[str, Any]
PATIENCE = 5.0
"""Seconds within which a process of ours has to answer."""


def free_port() -> int:
    """A port at which nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody does."""
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(done: Callable[[], object], seconds: float = 20.0, what: str = "") -> None:
    """Wait until ``done()`` is true; fail after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"waited {seconds} seconds in vain {what}".strip()
        time.sleep(0.02)


def tell(port: int, **order: Any) -> Order:
    """Give an order and wait for the answer."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)) as connection:
        connection.sendall(json.dumps(order).encode() + b"\n")
        answer: Order = json.loads(connection.makefile().readline())
    return answer


async def obey(port: int, act: Callable[[Order], Order | None]) -> None:
    """Listen for orders at ``port`` for ever; ``act`` carries out each and says what the answer is."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if order := await reader.readline():  # else somebody only looked whether we are here
                writer.write(json.dumps(act(json.loads(order)) or {}).encode() + b"\n")
                await writer.drain()
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", port) as server:
        await server.serve_forever()
