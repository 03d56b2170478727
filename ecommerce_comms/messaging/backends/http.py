"""Connections of ``requests``, by which anymail speaks to a provider, so that they can be cut."""

from __future__ import annotations

import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ecommerce_comms.messaging.backends.cutting import Cutter


class Wire:
    """What the connections of one session have in common: who can cut them, and whether a request may have left."""

    def __init__(self, cutter: Cutter) -> None:
        self.cutter = cutter
        self.handed_over = False

    def run_through(self, session: requests.Session) -> None:
        """Let ``session`` use connections that can be cut; an adapter's other ways, such as its proxies, stay as they are."""
        for adapter in session.adapters.values():
            if isinstance(adapter, HTTPAdapter):
                adapter.poolmanager.pool_classes_by_scheme = self._pools()

    def _pools(self) -> dict[str, type[HTTPConnectionPool]]:
        common = {"wire": self}
        plain = type("WatchedHTTPConnection", (Watched, HTTPConnection), common)
        secure = type("WatchedHTTPSConnection", (Watched, HTTPSConnection), common)
        return {
            "http": type("WatchedHTTPPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("WatchedHTTPSPool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }


class Watched:
    """What is mixed into a connection of urllib3."""

    wire: Wire
    _held: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._held = self.wire.cutter.hold(made)
        return made

    def send(self: Any, data: Any) -> None:
        """Send a part of a request; from here on it may be acted upon."""
        if self.sock is None:
            self.connect()
        self.wire.handed_over = True
        super().send(data)  # type: ignore[misc]

    def close(self) -> None:
        """Close the connection; an answer that is still being read can be cut all the same."""
        super().close()  # type: ignore[misc]
        if self._held is not None:
            self.wire.cutter.drop(self._held)
            self._held = None
