"""Addresses as keyed hashes: the same person is recognised without keeping who it is."""

from __future__ import annotations

import hmac
from functools import lru_cache
from hashlib import sha256

from django.conf import settings

from ecommerce_comms.conf import conf
from ecommerce_comms.customers.identity import normalise_email


def address_hash(address: str) -> str:
    """64 hex digits for an e-mail address or phone number, the same however it is written; empty for none.

    Keyed with ``HASH_KEY``, or ``SECRET_KEY`` if that is empty, so that nobody finds an address by trying many.
    """
    return address_hashes(address)[0]


def address_hashes(address: str) -> list[str]:
    """The hash that is written today, and those that older keys (``SECRET_KEY_FALLBACKS``) have written."""
    plain = normalise_email(address) if "@" in address else "".join(sign for sign in address if sign.isalnum() or sign == "+")
    if not plain:
        return [""]
    return [_hash(key, plain) for key in _keys()]


def _keys() -> list[str]:
    return [str(conf.HASH_KEY)] if conf.HASH_KEY else [str(settings.SECRET_KEY), *map(str, settings.SECRET_KEY_FALLBACKS)]


@lru_cache(maxsize=4096)
def _hash(key: str, plain: str) -> str:
    secret = sha256(b"ecommerce_comms.address" + key.encode("utf-8", "surrogatepass")).digest()
    return hmac.new(secret, plain.encode("utf-8", "surrogatepass"), sha256).hexdigest()
