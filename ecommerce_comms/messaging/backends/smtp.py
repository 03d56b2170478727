"""The conversation with a mail server (RFC 5321), spoken so that it is always known whether it may have taken the mail."""

from __future__ import annotations

import contextlib
import re
import smtplib
from collections.abc import Callable, Sequence
from email.utils import parseaddr
from functools import lru_cache, partial
from typing import Any

from django.core.mail.backends.smtp import EmailBackend as DjangoBackend

from ecommerce_comms.messaging.backends.cutting import Cutter

Reply = tuple[int, bytes]
_NO_PLACE = re.compile(r"[\x00-\x20<>\x7f]")
_GOOD = (250, 250, 354)
_LAST_WORDS = (421, -1)
_GOODBYE = 1.0
"""Seconds to wait for the answer to QUIT."""


class Conversation(smtplib.SMTP):
    """An SMTP connection as Django makes it, which can be cut and which knows how far the last mail came."""

    cutter: Cutter
    handed_over = False
    """The server has all of the last mail and has not said whether it takes it."""
    answer = ""
    """What the server said when it took the last mail over."""

    def _get_socket(self, host: str, port: int, timeout: Any) -> Any:
        return self.cutter.connect((host, port), timeout, self.source_address)

    def close(self) -> None:
        """Close the connection without a word."""
        super().close()
        self.cutter.drop()

    def quit(self) -> Reply:
        """Say goodbye, and wait a moment for the answer: one read, so that a server that drips cannot keep us."""
        with contextlib.suppress(OSError):
            self.putcmd("quit")
            if self.sock:
                self.sock.settimeout(_GOODBYE)
                self.sock.recv(512)
        self.close()
        return 221, b""

    def sendmail(
        self, from_addr: str, to_addrs: str | Sequence[str], msg: Any, mail_options: Sequence[str] = (), rcpt_options: Sequence[str] = (),
    ) -> dict[str, Reply]:
        """As in ``smtplib``, for whoever calls it; with ``deliver`` for one recipient and ready bytes."""
        recipients = [to_addrs] if isinstance(to_addrs, str) else list(to_addrs)
        if len(recipients) != 1 or not isinstance(msg, bytes) or not msg.endswith(b"\r\n") or mail_options or rcpt_options:
            self.handed_over = True  # nothing is known about the steps that smtplib takes
            return super().sendmail(from_addr, to_addrs, msg, mail_options, rcpt_options)
        self.deliver(parseaddr(from_addr)[1], parseaddr(recipients[0])[1], msg)
        return {}

    def deliver(self, sender: str, recipient: str, raw: bytes) -> None:
        """Hand over ``raw``, which ends with a line end, for ``recipient`` (both bare addresses); raises as ``smtplib`` does."""
        self.handed_over = False
        self._envelope(sender, recipient, len(raw))
        self.send(_stuffed(raw) + b".\r\n")
        # Only now: when the line breaks before the final dot has left, the server has no mail that it could accept.
        self.handed_over = True
        code, text = self.getreply()
        self.handed_over = not (code == 250 or 400 <= code < 600)
        if code != 250:
            raise self._refused(smtplib.SMTPDataError(code, text))
        self.answer = f"{code} {text.decode('utf-8', 'replace')}"

    def _envelope(self, sender: str, recipient: str, size: int) -> None:
        """Everything before the mail itself; in one go if the server allows it (RFC 2920)."""
        self.ehlo_or_helo_if_needed()
        commands = [f"MAIL FROM:<{sender}>{self._options(sender, recipient, size)}", f"RCPT TO:<{recipient}>", "DATA"]
        if _NO_PLACE.search(sender) or _NO_PLACE.search(recipient):
            raise ValueError("an address with a blank, a line end or an angle bracket in it")
        pipelined = self.has_extn("pipelining")
        if pipelined:
            self._say(*commands)
        replies: list[Reply] = []
        for command, good in zip(commands, _GOOD, strict=True):
            if not pipelined:
                self._say(command)
            code, text = self.getreply()
            replies.append((250 if code == 251 else code, text))  # 251: it forwards, RFC 5321, 3.4
            # A server that refuses and hangs up has nothing more to say, even if it was asked more.
            if replies[-1][0] != good and (not pipelined or replies[-1][0] in _LAST_WORDS):
                break
        self._judge(replies, sender, recipient)

    def _options(self, sender: str, recipient: str, size: int) -> str:
        size_told = f" SIZE={size}" if self.has_extn("size") else ""
        if sender.isascii() and recipient.isascii():
            return size_told
        if not self.has_extn("smtputf8"):  # RFC 6531
            raise smtplib.SMTPNotSupportedError("The mail server takes no addresses with letters beyond ASCII (SMTPUTF8).")
        return f"{size_told} SMTPUTF8{' BODY=8BITMIME' if self.has_extn('8bitmime') else ''}"

    def _say(self, *commands: str) -> None:
        self.send("".join(f"{command}\r\n" for command in commands).encode())

    def _judge(self, replies: list[Reply], sender: str, recipient: str) -> None:
        """Raise for the first refusal, and leave the connection ready for the next mail."""
        told: list[Callable[[int, bytes], smtplib.SMTPException]] = [
            lambda code, text: smtplib.SMTPSenderRefused(code, text, sender),
            lambda code, text: smtplib.SMTPRecipientsRefused({recipient: (code, text)}),
            smtplib.SMTPDataError,
        ]
        for (code, text), good, make in zip(replies, _GOOD, told, strict=False):
            if code != good:
                if len(replies) == 3 and replies[2][0] == 354:  # it waits for the mail all the same
                    self._say(".")
                    replies.append(self.getreply())
                raise self._refused(make(code, text), begun=True)

    def _refused(self, error: smtplib.SMTPException, *, begun: bool = False) -> smtplib.SMTPException:
        """Clear the table after ``error``; a server that says 421 closes the connection, and so do we."""
        if _code(error) in _LAST_WORDS:
            self.close()
        elif begun:
            with contextlib.suppress(smtplib.SMTPException):
                self.rset()
        return error


