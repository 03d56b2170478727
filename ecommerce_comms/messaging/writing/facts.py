"""The facts that texts may name: each with its type, what it means and an example, and which kinds of messages know it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.messaging.writing import texts

NOTHING = _("nothing")
NO_LIST = _("an empty list: the loop goes no round")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact."""

    name: str
    """As a text names it: ``order.number``."""
    type: str
    """``text``, ``number``, ``date``, ``window``, ``money``, ``link``, ``list`` or ``word`` (one of a few, for comparing)."""
    meaning: str | LazyText
    """In a shopkeeper's words."""
    example: str
    optional: str | LazyText = ""
    """What comes out where it is not known; empty: every message of its kinds knows it."""
    members: tuple[Fact, ...] = ()
    """Of a list whose things have parts: these, named as a loop's variable names them, ``title`` for ``{{ line.title }}``."""
    private: bool = False
    """Of the customer alone: a message to somebody else about the same parcel does not know it."""


def _fact(name: str, kind: str, meaning: str | LazyText, example: str, optional: str | LazyText = NOTHING, **more: object) -> Fact:
    return Fact(name=name, type=kind, meaning=meaning, example=example, optional=optional, **more)  # type: ignore[arg-type]


def _lines(owner: str, meaning: LazyText) -> tuple[Fact, Fact]:
    line = (
        _fact("title", "text", _("What it is called"), "Teapot", ""),
        _fact("quantity", "number", _("How many"), "1", ""),
        _fact("price", "money", _("What the line costs"), "₹1,450.00", private=True),
        _fact("url", "link", _("Its page in the shop"), "https://shop.example/teapot"),
    )
    return (
        _fact(f"{owner}.lines", "list", meaning, "Teapot, Cups", NO_LIST, members=line),
        _fact(f"{owner}.more_lines", "number", _("How many things did not fit into the list"), "3"),
    )


