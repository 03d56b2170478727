"""E-mail through Django's own API, so that any Django or django-anymail backend works by settings alone."""

from __future__ import annotations

import logging
import smtplib
import threading
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.messaging import mime
from ecommerce_comms.messaging.addresses import header
from ecommerce_comms.messaging.backends.base import MessageBackend, Outgoing
from ecommerce_comms.messaging.plain import one_line

log = logging.getLogger(__name__)


class Mail(EmailMultiAlternatives):
    """A mail whose bytes are written by ``mime``; for backends that ask for them (SMTP, files, console)."""

    def message(self, **_policy: Any) -> Any:
        """The mail as these backends take it."""
        texts = {"Subject": self.subject, "Date": format_datetime(clock.now()), **self.extra_headers}
        headers = {"From": " ".join(self.from_email.split()), "To": self.to[0]}  # addresses are quoted and encoded already
        headers |= {name: one_line(str(value), 900) for name, value in texts.items()}
        html = str(self.alternatives[0][0]) if self.alternatives else ""
        return Written(mime.write(
            headers.items(), str(self.body), html,
            boundary=f"=_{sha256(self.extra_headers['Message-ID'].encode()).hexdigest()[:32]}",
        ))


def connect() -> Any:
    """A connection to the shop's mail server: the default of ``MAILERS`` (Django 6.1 and newer), else of the ``EMAIL_`` settings."""
    return mail.mailers["default"] if hasattr(settings, "MAILERS") else mail.get_connection()


class Written:
    """A finished mail, with as much of ``email.message.Message`` as Django's backends use."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def as_bytes(self, unixfrom: bool = False, linesep: str = "\r\n", policy: Any = None) -> bytes:
        """The bytes."""
        return self._raw if linesep == "\r\n" else self._raw.replace(b"\r\n", linesep.encode())

    def as_string(self) -> str:
        """The same as text."""
        return self._raw.decode("ascii")

    def get_charset(self) -> None:
        """Everything is ASCII."""


class EmailBackend(MessageBackend):
    """Sends over ``settings.EMAIL_BACKEND``; each thread keeps a connection for the length of a batch."""

    def __init__(self) -> None:
        self._local = threading.local()

    def open(self) -> None:
        """Connect to the mail server."""
        connection = connect()
        try:
            connection.open()
        except (OSError, smtplib.SMTPException, AnymailError) as error:
            raise TransientDeliveryError(f"No connection: {_say(error)}") from error
        self._local.connection = connection

    def close(self) -> None:
        """Hang up."""
        connection = self._local.__dict__.pop("connection", None)
        try:
            if connection is not None:
                connection.close()
        except (OSError, smtplib.SMTPException):
            log.debug("The mail server did not say goodbye.", exc_info=True)

    def send(self, message: Outgoing) -> None:
        """Send one mail."""
        outgoing = Mail(
            subject=message.subject, body=message.text, from_email=conf.from_email,
            to=[header(message.recipient_name, message.recipient)], headers=_headers(message),
        )
        if message.html:
            outgoing.attach_alternative(message.html, "text/html")
        connection = self._connection()
        try:
            accepted = connection.send_messages([outgoing])
        except Exception as error:
            self._give_up(error)
            raise _classify(error) from error
        if not accepted:
            raise PermanentDeliveryError("The mail backend took no recipient.")

    def _connection(self) -> Any:
        if getattr(self._local, "connection", None) is None:
            self.open()
        return self._local.connection

    def _give_up(self, error: Exception) -> None:
        """A broken connection is of no use to the next message."""
        if isinstance(error, (OSError, smtplib.SMTPServerDisconnected)):
            self.close()


def _headers(message: Outgoing) -> dict[str, str]:
    return {
        "Message-ID": f"<{message.message_id}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Comms-Kind": message.kind,
        **({"Content-Language": message.language} if message.language else {}),
        **message.headers,
    }


def _classify(error: Exception) -> TransientDeliveryError | PermanentDeliveryError:
    """Whether trying again may help, by what the server answered (RFC 5321, 4.2.1: 4yz transient, 5yz permanent)."""
    codes = _codes(error)
    if codes:
        kind = PermanentDeliveryError if all(500 <= code < 600 for code in codes) else TransientDeliveryError
        return kind(_say(error))
    if isinstance(error, (OSError, smtplib.SMTPException)):
        failure = TransientDeliveryError(_say(error))
        # The connection broke, perhaps after the server had taken the mail over: RFC 1047.
        failure.uncertain = isinstance(error, (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionResetError))
        return failure
    if isinstance(error, AnymailRecipientsRefused):
        return PermanentDeliveryError(_say(error))
    if isinstance(error, AnymailError):
        status = getattr(error, "status_code", None)
        gone = status is not None and 400 <= status < 500 and status not in (408, 425, 429)
        return PermanentDeliveryError(_say(error)) if gone else TransientDeliveryError(_say(error))
    return PermanentDeliveryError(_say(error))


def _codes(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0 else []


def _say(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
