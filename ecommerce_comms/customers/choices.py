"""What a customer chose: read anywhere, and taken over from orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock, masking
from ecommerce_comms.conf import DEFAULTS, conf
from ecommerce_comms.customers import calling
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.snapshots import CustomerSnapshot

ORDERS, OFFERS = "orders", "offers"
TOPICS = (ORDERS, OFFERS)
NAMES: dict[str, str | LazyText] = {"email": _("e-mail"), "sms": _("text message"), "phone": _("phone call"), "chat": _("chat")}
"""What a merchant calls a channel; one of another name is called by that."""
CALL_TIMES = "call_times"
"""Name under which it is kept when the call times were chosen."""
CHECKOUT = "checkout"
"""Where a choice was made that came with an order."""
log = masking.logger(__name__)
Who = Customer | Mapping[str, Any] | None


def chosen(who: Who, topic: str) -> tuple[str, ...]:
    """The channels for ``topic`` in the order preferred, as far as the shop still has them; empty means that they want none.

    ``who`` is a ``Customer``, the dict of channels of a snapshot, or ``None`` for somebody who was never asked.
    """
    asked = who.channels if isinstance(who, Customer) else who
    wanted = asked.get(topic) if asked else None
    if wanted is not None:
        known = _known(wanted)
        if known or not wanted:
            return tuple(known)
        # What they chose is gone from the shop altogether: that is no "no", and the shop's usual way is all there is.
    return usual(topic)


def in_words(channel: str) -> str:
    """A channel as merchants read it."""
    return str(NAMES.get(channel, channel))


def usual(topic: str) -> tuple[str, ...]:
    """The channels of those who were not asked about ``topic``."""
    listed = conf.CHANNELS.get(topic, DEFAULTS["CHANNELS"][topic])
    return tuple(channel for channel in listed if channel in conf.BACKENDS)


def take_over(customer: Customer, told: CustomerSnapshot, at: datetime | None) -> bool:
    """Take over what an order says was chosen at its checkout, ``at`` that time; whether it is news. The row is not written.

    A choice that was made later stays. What no customer can have meant (an unknown topic or channel, odd times) is left out.
    """
    moment, changed = at or clock.now(), False
    for topic, channels in told.channels.items():
        wanted = _readable(topic, channels)
        if wanted is not None and wanted != customer.channels.get(topic) and not _was_chosen_after(customer, topic, moment):
            take(customer, topic, wanted, moment, CHECKOUT, "")
            changed = True
    times = _readable_times(told.call_times)
    if times and times != customer.call_times and not _was_chosen_after(customer, CALL_TIMES, moment):
        customer.call_times = times
        note(customer, CALL_TIMES, moment, CHECKOUT, "")
        changed = True
    return changed


def take(customer: Customer, topic: str, wanted: list[str], at: datetime, where: str, by: str) -> None:
    """Let ``customer`` have chosen ``wanted`` for ``topic``; the row is not written."""
    customer.channels = {**customer.channels, topic: wanted}
    note(customer, topic, at, where, by)


def note(customer: Customer, topic: str, at: datetime, where: str, by: str) -> None:
    """Keep when, where and by whom something was chosen; the row is not written."""
    customer.chosen = {**customer.chosen, topic: {"at": at.isoformat(), "where": where.strip()[:100], "by": by[:100]}}


def _was_chosen_after(customer: Customer, topic: str, moment: datetime) -> bool:
    said = customer.chosen.get(topic, {}).get("at")
    return bool(said) and datetime.fromisoformat(said) > moment


def _readable(topic: Any, channels: Any) -> list[str] | None:
    """What a shop's order says, as far as it can be meant; ``None`` if nothing can."""
    if topic not in TOPICS or not isinstance(channels, (list, tuple)):
        return None
    known = _known(channels)
    if len(known) < len(channels):
        # What it names instead is not told: a path that leads astray may lead to a name or an address.
        log.warning('An order names channels for %s that ECOMMERCE_COMMS["BACKENDS"] has not, or one twice; these are left out. It has %s.',
                    topic, ", ".join(conf.BACKENDS))
    return known if known or not channels else None


def _known(named: Iterable[Any]) -> list[str]:
    """The channels of the shop that are ``named``, each once; "SMS" is understood where the shop has "sms"."""
    by_name = {name.casefold(): name for name in conf.BACKENDS} | {name: name for name in conf.BACKENDS}
    found = (by_name.get(name) or by_name.get(name.casefold()) for each in named if (name := str(each).strip()))
    return list(dict.fromkeys(channel for channel in found if channel))


def _readable_times(text: str) -> str:
    try:
        return str(calling.parse(text) or "")
    except ValueError:
        return ""
