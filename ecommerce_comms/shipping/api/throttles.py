"""How often one address may ask."""

from __future__ import annotations

import hashlib
import re
from ipaddress import ip_address
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from ecommerce_comms import clock, masking
from ecommerce_comms.conf import conf

log = masking.logger(__name__)

RATE = re.compile(r"(\d{1,7})/(sec|min|hour|day)")
SECONDS = {"sec": 1, "min": 60, "hour": 3_600, "day": 86_400}


class AddressThrottle(BaseThrottle):
    """So many requests of one address in each second, minute, hour or day of the clock, by ``ECOMMERCE_COMMS["API_RATE"]``.

    A cache that fails lets everybody in: a quote costs a millisecond, a checkout that cannot ask costs an order.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether this one is answered."""
        found = RATE.fullmatch(conf.API_RATE)
        if not found:
            return True
        most, seconds = int(found[1]), SECONDS[found[2]]
        now = int(clock.now().timestamp())
        self._wait = seconds - now % seconds
        try:
            return _count(f"{seconds}:{now // seconds}:{address_of(self, request)}", seconds) <= most
        except Exception:
            log.exception("The cache does not count requests, so none is refused.")
            return True

    def wait(self) -> float:
        """Seconds until the next one is answered; Django REST framework sends it as ``Retry-After``."""
        return float(self._wait)


def address_of(throttle: BaseThrottle, request: Request) -> str:
    """Who asks. With ``REST_FRAMEWORK["NUM_PROXIES"]`` the framework finds it out.

    Without, a public address of the connection is believed, and from behind a proxy of the shop's own (a private
    address, or none) what that proxy added last to ``X-Forwarded-For``: whatever the client wrote itself counts for nothing.
    """
    if api_settings.NUM_PROXIES is not None:
        return str(throttle.get_ident(request))
    peer = str(request.META.get("REMOTE_ADDR") or "")
    if _is_public(peer):
        return peer
    return str(request.META.get("HTTP_X_FORWARDED_FOR") or "").rpartition(",")[2].strip() or peer


def _is_public(address: str) -> bool:
    try:
        return ip_address(address).is_global
    except ValueError:
        return False


def _count(who: str, seconds: int) -> int:
    """How many this one is. The address is hashed: a cache key keeps nobody's."""
    key = f"comms:api:{hashlib.sha256(who.encode('utf-8', 'replace')).hexdigest()[:32]}"
    if cache.add(key, 1, timeout=seconds + 1):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # it ran out in between
        return 1
