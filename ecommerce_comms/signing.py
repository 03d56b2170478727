"""Signatures, compared as bytes and in constant time: a text that is not ASCII is an error to ``hmac.compare_digest``."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode

LONGEST = 1000
"""Characters of a signature; every real one is shorter."""


def same(given: str | None, expected: bytes) -> bool:
    """Whether ``given``, which anybody may have written, is ``expected``."""
    if not given or len(given) > LONGEST:
        return False
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected)


def hex_digest(secret: bytes, message: bytes) -> bytes:
    """The HMAC-SHA256 of ``message``, in hexadecimal small letters."""
    return hmac.new(secret, message, hashlib.sha256).hexdigest().encode()


def base64_digest(secret: bytes, message: bytes) -> bytes:
    """The same in Base64."""
    return b64encode(hmac.new(secret, message, hashlib.sha256).digest())


def parts_of(header: str | None) -> dict[str, str]:
    """The parts of ``t=1700000000,v1=5257…``; none if one is given twice."""
    if not header or len(header) > LONGEST:
        return {}
    pairs = [part.strip().partition("=") for part in header.split(",")]
    found = {name: value for name, _equals, value in pairs}
    return found if len(found) == len(pairs) else {}


def is_stamped(header: str | None, secret: bytes, body: bytes) -> bool:
    """Whether ``t=<seconds>,v1=<hex>`` in ``header`` is the signature of ``<seconds>.<body>``."""
    parts = parts_of(header)
    stamp, given = parts.get("t", ""), parts.get("v1", "")
    return same(given, hex_digest(secret, stamp.encode("utf-8", "surrogatepass") + b"." + body))
