"""The token of a quoted option: what was quoted, signed, so that it can travel with the order and be believed later.

A token holds no personal data: the option's code, the destination's country, the window and where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.signals import setting_changed

from ecommerce_comms import masking
from ecommerce_comms.shipping.estimators.base import Estimate
from ecommerce_comms.shipping.models import Promise

log = masking.logger(__name__)

SALT = "ecommerce_comms.shipping.quote"
FORM = 1
"""First value of each token; another form is not read."""
MAX_AGE = timedelta(days=2)
"""A window that was quoted so long before the order is not what the customer ordered by."""
AHEAD = timedelta(minutes=5)
"""Clocks of two web servers may differ by so much."""
LONGEST = 2_000


@dataclass(frozen=True, kw_only=True)
class Quoted:
    """What a token says."""

    code: str
    country: str
    """Of the destination for which it was quoted; empty if that was unknown."""
    estimate: Estimate
    quoted_at: datetime


def make(code: str, country: str, told: Estimate, quoted_at: datetime) -> str:
    """The token of the option ``code`` with the window ``told``."""
    confidence = None if told.confidence is None else round(told.confidence, 4)
    days = (told.latest - told.earliest).days
    says = [FORM, code, country, told.earliest.isoformat(), days, confidence, told.source, told.reason[:500], int(quoted_at.timestamp())]
    return _signer().sign_object(says)


def read(token: str) -> Quoted | None:
    """What ``token`` says; ``None`` if it is not one of ours."""
    if not token or len(token) > LONGEST:
        return None
    try:
        return _quoted(*_signer().unsign_object(token))
    except (signing.BadSignature, ValueError, TypeError, OverflowError):
        return None


def believed(token: str, *, code: str, country: str, ordered_at: datetime, about: str) -> Quoted | None:
    """What was quoted for the option ``code``, as far as it holds for an order of ``ordered_at``; ``None``, and a log line, if not.

    ``about`` names the order in the log.
    """
    quoted = read(token)
    why = "it is not one of ours" if quoted is None else _doubt(quoted, code, country, ordered_at)
    if why:
        log.warning("The token of the shipping option of order %s is ignored: %s.", about, why)
    return None if why else quoted


def _doubt(quoted: Quoted, code: str, country: str, ordered_at: datetime) -> str:
    """Why it does not hold for the order; empty if it does."""
    if code and quoted.code != code:
        return f"it is about {quoted.code}, and the customer chose {code}"
    if country and quoted.country and quoted.country != country.strip().upper():
        return f"it is about {quoted.country}, and the order goes to {country}"
    if not ordered_at - MAX_AGE <= quoted.quoted_at <= ordered_at + AHEAD:
        return f"it was quoted at {quoted.quoted_at:%Y-%m-%d %H:%M} UTC, and ordered at {ordered_at:%Y-%m-%d %H:%M}"
    return ""


def _quoted(*says: Any) -> Quoted:
    form, code, country, first, days, confidence, source, reason, moment = says
    if form != FORM or source not in Promise.Source.values:
        raise ValueError(f"This is no token of the form {FORM}.")
    earliest = date.fromisoformat(first)
    told = Estimate(earliest=earliest, latest=earliest + timedelta(days=days), confidence=confidence, source=source, reason=reason)
    return Quoted(code=code, country=country, estimate=told, quoted_at=datetime.fromtimestamp(moment, timezone.utc))


@lru_cache(maxsize=1)
def _signer() -> signing.Signer:
    """Made once: a quote signs several tokens."""
    return signing.Signer(key=settings.SECRET_KEY, fallback_keys=settings.SECRET_KEY_FALLBACKS, salt=SALT)


def _forget(*, setting: str, **_more: Any) -> None:
    if setting.startswith("SECRET_KEY"):
        _signer.cache_clear()


setting_changed.connect(_forget)
