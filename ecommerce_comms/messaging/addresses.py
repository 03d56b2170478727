"""E-mail addresses and names as they may stand in a header."""

from __future__ import annotations

from email.headerregistry import Address
from email.utils import formataddr
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from ecommerce_comms.messaging.plain import one_line

_valid = EmailValidator()


@lru_cache(maxsize=4096)
def usable(address: str) -> str:
    """``address`` without blanks around it; empty if nothing can be sent to it."""
    trimmed = address.strip()
    try:
        _valid(trimmed)
        Address(addr_spec=ascii_domain(trimmed))
    except (ValidationError, ValueError, IndexError):
        return ""
    return trimmed if len(trimmed) <= 254 else ""


def ascii_domain(address: str) -> str:
    """``address`` with its domain in ASCII form, as SMTP wants it."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return address


def header(name: str, address: str) -> str:
    """``name <address>``, quoted and encoded as it must be; the bare address without a name."""
    clean = one_line(name, 100)
    return formataddr((clean, ascii_domain(address))) if clean else ascii_domain(address)
