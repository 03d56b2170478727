"""E-mail addresses and names as they may stand in a header."""

from __future__ import annotations

import re
import unicodedata
from email.headerregistry import Address
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from ecommerce_comms.messaging.plain import one_line

_valid = EmailValidator()
_PLAIN = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,20}", re.ASCII | re.IGNORECASE)
_QUOTED = re.compile(r'[^\w !#$%&\'*+/=?^`{|}~-]')
_ESCAPED = re.compile(r'([\\"])')


@lru_cache(maxsize=4096)
def usable(address: str) -> str:
    """``address`` without blanks around it; empty if nothing can be sent to it.

    Letters beyond ASCII may stand before the @ as well (RFC 6531); a mail server that cannot take them says so itself.
    """
    trimmed = address.strip()
    if len(trimmed) <= 64 and _PLAIN.fullmatch(trimmed):
        return trimmed  # as nearly all are; the whole grammar takes a hundred times as long
    try:
        likeness = _in_ascii(trimmed)
        _valid(likeness)
        Address(addr_spec=ascii_domain(likeness))
    except (ValidationError, ValueError, IndexError):
        return ""
    return trimmed if len(trimmed.encode()) <= 254 else ""


def _in_ascii(address: str) -> str:
    """``address`` with an "x" for each letter beyond ASCII before its @, so that rules for ASCII can judge the rest."""
    local, at, domain = address.rpartition("@")
    letters = (letter if letter.isascii() else "x" if unicodedata.category(letter)[0] in "LMN" else " " for letter in local)
    return f"{''.join(letters)}{at}{domain}"


def ascii_domain(address: str) -> str:
    """``address`` with its domain in ASCII form, as SMTP wants it."""
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return address


def header(name: str, address: str) -> str:
    """``name <address>``, the name in quotes where it needs them but not encoded yet; the bare address without a name."""
    clean = one_line(name, 100)
    if not clean:
        return ascii_domain(address)
    shown = '"' + _ESCAPED.sub(r"\\\1", clean) + '"' if _QUOTED.search(clean) else clean
    return f"{shown} <{ascii_domain(address)}>"
