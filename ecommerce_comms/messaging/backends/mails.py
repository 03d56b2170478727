"""A message as Django's mail backends take it."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import MIMEPart
from email.policy import compat32
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.core.mail import EmailMultiAlternatives

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.messaging import mime
from ecommerce_comms.messaging.addresses import ascii_domain, header
from ecommerce_comms.messaging.backends.base import Attachment, Outgoing
from ecommerce_comms.messaging.plain import one_line

LONGEST_HEADER = 900
_AS_WRITTEN = compat32.clone(linesep="\r\n")
_NAME = re.compile(r"[!-9;-~]{1,70}")
_OURS = frozenset({"from", "to", "cc", "bcc", "subject", "date", "sender", "mime-version", "content-type", "content-transfer-encoding"})


class Mail(EmailMultiAlternatives):
    """A mail whose bytes are written by ``mime``; for backends that ask for them (SMTP, files, console)."""

    sender: str
    """The bare address of the sender."""
    recipient: str
    """The bare address of the one recipient."""
    comms_key: str = ""
    files: tuple[Attachment, ...] = ()
    """What goes with it; ``attachments`` holds the same for backends that make the mail themselves."""
    is_changed = False
    """Whether the backend adds to the finished mail, as Amazon's does; it is read apart again for it then."""
    metadata: dict[str, str]
    anymail_status: Any

    def message(self, **_policy: Any) -> Any:
        """The mail as these backends take it."""
        headers = {"From": self.from_email, "To": self.to[0], "Subject": self.subject, "Date": format_datetime(clock.now()),
                   **self.extra_headers}
        html = str(self.alternatives[0][0]) if self.alternatives else ""
        boundary = f"=_{sha256(headers.get('Message-ID', '').encode()).hexdigest()[:32]}"
        raw = mime.write(headers.items(), str(self.body), html, boundary, self.files)
        return message_from_bytes(raw, policy=_AS_WRITTEN) if self.is_changed else Written(raw)


class Written:
    """A finished mail, with as much of ``email.message.Message`` as Django's backends use."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def as_bytes(self, unixfrom: bool = False, linesep: str = "\r\n", policy: Any = None) -> bytes:
        """The bytes."""
        return self._raw if linesep == "\r\n" else self._raw.replace(b"\r\n", linesep.encode())

    def as_string(self) -> str:
        """The same as text."""
        return self._raw.decode()

    def get_charset(self) -> None:
        """Everything is ASCII, but for an address that cannot be."""


def compose(message: Outgoing) -> Mail:
    """``message`` as one mail to one recipient. No header of it can hold another: anymail would pass line ends on."""
    from_email, sender = _sender(conf.from_email)
    mail = Mail(
        subject=one_line(message.subject, LONGEST_HEADER), body=message.text, from_email=from_email,
        to=[header(message.recipient_name, message.recipient)], headers=_headers(message),
    )
    mail.sender, mail.recipient = sender, ascii_domain(message.recipient)
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    mail.files = message.attachments
    mail.attachments += map(_part, message.attachments)
    return mail


def _part(file: Attachment) -> Any:
    """A file as anymail reads it. Given as name and content only, its type with parameters would pass for one that Resend drops."""
    kind, _, parameters = file.content_type.partition(";")
    part = MIMEPart()
    part.set_content(file.content, *kind.split("/", 1), disposition="attachment", filename=file.name)
    for name, _, value in (each.strip().partition("=") for each in parameters.split(";")):
        part.set_param(name, value)
    return part


@lru_cache(maxsize=16)
def _sender(shown: str) -> tuple[str, str]:
    """The sender as a header shows it, and its bare address."""
    clean = one_line(shown, LONGEST_HEADER)
    return clean, ascii_domain(parseaddr(clean)[1])


def _headers(message: Outgoing) -> dict[str, str]:
    ours = {
        "Message-ID": one_line(f"<{message.message_id}>", LONGEST_HEADER),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Comms-Kind": one_line(message.kind),
    }
    if message.language:
        ours["Content-Language"] = one_line(message.language)
    own = {name: value for name, value in message.headers.items() if _NAME.fullmatch(name) and name.lower() not in _OURS}
    return ours | {name: one_line(str(value), LONGEST_HEADER) for name, value in own.items()}
