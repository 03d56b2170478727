"""A connection as Django made it, and what each sort of backend takes to be cut, to be closed and to be understood."""

from __future__ import annotations

import contextlib
import smtplib
from typing import Any

import requests
from anymail.backends.base import AnymailBaseBackend
from django.core.mail.backends.smtp import EmailBackend as DjangoSmtp

from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import PermanentDeliveryError
from ecommerce_comms.messaging.backends.base import Outgoing, Receipt
from ecommerce_comms.messaging.backends.cutting import Cutter
from ecommerce_comms.messaging.backends.errors import of_status
from ecommerce_comms.messaging.backends.http import Wire
from ecommerce_comms.messaging.backends.mails import Mail
from ecommerce_comms.messaging.backends.marks import mark
from ecommerce_comms.messaging.backends.smtp import watch


class Line:
    """A connection of a backend of which nothing is known: files, the console, tests, other people's backends."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.cutter = Cutter()
        self.sent = 0
        """How many mails went over this connection."""

    @property
    def handed_over(self) -> bool | None:
        """Whether the other side may have the mail that failed; None if that cannot be known."""
        return None

    def open(self) -> None:
        """Connect."""
        self.connection.open()

    def send(self, mail: Mail, message: Outgoing) -> Receipt:
        """Hand ``mail`` over."""
        try:
            receipt = self._send(mail, message)
            self.sent += 1
        finally:
            self.cutter.settle()
        return receipt

    def _send(self, mail: Mail, message: Outgoing) -> Receipt:
        self._hand_over(mail)
        return Receipt()

    def _hand_over(self, mail: Mail) -> None:
        mail.is_changed = not isinstance(self.connection, DjangoSmtp)
        if not self.connection.send_messages([mail]):
            raise PermanentDeliveryError("The mail backend took no recipient.")

    def close(self, *, broken: bool = False) -> None:
        """Disconnect; without a word if the connection is ``broken``. Never raises."""
        with contextlib.suppress(Exception):
            self._hang_up(broken)
        self.cutter.drop()
        self.cutter.settle()

    def _hang_up(self, broken: bool) -> None:
        self.connection.close()


class SmtpLine(Line):
    """A connection of Django's SMTP backend, or of a subclass."""

    def __init__(self, connection: DjangoSmtp) -> None:
        super().__init__(connection)
        watch(connection, self.cutter)
        if connection.timeout is None:
            connection.timeout = conf.SEND_SECONDS
        self._spoken: Any = None
        self._is_plain = (type(connection)._send is DjangoSmtp._send  # type: ignore[attr-defined]
                          and type(connection).send_messages is DjangoSmtp.send_messages)

    @property
    def handed_over(self) -> bool | None:
        """As the conversation says; unknown where a subclass has one of its own, or another than when it began."""
        if self._spoken is None or (not self._is_plain and self._spoken is not self.connection.connection):
            return None if self._spoken else False
        return getattr(self._spoken, "handed_over", None)

    def _send(self, mail: Mail, message: Outgoing) -> Receipt:
        self._spoken = self.connection.connection
        if self._is_plain:
            # What Django would do, without reading apart once more addresses that are known to be good.
            self._spoken.deliver(mail.sender, mail.recipient, mail.message().as_bytes())
        else:
            self._hand_over(mail)
        return Receipt(answer=getattr(self.connection.connection, "answer", ""))

    def _hang_up(self, broken: bool) -> None:
        spoken: smtplib.SMTP | None = self.connection.connection or self.connection._partial_connection
        if broken and spoken is not None:
            spoken.close()
        self.connection.close()


class AnymailLine(Line):
    """A connection of an anymail backend."""

    def __init__(self, connection: AnymailBaseBackend) -> None:
        super().__init__(connection)
        self._wire = Wire(self.cutter)

    @property
    def handed_over(self) -> bool | None:
        """Whether a request has begun to leave; unknown for backends that do not use ``requests``."""
        return self._wire.handed_over if self._session is not None else None

    def open(self) -> None:
        """Make a session; the connection itself is made with the first mail."""
        super().open()
        if self._session is not None:
            self._wire.run_through(self._session)

    def _send(self, mail: Mail, message: Outgoing) -> Receipt:
        self._wire.handed_over = False
        mark(mail, self.connection, message.key)
        self._hand_over(mail)
        status = mail.anymail_status
        if failure := of_status(status):
            raise failure
        number = status.message_id
        return Receipt(provider_message_id=str(number) if isinstance(number, (str, int)) else "", answer=_told(status))

    @property
    def _session(self) -> requests.Session | None:
        session = getattr(self.connection, "session", None)
        return session if isinstance(session, requests.Session) else None


def _told(status: Any) -> str:
    code = getattr(status.esp_response, "status_code", "")
    return " ".join(filter(None, [str(code), *sorted(one for one in status.status or () if one)]))


def line(connection: Any) -> Line:
    """The line over ``connection``."""
    connection.fail_silently = False  # a failure that is kept from us would count as sent
    if isinstance(connection, DjangoSmtp):
        return SmtpLine(connection)
    return AnymailLine(connection) if isinstance(connection, AnymailBaseBackend) else Line(connection)
