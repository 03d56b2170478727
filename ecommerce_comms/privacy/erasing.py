"""Forgets a person: nothing stays in any table that tells who they are, and what comes later does not bring them back.

Orders stay with their numbers, dates, amounts and country (``orders.redaction``), and the person's own row without a name, so
that the books add up. Proofs of consent and suppressed addresses stay under their hashes, so that an address that comes back
with an old list is still left alone. Who orders again afterwards is a new customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from secrets import token_hex
from typing import TypeVar

from django.db import router, transaction
from django.db.models import CharField, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from ecommerce_comms import clock
from ecommerce_comms.chat.models import Conversation
from ecommerce_comms.contact.models import CallbackRequest
from ecommerce_comms.customers import consents
from ecommerce_comms.customers.hashing import address_hash, address_hashes
from ecommerce_comms.customers.models import Consent, Customer, Suppression
from ecommerce_comms.insights.models import Score
from ecommerce_comms.messaging.models import Attempt, Message, Provider, ProviderEvent
from ecommerce_comms.messaging.outbox import UNSENT
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.orders.redaction import REDACTED, is_erased, redact, redacted, redacted_parcel, words_in, words_of
from ecommerce_comms.privacy import mentions, talks
from ecommerce_comms.privacy.leftovers import clean_admin_log, clean_spool, hide_in, read_spool
from ecommerce_comms.privacy.subjects import CHUNK, Person, chunks, find
from ecommerce_comms.rows import update_each
from ecommerce_comms.shipping.models import Promise, Scan, Tracking, Watch
from ecommerce_comms.signals import message_skipped

M = TypeVar("M", bound=Model)
State, Reason = Message.State, Message.Reason
WHERE = "erased"
"""``Consent.where`` of the withdrawal that an erasure leaves."""
ROUNDS = 5
"""A worker may open an order of the person while the rest is being erased; so often it is looked again."""


@dataclass(frozen=True)
class Erased:
    """How many rows of each are about the person."""

    customers: int = 0
    orders: int = 0
    events: int = 0
    messages: int = 0
    stopped: int = 0
    """Messages among these that were still waiting to be sent."""
    attempts: int = 0
    notices: int = 0
    """What providers told about the messages."""
    calls: int = 0
    """Call-backs, and those asked for at a number that is theirs alone."""
    lines: int = 0
    """What was said in conversations."""
    consents: int = 0
    suppressions: int = 0
    mentions: int = 0
    """Orders, of whomever, that told them of the parcel."""
    log_entries: int = 0
    """Entries of the admin's log that quoted the person; known only afterwards."""

    def __add__(self, other: Erased) -> Erased:
        return Erased(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})

    def to_json(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


def preview(person: Person) -> Erased:
    """What ``erase`` would find."""
    said = person.messages
    return Erased(
        customers=len(person.customers), orders=person.orders.count(), events=len(person.events), messages=len(said),
        stopped=_count(Message.objects.filter(state__in=UNSENT), "pk", said), attempts=_count(Attempt.objects.all(), "message", said),
        notices=sum(rows.count() for rows in _notices(person)), calls=len(person.calls), lines=talks.lines_of(person).count(),
        consents=person.consents.count(), suppressions=person.suppressions.count(),
        mentions=len(person.mentions),
    )


def erase(identifier: str) -> Erased:
    """Forget the person whom ``identifier`` names; returns how many rows were about them.

    All of it in one transaction, under the locks that workers take. Raises ``UnknownPerson`` and ``AmbiguousPerson``.
    """
    read_spool()
    person = find(identifier)
    done = _erase(person)
    for _round in range(ROUNDS):
        if all(map(is_erased, person.orders)):
            break
        done += _erase(Person(person.customers, person.addresses))
    return done


@again_after_deadlock
def forget(customer: Customer) -> None:
    """Forget a customer of long ago, of the app's own accord: what they agreed to, or not, still holds, and its proof stays."""
    with transaction.atomic(using=router.db_for_write(Customer)):
        _erase_tables(_locked(Person([customer], frozenset())))


@again_after_deadlock
def _erase(person: Person) -> Erased:
    with transaction.atomic(using=router.db_for_write(Customer)):
        person = _locked(person)
        found, words = _erase_tables(person)
        entries = clean_admin_log(_named(person), words)
        hide_in(Provider.objects.all(), ("last_error",), words)
        clean_spool(words)
        _withdraw(person)
        _erase_proofs(person, words)
    return found + Erased(log_entries=entries)


def _locked(person: Person) -> Person:
    """Lock their orders, as workers do, and then their own rows; what is theirs is looked up anew."""
    theirs = Q(customer__in=person.pks) | Q(pk__in=person.mentions)
    list(Order.objects.select_for_update().filter(theirs).order_by("pk").only("pk"))
    customers = Customer.objects.select_for_update().filter(pk__in=person.pks).order_by("pk")
    return Person(list(customers), person.addresses, person.strays)


def _erase_tables(person: Person) -> tuple[Erased, set[str]]:
    """Orders, events, messages and customers; returns the counts, and the words that told who the person was."""
    orders, found = list(person.orders), preview(person)
    words = _words(person, orders)
    _erase_orders(orders, words)
    _erase_events(person, words)
    told_of = set(person.mentions) - {order.pk for order in orders}
    mentions.forget(told_of, set(person.mentioning_events) - set(person.events), person.hashes)
    _erase_messages(person)
    talks.erase(person)
    for customer in person.customers:
        _erase_name(customer)
    return found, words


def _words(person: Person, orders: Iterable[Order]) -> set[str]:
    """Everything that tells who the person is, as it may stand in other texts."""
    words = words_in(
        names=[name for each in person.customers for name in (each.first_name, each.last_name)],
        addresses=[*person.addresses, *(address for each in person.customers for address in (each.email, each.phone))],
    )
    words |= talks.words(person)
    snapshots = (order.snapshot for order in orders)
    told = (event.snapshot or {} for rows in chunks(OrderEvent.objects.only("snapshot"), "pk", person.events) for event in rows)
    for snapshot in (*snapshots, *told):
        words |= words_of(snapshot)
    for rows in chunks(Message.objects.all(), "pk", person.messages):
        for recipient, name in rows.values_list("recipient", "recipient_name").distinct():
            words |= words_in(names=[name], addresses=[recipient])
    return words


def _erase_orders(orders: list[Order], words: set[str]) -> None:
    for order in orders:
        order.snapshot = redacted(order.snapshot or {"reference": order.reference}, words)
    update_each(orders, ["snapshot"])
    pks = [order.pk for order in orders]
    for rows in chunks(Parcel.objects.all(), "order", pks):
        parcels = list(rows)
        for parcel in parcels:
            parcel.snapshot = redacted_parcel(parcel.snapshot, words)
        update_each(parcels, ["snapshot"])
    for scores in chunks(Score.objects.exclude(region=""), "order", pks):
        scores.update(region="")
    by_people = (Promise.Source.MERCHANT, Promise.Source.CARRIER)
    for promises in chunks(Promise.objects.exclude(reason=""), "order", pks):
        promises.filter(source__in=by_people).update(reason="")
        hide_in(promises, ("reason",), words)
    for scans in chunks(Scan.objects.all(), "parcel__order", pks):
        scans.update(text="", place="")  # who signed for it, and at which neighbour's
    for trackings in chunks(Tracking.objects.all(), "parcel__order", pks):
        trackings.update(place="")
    for watches in chunks(Watch.objects.all(), "order", pks):
        watches.update(lane="", place="")


def _erase_events(person: Person, words: set[str]) -> None:
    for rows in chunks(OrderEvent.objects.only(*REDACTED), "pk", person.events):
        events = list(rows)
        for event in events:
            redact(event, words)
        update_each(events, REDACTED)


def _erase_messages(person: Person) -> None:
    """What was not sent never will be. A worker that is sending one at this moment finds its claim gone and writes nothing."""
    for rows in chunks(Message.objects.all(), "pk", person.messages):
        waiting = list(rows.filter(state__in=UNSENT).values_list("pk", flat=True))
        rows.filter(pk__in=waiting).update(state=State.SKIPPED, reason=Reason.ERASED)
        rows.filter(state=State.SENDING).update(state=State.FAILED, reason=Reason.UNKNOWN, lease_token="")
        rows.update(
            recipient="", recipient_hash="", recipient_name="", facts={}, words={}, subject="", last_error="",
            answer="", provider_until=None,
            dedupe_key=Concat(Value("erased:"), Cast("pk", CharField(max_length=20))),
        )
        _tell_skipped(waiting)
    for tries in chunks(Attempt.objects.all(), "message", person.messages):
        tries.update(answer="")
    for notices in _notices(person):
        notices.update(detail="")


def _tell_skipped(pks: list[int]) -> None:
    def tell() -> None:
        for message in Message.objects.filter(pk__in=pks):
            message_skipped.send_robust(sender=Message, message=message)

    if pks:
        transaction.on_commit(tell, using=router.db_for_write(Message), robust=True)


def _erase_proofs(person: Person, words: set[str]) -> None:
    """Who agreed to what stays to be proved, by the hash of the address alone."""
    hide_in(person.consents, ("where", "words", "by"), words)
    person.consents.update(evidence={}, customer=None)
    person.suppressions.update(shown="", detail="")


def _withdraw(person: Person) -> None:
    """One last word for each address: no."""
    mine = person.consents.exclude(address_hash__in=person.hashes).order_by()
    others = [(hashed, channel, [hashed]) for hashed, channel in mine.values_list("address_hash", "channel").distinct()]
    known = [(address_hash(each), "email" if "@" in each else "sms", address_hashes(each)) for each in sorted(person.addresses)]
    for hashed, channel, hashes in (*known, *others):
        for topic in Consent.Topic.values:
            last = Consent.objects.filter(address_hash__in=hashes, channel=channel, topic=topic).order_by("-at", "-pk").first()
            if last is None or last.where != WHERE:
                consents.withdraw(address_hash=hashed, topic=topic, where=WHERE, channel=channel)


def _erase_name(customer: Customer) -> None:
    customer.key = f"erased:{token_hex(16)}"
    customer.reference = customer.email = customer.phone = customer.first_name = customer.last_name = customer.call_times = ""
    customer.channels, customer.chosen = {}, {}
    customer.erased_at = clock.now()
    customer.save(update_fields=[
        "key", "reference", "email", "phone", "first_name", "last_name", "channels", "chosen", "call_times", "erased_at",
    ])


def _named(person: Person) -> dict[type[Model], list[int]]:
    """Rows that the admin's log calls by the person's name or address."""
    return {
        Customer: person.pks, Message: person.messages, CallbackRequest: person.calls,
        Conversation: list(talks.conversations_of(person).values_list("pk", flat=True)),
        Suppression: list(person.suppressions.values_list("pk", flat=True)), Consent: list(person.consents.values_list("pk", flat=True)),
    }


def _notices(person: Person) -> Iterator[QuerySet[ProviderEvent]]:
    """What providers told about the messages, also where it is not yet joined to its message."""
    for first in range(0, len(person.messages), CHUNK):
        pks = person.messages[first : first + CHUNK]
        uids = list(Message.objects.filter(pk__in=pks).values_list("uid", flat=True))
        yield ProviderEvent.objects.filter(Q(message__in=pks) | Q(message=None, message_uid__in=uids))


def _count(rows: QuerySet[M], name: str, values: list[int]) -> int:
    return sum(each.count() for each in chunks(rows, name, values))
