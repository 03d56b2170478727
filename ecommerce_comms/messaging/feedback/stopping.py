"""What a customer's text to the shop does: STOP ends all texts to the number at once, START lifts that, the rest is told to the shop."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ImproperlyConfigured
from django.db import router, transaction

from ecommerce_comms import clock, keys, masking
from ecommerce_comms.conf import conf
from ecommerce_comms.customers import consents, phones, suppressions
from ecommerce_comms.customers.hashing import address_hash, address_hashes
from ecommerce_comms.customers.models import Consent
from ecommerce_comms.exceptions import CommsError
from ecommerce_comms.masking import masked
from ecommerce_comms.messaging.backends.base import get_backend
from ecommerce_comms.messaging.backends.sms.base import Text
from ecommerce_comms.messaging.feedback.notices import clean, digest
from ecommerce_comms.messaging.feedback.words import START, STOP, word_of
from ecommerce_comms.messaging.models import ProviderEvent
from ecommerce_comms.signals import sms_received

log = masking.logger(__name__)
LONGEST = 5_000
"""Characters of a text that are looked at and told; ten segments hold some 1,530."""


def hear(gateway: str, text: Text) -> bool:
    """Act upon ``text``, which came in by ``gateway``, once (committed when this returns); returns whether it was news.

    Nothing of it is kept but that it came, and that it was a word such as STOP. Raises ``ValueError`` for a text without a number of its
    own, for a second STOP could not be told from the first one told again.
    """
    number = phones.e164(clean(text.sender, 60))
    if not text.number:
        raise ValueError("a text without a number")
    said, at = clean(text.text, LONGEST), min(text.at, clock.now()) if text.at and text.at.tzinfo else clock.now()
    word = text.word if text.word in (STOP, START) else word_of(said)
    with transaction.atomic(using=router.db_for_write(ProviderEvent)):
        _row, is_new = ProviderEvent.objects.get_or_create(
            key=keys.make(gateway, digest(["text", text.number]), address_hash(number) or "-"), defaults=_kept(gateway, word, at),
        )
        if is_new and number and word in EFFECTS:
            EFFECTS[word](number, gateway)
    if is_new and number and not word:
        log.info("A text from %s came in through %s.", masked(number), gateway)
        sms_received.send_robust(sender=ProviderEvent, gateway=gateway, number=number, text=said, at=at)
    return is_new


def stop(number: str, gateway: str) -> None:
    """Send nothing more to ``number`` (E.164) by text, and take back every yes to that. What is queued is asked again before it leaves."""
    for channel in channels():
        where = f"text message ({gateway})"
        suppressions.stop(address_hash(number), channel=channel, shown=masked(number), detail=f"STOP by {where}")
        words = consents.newest(hashes := address_hashes(number), channel=channel)
        for topic in Consent.Topic.values:
            last = consents.last_word(words, hashes, topic)
            if last is None or not last.is_no:  # who says it a thousand times has said it once
                consents.withdraw(address_hash=hashes[0], topic=topic, where=where, channel=channel)
    log.info("%s wants no more texts, said through %s.", masked(number), gateway)


def start(number: str, gateway: str) -> None:
    """Lift what ``stop`` did to the number; what was agreed to before stays taken back."""
    for channel in channels():
        suppressions.restart(address_hashes(number), channel=channel, by=f"START by text message ({gateway})")
    log.info("%s lifted its stop of texts through %s.", masked(number), gateway)


EFFECTS = {STOP: stop, START: start}


def channels() -> list[str]:
    """The channels on which texts go out."""
    return [name for name in conf.BACKENDS if _is_texting(name)] or ["sms"]


def _is_texting(channel: str) -> bool:
    try:
        backend = get_backend(channel)
    except (CommsError, ImproperlyConfigured):  # the system checks tell of it
        return False
    return backend.form_for(channel) == "sms" and backend.address_for(channel) == "phone"


def _kept(gateway: str, word: str, at: datetime) -> dict[str, object]:
    kind = ProviderEvent.Kind.UNSUBSCRIBED if word == STOP else ProviderEvent.Kind.OTHER
    return {"provider": gateway[:50], "kind": kind, "state": ProviderEvent.State.APPLIED, "occurred_at": at, "detail": word.upper()}
