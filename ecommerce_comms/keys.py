"""Unique keys that mean the same on every database.

MariaDB compares ``"AB"`` and ``"ab"`` as equal and SQLite and PostgreSQL do not, so a key built from a shop's own
references must not rely on letter case, accents or trailing blanks. A key stays readable where that is safe and
carries a digest of the exact text where it is not.
"""

from __future__ import annotations

import re
from hashlib import blake2b

MAX_LENGTH = 190
_SAFE = re.compile(r"[0-9a-z._:@+-]*\Z")


def make(*parts: object) -> str:
    """Join ``parts`` with colons into a key of at most 190 characters, distinct for distinct parts."""
    text = ":".join(str(part).replace("%", "%25").replace(":", "%3a") if ":" in str(part) else str(part) for part in parts)
    if len(text) <= MAX_LENGTH and _SAFE.match(text):
        return text
    readable = re.sub(r"[^0-9a-z._:@+-]+", "-", text.lower())[: MAX_LENGTH - 33]
    return f"{readable}~{blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"
