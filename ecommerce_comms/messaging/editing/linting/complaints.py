"""One complaint: how bad it is, where it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.writing import braces, markdown

Severity = Literal["error", "warning"]
PARTS = ("subject", "preview", "heading", "body", "action", "short")
"""The parts of a text, in the order in which its page shows them."""
LONGEST = {"subject": 600, "preview": 600, "heading": 400, "body": markdown.LONGEST_BODY, "action": 200, "short": 1_500}
"""How many characters of source each part may have."""
LONGEST_SHOWN = 120
"""How many characters of a subject mail programs show at most."""
NAMES = {"subject": "subject", "preview": "preview line", "heading": "heading", "body": "body", "action": "button", "short": "short form"}
"""How each part is called when it is spoken of."""


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """One thing that is wrong; as a string it is a whole sentence."""

    severity: Severity
    """``error`` forbids publishing, ``warning`` does not."""
    part: str
    """One of ``PARTS``; empty if it is about the text as a whole."""
    message: str
    line: int = 0
    """In the source of the part, counted from 1; 0 if it has no place."""
    column: int = 0

    def __str__(self) -> str:
        return self.message


def complaint(severity: Severity, part: str, message: str, source: str = "", index: int = -1) -> Complaint:
    """A complaint about the place ``index`` of ``source``, which it names: ``{part}`` in ``message`` is the part, ``{at}`` the place."""
    line, column = braces.place(source, index) if index >= 0 else (0, 0)
    at = f" (line {line}, column {column})" if line else ""
    said = message.replace("{part}", f"The {NAMES[part]}" if part else "The text").replace("{at}", at)
    return Complaint(severity=severity, part=part, message=said, line=line, column=column)


def error(part: str, message: str, source: str = "", index: int = -1) -> Complaint:
    """A complaint that forbids publishing."""
    return complaint("error", part, message, source, index)


def warning(part: str, message: str, source: str = "", index: int = -1) -> Complaint:
    """A complaint that does not."""
    return complaint("warning", part, message, source, index)


def mistaken(part: str, problem: TemplateError, circumstance: str = "") -> Complaint:
    """The complaint about a part that is no Liquid, or fails as such."""
    said = f"The {NAMES[part]} has a mistake in its braces{circumstance}: {problem.detail}"
    return Complaint(severity="error", part=part, message=said, line=problem.line, column=problem.column)
