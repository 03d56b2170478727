"""The call list's door: messages that are told by phone are put on it, and customers who asked to be rung up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import router, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock, keys
from ecommerce_comms.conf import conf
from ecommerce_comms.contact import closing, slots
from ecommerce_comms.contact.hours import Stretch
from ecommerce_comms.contact.models import CallbackRequest
from ecommerce_comms.customers import phones
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.exceptions import BadCallback, PermanentDeliveryError
from ecommerce_comms.messaging.backends.base import MessageBackend, Outgoing, Receipt
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.plain import clip, one_line
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.orders.models import Order
from ecommerce_comms.signals import callback_requested
from ecommerce_comms.zones import here, zone

By, State, Urgency = CallbackRequest.By, CallbackRequest.State, CallbackRequest.Urgency
LONGEST_REASON = 2_000
URGENT = frozenset({"delivery_failed", "payment_failed", "order_out_for_delivery", "order_ready_for_pickup"})
"""Kinds of messages that somebody has to hear soon, or they are of no use."""
PROMPT = frozenset({"order_delayed", "order_back_on_track", "order_cancelled", "order_changed"})


class PhoneBackend(MessageBackend):
    """Puts a message on the call list of the shop's staff, once for each message."""

    form = "phone"
    address = "phone"
    drops_repetitions = True
    called = _("the call list")

    def send(self, message: Outgoing) -> Receipt:
        """Put it on the list. Raises ``PermanentDeliveryError`` if the message is gone, or if nobody can call before it is no news."""
        about = Message.objects.select_related("order", "customer").filter(uid=message.key).first() if message.key else None
        if about is None:
            raise PermanentDeliveryError("The message log has no message with this key, and nothing else is put on the call list.")
        item = CallbackRequest.objects.filter(key=_key_of(about)).first() or _put(message, about)
        when = date_format(here(item.call_after), "j M, H:i")
        return Receipt(provider_message_id=f"call-{item.pk}", answer=now_in_words("put on the call list, to call from %s on") % when)


@again_after_deadlock
def _put(message: Outgoing, about: Message) -> CallbackRequest:
    customer, time_zone = about.customer, _zone_of(about.customer, about.order)
    wishes, expires = customer.call_times if customer else "", about.expires_at or _stale_at()
    slot = slots.next_slot(clock.now(), time_zone=time_zone, wishes=wishes)
    if slot is None or slot.start >= expires:
        raise PermanentDeliveryError("No calling hour of the shop falls into the customer's day before this is no news any more.")
    with transaction.atomic(using=router.db_for_write(CallbackRequest)):
        item, is_new = _once(_key_of(about), {
            "by": By.MESSAGE, "message": about, "order": about.order, "customer": customer, "number": message.recipient,
            "number_hash": address_hash(message.recipient), "name": message.recipient_name[:300], "language": message.language,
            "time_zone": time_zone, "wishes": wishes, "kind": about.kind, "text": message.text, "script": message.script,
            "urgency": urgency_of(about.kind), "call_after": slot.start, "call_before": slot.end, "expires_at": expires,
        })
        if is_new:
            closing.overtake(item)
            _announce(item)
    return item


def request(
    number: str, *, country: str = "", customer: Customer | None = None, order: Order | None = None, name: str = "", language: str = "",
    time_zone: str = "", reason: str = "", slot: Sequence[datetime] | None = None, by: str = By.CUSTOMER,
) -> CallbackRequest:
    """Put somebody who asked to be rung up on the call list, and return the item; ``callback_requested`` tells of it.

    ``number`` is as people write it, ``country`` (ISO 3166 alpha-2) where one without "+" lives. ``language`` (IETF tag) and
    ``time_zone`` (IANA name) are those of the person; without them those of the customer, of the order, or of the shop are taken.
    ``slot`` is the time that they chose, two aware datetimes: it is cut to the shop's calling hours. Without one, the next fitting
    hour is taken. ``reason`` is what it is about, in their words. Who asks twice has one item: the newer wish replaces the older one.

    Raises ``BadCallback`` if it is no phone number, or nobody can call then.
    """
    plain = phones.e164(number, country)
    if not plain:
        raise BadCallback("It is no phone number. Write it with the code of its country, such as +49 30 1234567.")
    where = time_zone or _zone_of(customer, order)
    wishes = customer.call_times if customer else ""
    chosen = _chosen(slot) if slot else slots.next_slot(clock.now(), time_zone=where, wishes=wishes)
    if chosen is None:
        raise BadCallback("The shop has no calling hour in the next two weeks at which it is day where the customer is. See CALL_HOURS.")
    return _wish(address_hash(plain), {
        "by": by, "order": order, "customer": customer, "number": plain, "number_hash": address_hash(plain),
        "name": one_line(name or (f"{customer.first_name} {customer.last_name}" if customer else ""), 300),
        "language": language or (customer.language if customer else "") or (order.language if order else "") or conf.language,
        "time_zone": where, "wishes": wishes, "reason": clip(reason.strip(), LONGEST_REASON), "urgency": Urgency.NOW,
        "call_after": chosen.start, "call_before": chosen.end, "expires_at": max(_stale_at(), chosen.end + timedelta(days=1)),
    })


@again_after_deadlock
def _wish(number_hash: str, wish: dict[str, Any]) -> CallbackRequest:
    key = keys.make("number", number_hash)
    with transaction.atomic(using=router.db_for_write(CallbackRequest)):
        if CallbackRequest.objects.filter(key=key, state=State.WAITING).update(**_told(wish), missed=0):
            return CallbackRequest.objects.get(key=key)
        item, is_new = _once(key, wish)
        if is_new:
            _announce(item)
    return item


def _once(key: str, fields: dict[str, Any]) -> tuple[CallbackRequest, bool]:
    """The item with ``key``, made of ``fields`` if there is none; and whether it was made."""
    # A transaction that begins by reading cannot go on to write on SQLite while others write.
    CallbackRequest.objects.filter(key=key).update(key=key)
    return CallbackRequest.objects.get_or_create(key=key, defaults=fields)


def _told(wish: dict[str, Any]) -> dict[str, Any]:
    """What the newer wish says; where it is silent, the older one holds."""
    return {name: value for name, value in wish.items() if value not in (None, "")}


def urgency_of(kind: str) -> int:
    """How soon a message of ``kind`` should be told."""
    return Urgency.NOW if kind in URGENT else Urgency.SOON if kind in PROMPT else Urgency.CALMLY


def _chosen(slot: Sequence[datetime]) -> Stretch:
    start, end = slot
    if start.tzinfo is None or end.tzinfo is None:
        raise BadCallback("The two ends of the slot must be aware datetimes.")
    left = Stretch(max(start, clock.now()), end)
    found = slots.within_hours(left) if left.start < left.end else None
    if found is None:
        raise BadCallback("This time has passed, or the shop does not call then. Choose one of those that contact.slots.upcoming gives.")
    return found


def _zone_of(customer: Customer | None, order: Order | None) -> str:
    found = (customer.time_zone if customer else "") or (order.time_zone if order else "") or conf.time_zone
    return zone(found).key


def _stale_at() -> datetime:
    return clock.now() + timedelta(days=conf.STALE_AFTER_DAYS)


def _key_of(message: Message) -> str:
    return keys.make("message", message.uid.hex)


def _announce(item: CallbackRequest) -> None:
    tell = partial(callback_requested.send_robust, sender=CallbackRequest, callback=item)
    transaction.on_commit(tell, using=router.db_for_write(CallbackRequest), robust=True)
