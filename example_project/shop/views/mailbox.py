"""What the demo's mail server received: every mail, as its reader sees it."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

PAGE = 200
#: Mails bring their styles along, inside a frame that may run nothing.
POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A received mail, read."""

    key: str
    message: EmailMessage
    at: datetime | None

    def part(self, kind: str) -> str:
        """The ``html`` or the ``plain`` text; empty if there is none."""
        body = self.message.get_body((kind,))
        try:
            return str(body.get_content()) if isinstance(body, EmailMessage) else ""
        except (LookupError, ValueError):
            return ""

    @property
    def subject(self) -> str:
        """What it is about."""
        return " ".join(str(self.message["Subject"] or "").split())

    @property
    def to(self) -> str:
        """Who gets it."""
        return str(self.message["To"] or "")

    @property
    def is_text(self) -> bool:
        """Whether it is a text message to a phone."""
        return self.message["X-Channel"] == "sms"

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Every header, in its order."""
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def html(self) -> str:
        """The mail as most people see it."""
        return self.part("html")

    @property
    def plain(self) -> str:
        """The mail as plain text."""
        return self.part("plain")


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The newest mails."""
    return render(request, "shop/mailbox/list.html", {"mails": list(_newest())})


@require_safe
def show(request: HttpRequest, key: str) -> HttpResponse:
    """One mail: HTML, plain text and headers."""
    box = _box()
    if box is None or key not in box:
        raise Http404
    response = render(request, "shop/mailbox/mail.html", {"mail": _read(box, key)})
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _box() -> mailbox.Maildir | None:
    """The mailbox, once there is one."""
    return mailbox.Maildir(settings.MAILBOX_DIR, create=False) if (settings.MAILBOX_DIR / "new").is_dir() else None


def _newest() -> Iterator[Mail]:
    """Maildir names begin with second and microsecond of their arrival, so the names alone tell the order."""
    box = _box()
    if box is None:
        return
    for key in sorted(box.keys(), key=_arrival, reverse=True)[:PAGE]:
        try:
            yield _read(box, key)
        except KeyError:
            continue


def _arrival(key: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", key)[:2]]


def _read(box: mailbox.Maildir, key: str) -> Mail:
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(box.get_bytes(key))
    return Mail(key=key, message=message, at=_date(message))


def _date(message: EmailMessage) -> datetime | None:
    """When the mail was written; a date without a zone (``-0000``) is in UTC."""
    try:
        written = parsedate_to_datetime(str(message["Date"])) if message["Date"] else None
    except ValueError:
        return None
    return written.replace(tzinfo=timezone.utc) if written and written.tzinfo is None else written