_CUSTOMER = (
    _fact("customer.first_name", "text", _("The customer's first name"), "Asha"),
    _fact("customer.last_name", "text", _("The customer's last name"), "Rao"),
    _fact("customer.name", "text", _("The customer's whole name"), "Asha Rao"),
)
_OTHERS = (
    _fact("buyer.first_name", "text", _("The first name of who ordered"), "Asha"),
    _fact("buyer.name", "text", _("The whole name of who ordered"), "Asha Rao"),
    _fact("recipient.role", "word", _("Why this person hears of it: receiver of a gift, or business desk"), "receiver", ""),
)
_ORDER = (
    _fact("order.number", "text", _("The order's number, as your shop shows it"), "1001", ""),
    _fact("order.placed_on", "date", _("The day of the order"), "Tue 1 Dec"),
    _fact("order.placed_at", "date", _("The moment of the order, for machines: 2026-12-01T10:00:00+00:00"), "2026-12-01T10:00:00+00:00"),
    _fact("order.url", "link", _("The order's page in your shop"), "https://shop.example/orders/1001", private=True),
    _fact("order.retry_payment_url", "link", _("Where the customer can pay once more"), "https://shop.example/pay/1001", private=True),
    _fact("order.currency", "word", _("The currency's three letters"), "INR", private=True),
    _fact("order.total", "money", _("What the order costs in all"), "₹1,499.00", private=True),
    _fact("order.shipping_price", "money", _("What the delivery costs"), "₹49.00", private=True),
    _fact("order.free_shipping", "word", _("Set if the delivery costs nothing"), "true", private=True),
    _fact("order.address", "list", _("The lines of the delivery address"), "Asha Rao, 12 Lake Road, 700001 Kolkata", NO_LIST),
    *_lines("order", _("What was ordered, at most twenty lines of it")),
)
_PARCEL = (
    _fact("parcel.number", "number", _("Which of the order's parcels it is"), "1"),
    _fact("parcel.of", "number", _("How many parcels the order has"), "2"),
    _fact("parcel.reference", "text", _("The parcel's own number in your shop"), "P-17"),
    _fact("parcel.carrier", "text", _("Who carries it"), "Blue Dart"),
    _fact("parcel.service", "text", _("How it travels"), "Express"),
    _fact("parcel.tracking_number", "text", _("The carrier's number for it"), "BD123"),
    _fact("parcel.tracking_url", "link", _("Where it can be followed"), "https://track.example/BD123"),
    *_lines("parcel", _("What is in this parcel")),
)
_PROMISE = (
    _fact("promise.window", "window", _("When it arrives, as promised now"), "Thu 3 – Sat 5 Dec"),
    _fact("promise.was_window", "window", _("The promise before this one"), "Wed 2 – Thu 3 Dec"),
    _fact("promise.earliest", "date", _("First day of the window, for machines"), "2026-12-03"),
    _fact("promise.latest", "date", _("Last day of the window, for machines"), "2026-12-05"),
    _fact("promise.was_earliest", "date", _("First day of the window before, for machines"), "2026-12-02"),
    _fact("promise.was_latest", "date", _("Last day of the window before, for machines"), "2026-12-03"),
    _fact("promise.reason", "text", _("How the promise came about, in the estimator's words"), "5 orders to this place"),
    _fact("promise.confidence", "number", _("How sure it is, from 0 to 1"), "0.9"),
)
_EVENT = (
    _fact("event.occurred_on", "date", _("The day on which it happened"), "Wed 2 Dec", ""),
    _fact("event.occurred_at", "date", _("The moment at which it happened, for machines"), "2026-12-02T10:00:00+00:00", ""),
)
_SHOP = (
    _fact("shop.name", "text", _("Your shop's name"), "Lotus House"),
    _fact("shop.url", "link", _("Your shop's address on the web"), "https://shop.example"),
    _fact("shop.email", "text", _("Where customers can write to"), "help@shop.example"),
    _fact("shop.address", "text", _("Where your shop is"), "1 Park Street, Kolkata"),
)
_REASON = _fact("event.reason", "text", _("Why, in the words of the shop or of who told it"), "Heavy rain")
_INSTRUCTIONS = _fact("event.instructions", "text", _("What the customer should do"), "Bring your passport.")
_TOLD: dict[str, tuple[Fact, ...]] = {
    "payment_failed": (
        _REASON, _fact("event.retry_url", "link", _("Where to pay once more"), "https://shop.example/pay/1001", private=True),
    ),
    "order_changed": (_REASON,),
    "order_ready_for_pickup": (_fact("event.place", "text", _("Where the parcel waits"), "Corner shop, 12 Lake Road"), _INSTRUCTIONS),
    "delivery_failed": (_REASON, _INSTRUCTIONS),
    "order_delayed": (
        _REASON,
        _fact("event.reason_kind", "word", _("Why it is late: not_shipped, no_scan, stalled, slow_carrier, peak, holiday, weather, outage, "
                                             "carrier_says"), "weather"),
        _fact("event.choices", "word", _("“wait change cancel” while nothing has left, else “wait”"), "wait change cancel",
              private=True),
    ),
    "order_cancelled": (_REASON,),
    "order_refunded": (_fact("event.amount", "money", _("How much was given back, if not all of it"), "₹499.00", private=True), _REASON),
    "return_requested": (_INSTRUCTIONS, _fact("event.label_url", "link", _("The label for the parcel back"), "https://shop.example/label/1")),
}
"""What the event itself may have told, by kind: the ``data`` of the shop's signals."""
TELLING_A_PROMISE = frozenset({"order_placed", "order_shipped", "order_delayed", "order_back_on_track", "order_cancelled"})
"""The kinds that are given the promise."""
WITHOUT_PARCEL = frozenset({"order_placed", "payment_failed", "order_processed", "review_request"})
"""The kinds that are about no parcel: none has left yet, or all have arrived."""

FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in (
        *_CUSTOMER, *_OTHERS, *_ORDER, *_PARCEL, *_PROMISE, *_EVENT,
        *dict.fromkeys(fact for told in _TOLD.values() for fact in told), *_SHOP,
    )
}
"""Every fact that a text may name, by its name."""


@lru_cache(maxsize=128)
def _of(kind: str) -> tuple[Fact, ...]:
    own = kind.removesuffix(texts.OTHERS)
    known = (
        *_CUSTOMER, *_ORDER, *(() if own in WITHOUT_PARCEL else _PARCEL), *(_PROMISE if own in TELLING_A_PROMISE else ()),
        *_EVENT, *_TOLD.get(own, ()), *_SHOP,
    )
    return known if own == kind else (*_OTHERS, *(_for_others(fact) for fact in known if not fact.private and fact not in _CUSTOMER))


def _for_others(fact: Fact) -> Fact:
    """A list without what its things cost."""
    shown = tuple(member for member in fact.members if not member.private)
    return fact if shown == fact.members else Fact(**{**fact.__dict__, "members": shown})


def of(kind: str) -> tuple[Fact, ...]:
    """What a message of ``kind`` can know; ``kind`` may end in ``.others``, or be one that the shop declared.

    A kind that nobody has declared may name every fact.
    """
    if kind.removesuffix(texts.OTHERS) in texts.KINDS:
        return _of(kind)
    declared = _declared(kind)
    return tuple(fact for name, fact in FACTS.items() if not declared or name in declared)


def _declared(kind: str) -> Iterable[str]:
    """The names of the facts that the shop says its own ``kind`` knows; none: all."""
    return texts.KINDS_OF_SHOP[kind].facts if kind in texts.KINDS_OF_SHOP else ()