def _code(error: smtplib.SMTPException) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return int(next(iter(error.recipients.values()))[0])
    return int(getattr(error, "smtp_code", 0))


def _stuffed(raw: bytes) -> bytes:
    """``raw`` with a second dot before each dot that begins a line (RFC 5321, 4.5.2)."""
    return (b"." if raw.startswith(b".") else b"") + raw.replace(b"\n.", b"\n..")


class WatchedBackend:
    """What is mixed into the class of a Django SMTP backend, so that its connections are ``Conversation``s."""

    cutter: Cutter

    @property
    def connection_class(self) -> Callable[..., Conversation]:
        """What Django calls for a connection."""
        return partial(_begin, super().connection_class, self.cutter)  # type: ignore[misc]


def watch(backend: DjangoBackend, cutter: Cutter) -> None:
    """Let ``cutter`` hold the connections that ``backend`` makes; a subclass with ideas of its own keeps them."""
    backend.__class__ = _watched(type(backend))  # type: ignore[arg-type]
    backend.cutter = cutter  # type: ignore[attr-defined]


@lru_cache(maxsize=32)
def _watched(cls: type[DjangoBackend]) -> type[DjangoBackend]:
    return type(cls.__name__, (WatchedBackend, cls), {})


@lru_cache(maxsize=32)
def _conversing(cls: type[smtplib.SMTP]) -> type[Conversation]:
    return Conversation if cls is smtplib.SMTP else type(cls.__name__, (cls, Conversation), {})


def _begin(cls: type[smtplib.SMTP], cutter: Cutter, *arguments: Any, **options: Any) -> Conversation:
    made = _conversing(cls)  # type: ignore[arg-type]
    connection = made.__new__(made)
    connection.cutter = cutter  # before it connects, which it does while it is made
    made.__init__(connection, *arguments, **options)
    return connection
