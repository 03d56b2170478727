"""What a preview is about: one of the shop's orders, chosen by the merchant, or one that does not exist and is awkward in some way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.editor.kinds import rule_kind
from ecommerce_comms.journeys import facts, others
from ecommerce_comms.journeys.rules import SPECS
from ecommerce_comms.messaging import reaching
from ecommerce_comms.messaging.channels import Contact
from ecommerce_comms.messaging.editing.linting import sample
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.plain import one_line
from ecommerce_comms.messaging.reaching import Person
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders import history
from ecommerce_comms.orders.history import History
from ecommerce_comms.orders.kinds import in_words
from ecommerce_comms.orders.models import Order, OrderEvent
from ecommerce_comms.orders.redaction import is_erased
from ecommerce_comms.snapshots import OrderSnapshot

Facts = dict[str, Any]
LONGEST_TERM = 320
OFFERED = 12
"""So many orders are offered at once."""
HAPPENED, LOOKED_THROUGH = 6, 20_000
"""So many of them had the event, looked for among so many newest events; names are looked for among so many newest orders."""
ORDER, SAMPLE = "order", "sample"
_LONG = "Hand-thrown stoneware teapot with a bamboo handle, glazed in the old blue of Jaipur, from the workshop at the river"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a preview is about."""

    value: str
    """As a form names it: ``order:7`` or ``sample:plain``."""
    facts: Facts
    time_zone: str
    site: str = ""
    note: str = ""
    """What about it is not real, in a sentence; empty if all is."""


class UnknownSubject(ValueError):
    """There is no such order."""


