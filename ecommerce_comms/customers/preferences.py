"""The door of preferences: on which channels a customer wants to hear of what, in which order.

::

    from ecommerce_comms.customers import preferences

    preferences.choose(customer, "orders", ["sms", "email"], where="preference page")
    preferences.choose(customer, "offers", [], where="preference page")  # no offers any more
    preferences.choose_call_times(customer, "18:00-20:00", where="preference page")

Nothing is guessed: who was asked gets what they chose, everybody else ``ECOMMERCE_COMMS["CHANNELS"]``. An empty list is a "no".
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import router, transaction

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.customers import calling, consents, phones
from ecommerce_comms.customers.choices import CALL_TIMES, OFFERS, ORDERS, TOPICS, chosen, note, take, usual
from ecommerce_comms.customers.hashing import address_hashes
from ecommerce_comms.customers.models import Consent, Customer

__all__ = ["OFFERS", "ORDERS", "TOPICS", "choose", "choose_call_times", "chosen", "usual"]


def choose(
    customer: Customer, topic: str, channels: Iterable[str], *, where: str, by: str = "", words: str = "", language: str = "",
) -> None:
    """Keep what ``customer`` chose for ``topic``; it holds from the moment it is committed, also for what waits to be sent.

    ``where`` is the place where they stood, ``by`` who entered it if that was not they. For ``offers``, a channel that is left out
    is a "no" to it, which is written down. A "yes" is kept only with the ``words`` that they agreed to, through ``consents.grant``:
    without them a chosen channel carries no advertising until somebody agrees there. Raises ``ValueError``, with nothing kept, for
    a topic or a channel that there is not, a channel named twice, and without a place.
    """
    wanted = _checked(topic, channels)
    if not where.strip():
        raise ValueError("A choice needs the place where it was made (where).")
    with transaction.atomic(using=router.db_for_write(Customer)):
        row = Customer.objects.select_for_update().get(pk=customer.pk)
        take(row, topic, wanted, clock.now(), where, by)
        row.save(update_fields=["channels", "chosen"])
        if topic == OFFERS:
            _agree(row, wanted, where=where, by=by, words=words, language=language)
    customer.channels, customer.chosen = row.channels, row.chosen


def choose_call_times(customer: Customer, text: str, *, where: str, by: str = "") -> None:
    """Keep when a call suits, as "09:00-12:00, 18:00-20:00" by the customer's clock; empty for any time of the day.

    Raises ``ValueError`` for what cannot be read.
    """
    times = calling.parse(text)
    with transaction.atomic(using=router.db_for_write(Customer)):
        row = Customer.objects.select_for_update().get(pk=customer.pk)
        row.call_times = str(times or "")
        note(row, CALL_TIMES, clock.now(), where, by)
        row.save(update_fields=["call_times", "chosen"])
    customer.call_times, customer.chosen = row.call_times, row.chosen


def _checked(topic: str, channels: Iterable[str]) -> list[str]:
    if topic not in TOPICS:
        raise ValueError(f"There is no topic {topic!r}; there are {', '.join(TOPICS)}.")
    if isinstance(channels, str):
        raise ValueError(f"Channels are a list, such as [{channels!r}].")
    wanted = list(channels)
    unknown = [channel for channel in wanted if channel not in conf.BACKENDS]
    if unknown:
        raise ValueError(f"There is no channel {unknown[0]!r}; ECOMMERCE_COMMS[\"BACKENDS\"] has {', '.join(conf.BACKENDS)}. "
                         f"Topics are {', '.join(TOPICS)}.")
    if twice := sorted({channel for channel in wanted if wanted.count(channel) > 1}):
        raise ValueError(f"The channel {twice[0]!r} is named twice: {', '.join(wanted)}.")
    return wanted


# ---- offers: a choice is a yes only with its words, and always a no to what was left out ------------------------------


def _agree(customer: Customer, wanted: list[str], *, where: str, by: str, words: str, language: str) -> None:
    for channel in conf.BACKENDS:
        address = _address(customer, channel)
        if channel not in wanted:
            _withdraw(customer, channel, address, where=where, by=by, always=not wanted)
        elif words.strip() and address:
            consents.grant(address, topic=Consent.Topic.MARKETING, where=where, words=words, language=language or customer.language,
                           customer=customer, by=by, channel=channel)


def _withdraw(customer: Customer, channel: str, address: str, *, where: str, by: str, always: bool) -> None:
    """End every yes on ``channel``; who wants no offers at all has said no even where they had never said yes."""
    hashes = {each: address_hashes(each) for each in dict.fromkeys((address, customer.email, customer.phone, customer.key)) if each}
    said = consents.newest([each for several in hashes.values() for each in several], (Consent.Topic.MARKETING,), channel)
    for each, several in hashes.items():
        last = consents.last_word(said, several, Consent.Topic.MARKETING)
        if (last is not None and not last.is_no) or (always and each == address and last is None):
            consents.withdraw(
                address_hash=several[0], topic=Consent.Topic.MARKETING, where=where, customer=customer, by=by, channel=channel,
            )


def _address(customer: Customer, channel: str) -> str:
    """Where consents of ``channel`` are kept: under the e-mail address for mails, under the telephone for everything else."""
    return customer.email if channel == consents.EMAIL else phones.e164(customer.phone) or customer.phone
