"""A real SMTP server that keeps what it takes in a Maildir."""

from __future__ import annotations

import mailbox
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


def maildir(folder: Path) -> mailbox.Maildir:
    """The Maildir in ``folder``; one that was there and empty becomes one, which ``mailbox`` itself leaves half made."""
    for name in ("tmp", "new", "cur"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return mailbox.Maildir(folder, factory=None, create=True)


class Mailserver:
    """``start()``, ``stop()``; between them mail to ``host:port`` lands in ``folder``. ``is_down`` refuses for a while."""

    def __init__(self, folder: Path, port: int, host: str = "127.0.0.1") -> None:
        self.is_down = False
        self._lock = threading.Lock()
        self._box = maildir(folder)
        self._controller = Controller(self, hostname=host, port=port)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep one mail, and say so only when it is on disk."""
        if self.is_down:
            return "451 4.3.0 The mailbox is having a rest; try again later"
        with self._lock:
            self._box.add(envelope.content or b"")
        return "250 OK"

    def start(self) -> None:
        """Listen in a thread of its own."""
        self._controller.start()

    def stop(self) -> None:
        """Hang up."""
        self._controller.stop()

    def mails(self) -> list[EmailMessage]:
        """Everything that was taken, in no particular order."""
        with self._lock:
            return [message_from_bytes(self._box.get_bytes(key), policy=policy.default) for key in list(self._box.iterkeys())]  # type: ignore[misc]