def choices(kind: str, search: str = "", chosen: str = "", *, orders: bool = True) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of what can be chosen, for a select.

    The newest orders to which happened what ``kind`` tells, the newest of all, or those that ``search`` finds: the first group, which
    is empty if it finds none. Then the samples. What is ``chosen`` is always among them.
    """
    groups: list[tuple[str, Iterable[Order]]] = []
    if orders and search.strip():
        found = _found(search)
        groups = [(_("Orders found") if found else _("No order found"), found)]
    elif orders:
        happened = _happened(kind)
        newest = [order for order in _found("") if order not in happened]
        groups = [(_("Orders to which this has happened"), happened), (_("Newest orders"), newest)]
    named = [(title, [(f"{ORDER}:{order.pk}", _label(order)) for order in rows]) for title, rows in groups]
    if orders and chosen and chosen not in {value for _title, options in named for value, _label_ in options}:
        kept = [(chosen, _label(order)) for order in _rows().filter(pk=_key(chosen))]
        named.insert(1 if search.strip() else 0, (_("Chosen"), kept))
    samples = [(f"{SAMPLE}:{name}", str(label)) for name, (label, _change) in SAMPLES.items()]
    shown = [(title, options) for title, options in named if options or title == _("No order found")]
    return [*shown, (_("Orders that do not exist"), samples)]


def first(kind: str, *, orders: bool = True) -> str:
    """What a preview is about before anybody has chosen: the newest order to which it happened, the newest of all, or a sample."""
    newest = [*_happened(kind)[:1], *_found("")[:1]] if orders else []
    return f"{ORDER}:{newest[0].pk}" if newest else f"{SAMPLE}:plain"


def of(value: str, kind: str, *, orders: bool = True) -> Subject:
    """The subject called ``value``; raises ``UnknownSubject`` if there is none, or if it is an order and ``orders`` are not to be seen."""
    sort, _colon, name = value.partition(":")
    if sort == SAMPLE and name in SAMPLES:
        told = SAMPLES[name][1](_copy(sample(kind)))
        return Subject(value=value, facts=told, time_zone=conf.time_zone)
    if sort == ORDER and orders:
        found = _remembered(value, _key(value), kind)
        if found is not None:
            return found
    raise UnknownSubject(_("There is no such order. Choose another one."))


def _key(value: str) -> int:
    """The order's key in ``order:7``; 0, which is nobody's, for anything else."""
    name = value.removeprefix(f"{ORDER}:")
    return int(name) if name.isascii() and name.isdigit() and len(name) < 19 else 0


def _rows() -> QuerySet[Order]:
    return Order.objects.select_related("customer").defer("snapshot").order_by("-pk")


def _found(search: str) -> list[Order]:
    """The orders with this address or number; if there are none, those of the newest that hold every word in their number or name."""
    term = one_line(search, LONGEST_TERM)  # no database can look for half a letter
    if not term or "@" in term:
        return list((_rows().filter(customer__email__iexact=term) if term else _rows())[:OFFERED])
    last = Order.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    recent = _rows().filter(pk__gt=last - LOOKED_THROUGH)
    for word in term.split():
        recent = recent.filter(
            Q(number__icontains=word) | Q(customer__first_name__istartswith=word) | Q(customer__last_name__istartswith=word))
    return list(_rows().filter(Q(number__startswith=term) | Q(reference=term))[:OFFERED]) or list(recent[:OFFERED])


def _happened(kind: str) -> list[Order]:
    """The newest orders with the event that sets off a message of ``kind``, looked for among the newest events only: they are many."""
    spec = SPECS.get(rule_kind(kind))
    last = OrderEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
    if spec is None or last is None:
        return []
    events = OrderEvent.objects.filter(pk__gt=last - LOOKED_THROUGH, kind=spec.trigger, order__isnull=False).order_by("-pk")
    keys = list(dict.fromkeys(events.values_list("order_id", flat=True)[: 10 * HAPPENED]))[:HAPPENED]
    known = {order.pk: order for order in _rows().filter(pk__in=keys)}
    return [known[key] for key in keys if key in known]


def _label(order: Order) -> str:
    who = f"{order.customer.first_name} {order.customer.last_name}".strip() if order.customer else ""
    return " · ".join(part for part in (order.number or order.reference, who, str(order.get_status_display())) if part)


def _remembered(value: str, pk: int, kind: str) -> Subject | None:
    """The order's facts: of an order with thousands of lines they take longer than all else, and nobody types one letter only."""
    newest = OrderEvent.objects.filter(order=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    order = Order.objects.filter(pk=pk).annotate(newest=Subquery(newest))
    state = order.values_list("key", "snapshot_at", "status", "delayed_at", "customer__erased_at", "newest").first()
    if state is None:
        return None
    now, key = time.monotonic(), (value, kind, *state)
    for old in [old for old, (since, _subject) in list(_MEMORY.items()) if now - since > REMEMBERED_SECONDS]:
        _MEMORY.pop(old, None)
    known = _MEMORY.get(key)
    if known is None:
        if len(_MEMORY) >= REMEMBERED:
            _MEMORY.clear()
        known = _MEMORY[key] = (now, _of_order(value, order.select_related("customer").get(), kind))
    return known[1]


REMEMBERED, REMEMBERED_SECONDS = 16, 20.0
"""So many orders are remembered, so long."""
_MEMORY: dict[tuple[Any, ...], tuple[float, Subject]] = {}


def _of_order(value: str, order: Order, kind: str) -> Subject:
    [opened] = history.load({order.key: order}).values()
    spec = SPECS.get(rule_kind(kind))
    trigger = spec.trigger if spec else ""
    event = next((each for each in reversed(opened.events) if each.kind == trigger), None)
    told = _told(opened, event, kind)
    note = "" if event or not trigger else _(
        "“%(event)s” has not happened to this order yet: what only that event tells is made up here, everything else is the order's own."
    ) % {"event": in_words(trigger)}
    if is_erased(order):
        note = _("This customer's data was erased, so there is little to show. Choose another order.")
    return Subject(value=value, facts=told, time_zone=order.time_zone, site=order.site, note=note)


def _told(opened: History, event: OrderEvent | None, kind: str) -> Facts:
    """The facts as a message would collect them; where the event has not happened, those of a sample stand in for what it would tell."""
    spec = SPECS.get(rule_kind(kind))
    made_up = event or OrderEvent.build(kind=spec.trigger if spec else kind, occurred_at=clock.now(), notify_customer=True)
    parcel = None if spec and spec.follow_up else opened.parcel_of(made_up)
    told = facts.collect(opened, made_up, parcel, tells_promise=bool(spec and spec.tells_promise))
    if event is None:
        usual = _copy(sample(kind))
        made = {name: fact for name, fact in usual.get("event", {}).items() if name not in ("occurred_at", "kind")}
        told["event"] = {**made, **told["event"]}
        told = {**{group: usual[group] for group in ("parcel", "promise") if group in usual}, **told}
    snapshot = opened.order.as_snapshot
    return others.told(told, _receiver(snapshot), snapshot) if kind.endswith(texts.OTHERS) else told


def _receiver(snapshot: OrderSnapshot) -> Person:
    """Whom the order names besides the customer; somebody who receives a gift, if it names nobody."""
    return next(iter(reaching.the_others(snapshot)), Person(role=Message.Role.RECEIVER, contact=Contact()))


def _copy(told: Facts) -> Facts:
    return {group: dict(names) for group, names in told.items()}


def _nameless(told: Facts) -> Facts:
    return {**told, **{group: {} for group in ("customer", "buyer") if group in told}}


def _many_lines(told: Facts) -> Facts:
    lines = [{"title": f"Teapot no. {number}", "quantity": number, "price": "1450.00"} for number in range(1, 21)]
    return {**told, "order": {**told["order"], "lines": lines, "more_lines": 4_980}}


def _undated(told: Facts) -> Facts:
    parcel = {name: value for name, value in told.get("parcel", {}).items() if not name.startswith("tracking")}
    return {**told, "promise": {}, "parcel": parcel}


def _long_words(told: Facts) -> Facts:
    name = {"first_name": "Venkatanarasimharajuvaripeta", "last_name": "Wolfeschlegelsteinhausenbergerdorff",
            "name": "Venkatanarasimharajuvaripeta Wolfeschlegelsteinhausenbergerdorff"}
    who = {group: {**told[group], **name} for group in ("customer", "buyer") if told.get(group)}
    lines = [{"title": _LONG, "quantity": 12, "price": "99999.00"}]
    return {**told, **who, "order": {**told["order"], "number": "SHOP-EU-2026-000123456789", "lines": lines}}


SAMPLES: dict[str, tuple[LazyText, Callable[[Facts], Facts]]] = {
    "plain": (gettext_lazy("A usual order"), lambda told: told),
    "nameless": (gettext_lazy("A customer without a name"), _nameless),
    "many": (gettext_lazy("Five thousand lines"), _many_lines),
    "undated": (gettext_lazy("No date, and nothing to track"), _undated),
    "long": (gettext_lazy("Very long words"), _long_words),
}
"""What does not exist: by name, its label and how it is made from the usual sample."""
