"""A post office that outlives the process: every mail is one line of a file."""

from __future__ import annotations

import os
import signal

from ecommerce_comms.messaging.backends.base import MessageBackend, Outgoing


class FilePost(MessageBackend):
    """Appends each mail to ``COMMS_CHAOS_POST``; after as many as ``COMMS_CHAOS_KILL_AFTER`` says, its process is killed."""

    def __init__(self) -> None:
        self._left = int(os.environ.get("COMMS_CHAOS_KILL_AFTER", "-1"))

    def send(self, message: Outgoing) -> None:
        """Take one mail over, and perhaps die before anybody can note that it was taken."""
        with open(os.environ["COMMS_CHAOS_POST"], "a", encoding="utf-8") as post:
            post.write(f"{message.order_number} {message.message_id} {message.kind}\n")
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)
