"""The address at which a customer sees where a parcel is, made of its carrier and its number."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from ecommerce_comms.shipping.carriers import names

PLACE = "{number}"
LONGEST = 2000
_NUMBER = re.compile(r"[\w ./+:-]{3,100}")


def link(carrier: str, number: str) -> str:
    """The address for ``number`` at ``carrier``; empty if nobody knows the carrier or what is given is no number."""
    return fill(names.page(carrier), number) if carrier else ""


def fill(template: str, number: str) -> str:
    """``template`` with ``number`` in the place of ``{number}``, quoted; empty unless that is a whole address of the web."""
    number = number.strip()
    if not _NUMBER.fullmatch(number):
        return ""
    address = template.strip().replace(PLACE, quote(number, safe=""))
    return address if is_address(address) else ""


def is_address(address: str) -> bool:
    """Whether a customer may be sent to ``address``: http or https, with a host and without blanks, passwords or anything hidden."""
    if len(address) > LONGEST or not address.isprintable() or " " in address or "\\" in address:
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False
