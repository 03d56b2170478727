"""The door of consents: who agreed to which messages, with the proof, and who has had enough.

::

    from ecommerce_comms.customers import consents

    consents.grant(email, topic="marketing", where="checkout", words="Yes, mail me your offers.", language="en")
    consents.withdraw(email, topic="marketing", where="preference page")

Topics are fixed, for each is what a purpose of messages asks for: ``service`` and ``marketing``. A channel is known if
``ECOMMERCE_COMMS["BACKENDS"]`` has it. Whoever asks about another one, or gives what is no address, gets a ``ValueError``.

Rows are only ever added. Of all that was said about an address, a channel and a topic, the newest word counts, and of a
yes and a no of the same moment the no. An old list that is imported therefore never undoes a later "no".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.customers import hashing
from ecommerce_comms.customers.models import Consent, Customer

Topic = Consent.Topic
LONGEST = {"where": 100, "by": 100, "language": 35}
"""How many characters of each the database takes; the rest is cut off."""
EMAIL = "email"
_EMAIL = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\".]+(\.[^\s@<>,;:\".]+)*")
"""One bare address. The mail itself is held to all of the grammar."""


@dataclass(frozen=True, order=True)
class Word:
    """The newest thing that was said. The greater one is the later; of the same moment, the "no"."""

    at: datetime
    is_no: bool


def grant(
    address: str, *, topic: str, where: str, words: str, language: str = "", at: datetime | None = None, customer: Customer | None = None,
    by: str = "", channel: str = "email", evidence: dict[str, Any] | None = None,
) -> Consent:
    """Keep a yes with its proof: the ``words`` that the person agreed to, ``where`` they stood, and when (``at``, aware; else now).

    ``by`` names who entered it, if that was not the person; ``evidence`` is plain data. An import (``where`` begins with "import")
    has to say when the person agreed. Raises ``ValueError`` that names what is missing or wrong.
    """
    if not words.strip() or not where.strip():
        raise ValueError("A consent needs the words that the person agreed to (words) and the place where they stood (where).")
    if at is None and where.strip().lower().startswith("import"):
        raise ValueError("An imported consent needs the moment at which the person agreed (at).")
    if at is not None and _aware(at) > clock.now():
        raise ValueError(f"Nobody can have agreed in the future: {at.isoformat()}.")
    _check_topic(topic)
    _check_channel(channel)
    _check_address(address, channel)
    return _keep(
        hashing.address_hash(address), topic, channel, granted=True, at=at or clock.now(), where=where, words=words, language=language,
        customer=customer, by=by, evidence=evidence,
    )


def withdraw(
    address: str = "", *, address_hash: str = "", topic: str, where: str, words: str = "", language: str = "", at: datetime | None = None,
    customer: Customer | None = None, by: str = "", channel: str = "email", evidence: dict[str, Any] | None = None,
) -> Consent:
    """Keep a no of the address, or of the one that ``address_hash`` stands for. It holds from the moment it is committed.

    What waits to be sent is asked again just before it is sent, so a no reaches it too. Without ``at`` it is the last word,
    even if the clock of the host that kept the yes was ahead. Raises ``ValueError`` without a place, and for an address, a channel or a
    topic that cannot be meant. Who gives a hash has it from us: the channel of an old message holds even if the settings no longer name it.
    """
    if not where.strip():
        raise ValueError("A withdrawal needs the place where it was said (where).")
    _check_topic(topic)
    if address:
        _check_channel(channel)
        _check_address(address, channel)
    hashes = hashing.address_hashes(address) if address else [address_hash]
    said = newest(hashes, (topic,), channel).values() if at is None else ()
    moment = max([clock.now(), *(word.at for word in said)]) if at is None else min(_aware(at), clock.now())
    return _keep(
        hashes[0], topic, channel, granted=False, at=moment, where=where, words=words, language=language, customer=customer, by=by,
        evidence=evidence,
    )


def live(hashes: Collection[str], topic: str, channel: str = "email") -> set[str]:
    """Those of ``hashes`` whose newest word about ``topic`` is a yes. One query. About an address, which may have several, ask ``has``."""
    _check_topic(topic)
    return {address_hash for (address_hash, _), word in newest(hashes, (topic,), channel).items() if not word.is_no}


def has(address: str, topic: str, channel: str = "email") -> bool:
    """Whether there is a live consent to messages of ``topic`` to ``address``; what was kept under older keys counts too.

    Nobody has agreed under what is no address. Raises ``ValueError`` for a topic or a channel that there is not.
    """
    _check_topic(topic)
    _check_channel(channel)
    last = last_word(newest(hashes := hashing.address_hashes(address), (topic,), channel), hashes, topic)
    return last is not None and not last.is_no


def history(address: str) -> QuerySet[Consent]:
    """All that was ever said about ``address``, the newest first."""
    return Consent.objects.filter(address_hash__in=hashing.address_hashes(address)).exclude(address_hash="").order_by("-at", "-pk")


def newest(hashes: Collection[str], topics: Iterable[str] = Topic.values, channel: str = "email") -> dict[tuple[str, str], Word]:
    """The newest word of each hash and topic about which one was said. One query, however often somebody changed their mind."""
    rows = Consent.objects.filter(address_hash__in=set(hashes) - {""}, topic__in=list(topics), channel=channel).order_by()
    words: dict[tuple[str, str], Word] = {}
    for address_hash, topic, granted, at in rows.values_list("address_hash", "topic", "granted").annotate(newest=Max("at")):
        word = Word(at, is_no=not granted)
        words[address_hash, topic] = max(word, words.get((address_hash, topic), word))
    return words


def last_word(words: dict[tuple[str, str], Word], hashes: Iterable[str], topic: str) -> Word | None:
    """The newest of ``words`` about ``topic`` among all ``hashes`` of one address; ``None`` if nothing was ever said."""
    return max((word for each in hashes if (word := words.get((each, topic)))), default=None)


def _keep(address_hash: str, topic: str, channel: str, *, evidence: dict[str, Any] | None, **values: Any) -> Consent:
    if not address_hash:
        raise ValueError("There is no address.")
    values |= {name: values[name][:longest] for name, longest in LONGEST.items()}
    return Consent.objects.create(address_hash=address_hash, topic=topic, channel=channel, evidence=evidence or {}, **values)


def _check_topic(topic: str) -> None:
    if topic not in Topic.values:
        raise ValueError(f"There is no topic {topic!r}; there are {', '.join(Topic.values)}.")


def _check_channel(channel: str) -> None:
    if channel not in conf.BACKENDS:
        raise ValueError(f"There is no channel {channel!r}; ECOMMERCE_COMMS[\"BACKENDS\"] has {', '.join(conf.BACKENDS)}.")


def _check_address(address: str, channel: str) -> None:
    """Refuse what nothing can be sent to, without quoting it: it may be about a person all the same."""
    if not address or not address.strip():
        raise ValueError("There is no address.")
    if channel == EMAIL and not _EMAIL.fullmatch(address.strip()):
        raise ValueError('This is no e-mail address: write it bare, like somebody@host.example. Say which channel=… if you '
                         "mean another one.")


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"A consent needs an aware datetime, got {moment!r}.")
    return moment
