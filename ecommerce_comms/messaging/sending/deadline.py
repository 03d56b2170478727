"""One overall deadline for each send.

A time-out of a socket begins anew with each byte, so a server that drips can hold a worker for ever. One thread of each
process looks twice a second whether a send has outlasted ``SEND_SECONDS``, and has its connection cut.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ecommerce_comms import masking
from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.backends.base import MessageBackend

log = masking.logger(__name__)
LOOK_SECONDS = 0.5


class Watch:
    """The sends of one process, by thread."""

    def __init__(self) -> None:
        self._sends: dict[int, tuple[float, MessageBackend]] = {}
        self._pid = 0
        self._lock = threading.Lock()

    @contextmanager
    def over(self, backend: MessageBackend) -> Iterator[None]:
        """Let what this thread does with ``backend`` in the block take ``SEND_SECONDS`` at most."""
        if self._pid != os.getpid():
            self._start()
        thread = threading.get_ident()
        self._sends[thread] = (time.monotonic() + conf.SEND_SECONDS, backend)
        try:
            yield
        finally:
            self._sends.pop(thread, None)

    def look(self) -> None:
        """Cut the connections of sends that take too long."""
        now = time.monotonic()
        for thread, (deadline, backend) in list(self._sends.items()):
            if now > deadline:
                log.warning("A send has taken more than %s seconds; its connection is cut.", conf.SEND_SECONDS)
                backend.abort(thread)

    def _start(self) -> None:
        with self._lock:
            if self._pid != os.getpid():  # the first send, or a forked process that has no thread yet
                self._sends.clear()
                threading.Thread(target=self._run, name="comms-deadline", daemon=True).start()
                self._pid = os.getpid()

    def _run(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            try:
                self.look()
            except Exception:
                log.exception("A slow send could not be cut.")


watch = Watch()
