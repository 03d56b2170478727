"""The door of preferences: on which channels a customer wants to hear of what. Asked, never guessed.

::

    from ecommerce_comms.customers import preferences

    preferences.choose(customer, "orders", ["sms", "email"], where="preference page")
    preferences.chosen(customer.channels, "orders")  # ("sms", "email")

There are two topics: ``orders`` (all that is about an order) and ``offers`` (advertising). A channel is known if
``ECOMMERCE_COMMS["BACKENDS"]`` has it. Choosing a channel for offers is no consent to them: that is given with
``consents.grant``, with its words. Choosing none for offers withdraws it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from django.db import router, transaction

from ecommerce_comms import clock
from ecommerce_comms.conf import DEFAULTS, conf
from ecommerce_comms.customers import consents
from ecommerce_comms.customers.models import Consent, Customer
from ecommerce_comms.signals import channels_chosen

TOPICS: tuple[str, ...] = tuple(DEFAULTS["CHANNELS"])
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


def chosen(channels: Mapping[str, Any], topic: str) -> tuple[str, ...]:
    """The channels for ``topic``, the preferred one first: those of ``channels`` (``Customer.channels``), else the shop's usual ones."""
    asked = channels.get(topic)
    if isinstance(asked, (list, tuple)):
        return tuple(name for name in asked if isinstance(name, str))
    return tuple(conf.CHANNELS.get(topic, DEFAULTS["CHANNELS"][topic]))


def choose(customer: Customer, topic: str, channels: Sequence[str], *, where: str, by: str = "") -> None:
    """Keep that ``customer`` wants to hear of ``topic`` on ``channels``, in this order; an empty list is a "no" to the topic.

    ``where`` says where they said so (``checkout``, ``preference page``), ``by`` who entered it if not they themselves. It holds at
    once, for what waits to be sent too. Raises ``ValueError`` that names what is unknown, and for no channel at all for orders.
    """
    wanted = list(channels)
    _check(topic, wanted, where)
    with transaction.atomic(using=router.db_for_write(Customer)):
        row = Customer.objects.select_for_update().get(pk=customer.pk)
        row.channels, row.channels_at = {**row.channels, topic: wanted}, clock.now()
        row.save(update_fields=["channels", "channels_at"])
        customer.channels, customer.channels_at = row.channels, row.channels_at
        if topic == "offers" and not wanted:
            _no_offers(row, where, by)
        channels_chosen.send(sender=Customer, customer=row, topic=topic)


def call_times(text: str) -> list[tuple[time, time]]:
    """The spans of ``text`` ("09:00-12:00, 18:00-20:00"), by the customer's clock; raises ``ValueError`` that says which part is wrong."""
    spans = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        found = _SPAN.fullmatch(part)
        hours = [int(number) for number in found.groups()] if found else []
        if not found or hours[0] > 23 or hours[2] > 23 or hours[1] > 59 or hours[3] > 59 or hours[:2] >= hours[2:]:
            raise ValueError(f"{part!r} is no time for a call; write it like 18:00-20:00, the end after the beginning.")
        spans.append((time(hours[0], hours[1]), time(hours[2], hours[3])))
    return spans


def _check(topic: str, channels: list[str], where: str) -> None:
    if topic not in TOPICS:
        raise ValueError(f"There is no topic {topic!r}; there are {', '.join(TOPICS)}.")
    if unknown := [name for name in channels if name not in conf.BACKENDS]:
        raise ValueError(f"There is no channel {unknown[0]!r}; ECOMMERCE_COMMS[\"BACKENDS\"] has {', '.join(conf.BACKENDS)}.")
    if len(set(channels)) < len(channels):
        raise ValueError(f"A channel stands twice in {', '.join(channels)}.")
    if topic == "orders" and not channels:
        raise ValueError("News of an order needs a channel: choose at least one.")
    if not where.strip():
        raise ValueError("A choice needs the place where it was made (where).")


def _no_offers(customer: Customer, where: str, by: str) -> None:
    """A "no" to advertising on every channel on which there is a "yes"."""
    for address in filter(None, (customer.email, customer.phone)):
        for channel in conf.BACKENDS:
            if consents.has(address, Consent.Topic.MARKETING, channel):
                consents.withdraw(address, topic=Consent.Topic.MARKETING, where=where, customer=customer, by=by, channel=channel)
