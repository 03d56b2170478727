"""Sockets that another thread can cut."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any


class Cutter:
    """Holds the sockets of one connection, so that another thread can end whatever they are waiting for.

    It holds duplicates: TLS takes the first socket away from whoever made it, but the end of a duplicate is the end of the
    connection behind both. A duplicate also keeps that connection alive, so each has to be dropped when its socket is closed.
    """

    def __init__(self) -> None:
        self._held: set[socket.socket] = set()
        self._dropped: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._was_cut = threading.Event()

    @property
    def was_cut(self) -> bool:
        """Whether ``cut`` was called; nothing can be sent any more then."""
        return self._was_cut.is_set()

    def connect(self, address: tuple[str, int], timeout: Any, source: Any = None) -> socket.socket:
        """As ``socket.create_connection``, but one that can be cut while it connects."""
        failure = OSError(f"{address[0]} has no address")
        for family, kind, protocol, _, place in socket.getaddrinfo(*address, 0, socket.SOCK_STREAM):
            if self._was_cut.is_set():
                raise ConnectionAbortedError("cut while connecting")
            one = socket.socket(family, kind, protocol)
            held = self.hold(one)
            try:
                if isinstance(timeout, (int, float)):
                    one.settimeout(timeout)
                if source:
                    one.bind(source)
                one.connect(place)
                # The last part of a mail must not wait for the server's word about the part before it.
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                one.close()
                self._close(held)
                failure = error
            else:
                if self._was_cut.is_set():
                    _shut(held)
                return one
        raise failure

    def hold(self, one: socket.socket) -> socket.socket:
        """Hold ``one``, which must not speak TLS yet; returns what ``drop`` takes. If all was cut already, it is cut too."""
        held = one.dup()
        with self._lock:
            self._held.add(held)
            if self.was_cut:
                _shut(held)
        return held

    def drop(self, held: socket.socket | None = None) -> None:
        """Its connection was closed, or all were; they can be cut until ``settle``, for an answer may still be read."""
        with self._lock:
            self._dropped |= {held} if held else self._held

    def settle(self) -> None:
        """Nothing is being waited for: let go of what was dropped."""
        while self._dropped:
            self._close(self._dropped.pop())

    def cut(self) -> None:
        """End every connection, now and from now on."""
        with self._lock:
            self._was_cut.set()
            for held in self._held:
                _shut(held)

    def _close(self, held: socket.socket) -> None:
        with self._lock:
            self._held.discard(held)
            held.close()


def _shut(held: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may have ended by itself
        held.shutdown(socket.SHUT_RDWR)
