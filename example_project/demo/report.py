"""Compares what was decided (the database) with what arrived (the mail server's mailbox)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from django.conf import settings

from ecommerce_comms.models import Message
from ecommerce_comms.zones import here

Expected = Counter[tuple[str, str, str, str]]
"""How often (order number, kind, language, state) must come out of the story."""


@dataclass
class Report:
    """What happened, message by message, and what is wrong with it."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    mails: int = 0

    @classmethod
    def of(cls, expected: Expected, mails: Sequence[EmailMessage]) -> Report:
        """Read the database, and hold it against the mailbox and the story."""
        report = cls(mails=len(mails))
        arrived: dict[str, list[EmailMessage]] = {}
        for mail in mails:
            arrived.setdefault(str(mail["Message-ID"]).strip("<> "), []).append(mail)
        for message in Message.objects.select_related("order").order_by("decided_at", "pk"):
            report._add(message, arrived.pop(message.message_id, []))
        for strangers in arrived.values():
            report.problems.append(f"A mail arrived that nobody decided to send: {strangers[0]['Subject']}")
        found: Expected = Counter((row["order"], row["kind"], row["language"], row["state"]) for row in report.messages)
        report.problems += [f"Missing: {' '.join(what)} (× {count})" for what, count in (expected - found).items()]
        report.problems += [f"Not in the story: {' '.join(what)} (× {count})" for what, count in (found - expected).items()]
        return report

    def as_json(self) -> dict[str, Any]:
        """The report as data."""
        return {"messages": self.messages, "mails": self.mails, "problems": self.problems}

    def as_text(self) -> str:
        """The report for people."""
        lines = []
        for row in sorted(self.messages, key=lambda row: row["sent_at"] or row["due_at"]):
            when = f"{here(datetime.fromisoformat(row['sent_at'] or row['due_at'])):%Y-%m-%d %H:%M}"
            what = row["reason"] or row["subject"]
            lines.append(f"{when}  {row['order']:8} {row['language']:3} {row['kind']:24} {row['state']:9} {what}")
        outcome = "\n".join(f"  ✗ {problem}" for problem in self.problems) or "  Everything arrived, once, and nothing else."
        head = f"Times in {settings.TIME_ZONE}; the story has a database and a mailbox of its own."
        return "\n".join([head, *lines, "", f"{len(self.messages)} decisions, {self.mails} mails.", outcome])

    def _add(self, message: Message, mails: list[EmailMessage]) -> None:
        mail = mails[0] if mails else None
        self.messages.append({
            "order": message.order.number if message.order else "", "kind": message.kind,
            "language": str(mail["Content-Language"]) if mail else message.language, "state": message.state, "reason": message.reason,
            "subject": _subject(mail) if mail else message.subject, "due_at": message.due_at.isoformat(),
            "sent_at": message.sent_at.isoformat() if message.sent_at else "", "recipient": message.recipient,
        })
        wanted = int(message.state == Message.State.SENT)
        name = f"{message.kind} of order {self.messages[-1]['order']}"
        if len(mails) != wanted:
            self.problems.append(f"{name} is “{message.state}”, but arrived {len(mails)} times.")
        elif mail:
            self.problems += [f"{name}: {problem}" for problem in _differences(message, mail)]


def _differences(message: Message, mail: EmailMessage) -> list[str]:
    pairs = {
        "recipient": (message.recipient, parseaddr(str(mail["To"]))[1]),
        "language": (message.language, str(mail["Content-Language"])),
        "subject": (message.subject, _subject(mail)),
    }
    return [f"{name} is {here!r} in the database and {there!r} in the mailbox" for name, (here, there) in pairs.items() if here != there]


def _subject(mail: EmailMessage) -> str:
    """Without the blank that folding a long word leaves at its head."""
    return str(mail["Subject"]).strip()
