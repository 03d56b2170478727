"""One delay that a merchant declares for many orders: who is meant, what each is told, and the telling itself, batch after batch."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connections, router, transaction
from django.db.models import Max, Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import keys
from ecommerce_comms.conf import conf
from ecommerce_comms.orders.events import Known, record_all_known
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping import promises
from ecommerce_comms.shipping.calendars import NoOpenDay
from ecommerce_comms.shipping.delays import clocks, lanes
from ecommerce_comms.shipping.delays.judging import LAST_MILE
from ecommerce_comms.shipping.delays.missed import in_data, tracking_of
from ecommerce_comms.shipping.delays.watching import LAST_MILE as LAST_STEPS
from ecommerce_comms.shipping.estimators.base import Estimate
from ecommerce_comms.shipping.models import DeclaredDelay, Promise
from ecommerce_comms.zones import zone

State = DeclaredDelay.State
GRACE = timedelta(minutes=10)
"""Between the merchant's yes and the first message: so long the whole can be taken back."""
WITHIN = timedelta(days=90)
"""How old orders may be where no dates and no numbers are given."""
BATCH = 500
SHOWN = 2000
"""How many orders a preview lists; the others are counted."""
_DAY = timedelta(days=1)
WHY_NOT = {
    "delivered": _("has arrived"), "cancelled": _("was cancelled"), "last_mile": _("is out for delivery or ready for pick-up"),
    "told": _("was told of a delay already"), "no_date": _("was never told a date, so that none can be moved"),
    "past": _("the new date is not ahead any more"), "not_later": _("was told that date or a later one already"),
}


@dataclass(frozen=True, kw_only=True)
class Meant:
    """One order, or one of its parcels, that a declared delay fits."""

    order: Order
    parcel: Parcel | None
    window: Estimate | None = None
    """What it is told; ``None`` if it is left out."""
    was: Promise | None = None
    why_not: str = ""
    """A key of ``WHY_NOT``."""

    @property
    def why_not_in_words(self) -> Any:
        """Why it is left out."""
        return WHY_NOT.get(self.why_not, "")


@dataclass
class Preview:
    """Who would be told at this moment."""

    to_tell: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """How many are left out, by reason."""
    listed: list[Meant] = field(default_factory=list)
    """The first of them, those that are told and those that are not."""


def preview(declared: DeclaredDelay, now: datetime) -> Preview:
    """Who is meant, what each is told and who is left out; nothing is recorded."""
    found = Preview()
    cursor, last = 0, _newest_order()
    while orders := _orders(declared, cursor, last, BATCH, now):
        for meant in (each for order in orders for each in meant_of(declared, order, now)):
            found.to_tell += meant.window is not None
            found.left_out.update([meant.why_not] if meant.why_not else [])
            if len(found.listed) < SHOWN:
                found.listed.append(meant)
        cursor = orders[-1].pk
    return found


def confirm(declared: DeclaredDelay, now: datetime) -> bool:
    """Let it be told from ten minutes on, to the orders that there are now; whether it was waiting for that."""
    to_tell = preview(declared, now).to_tell
    changed = DeclaredDelay.objects.filter(pk=declared.pk, state=State.DRAFT).update(
        state=State.WAITING, begins_at=now + GRACE, last=_newest_order(), to_tell=to_tell, cursor=0, told=0
    )
    return bool(changed)


def stop(declared: DeclaredDelay, now: datetime) -> bool:
    """Tell nobody who has not been told yet; whether there was something to stop. What was told cannot be untold."""
    going = DeclaredDelay.objects.filter(pk=declared.pk, state__in=(State.WAITING, State.TELLING))
    return bool(going.update(state=State.STOPPED, ended_at=now))


def go_on(now: datetime, limit: int) -> int:
    """Record the next batch of each declared delay that is being told; returns how many events were new.

    An order is told once, whoever does this and however often: the event's key says so.
    """
    due = DeclaredDelay.objects.filter(state__in=(State.WAITING, State.TELLING), begins_at__lte=now).values_list("pk", flat=True)
    return sum(_batch(pk, now, min(limit, BATCH)) for pk in list(due))


def _batch(pk: int, now: datetime, limit: int) -> int:
    features = connections[router.db_for_write(DeclaredDelay)].features
    with transaction.atomic(using=router.db_for_write(DeclaredDelay)):
        mine = DeclaredDelay.objects.select_for_update(skip_locked=features.has_select_for_update_skip_locked)
        declared = mine.filter(pk=pk, state__in=(State.WAITING, State.TELLING)).first()
        if declared is None:
            return 0
        orders = _orders(declared, declared.cursor, declared.last, limit, now)
        told = [each for order in orders for each in meant_of(declared, order, now) if each.window]
        recorded = record_all_known([_fact(declared, each, now) for each in told])
        declared.told += len(recorded)
        declared.cursor = orders[-1].pk if orders else declared.last
        done = len(orders) < limit
        declared.state, declared.ended_at = (State.DONE, now) if done else (State.TELLING, None)
        declared.save(update_fields=["told", "cursor", "state", "ended_at"])
    return len(recorded)


def meant_of(declared: DeclaredDelay, order: Order, now: datetime) -> Iterator[Meant]:
    """What of an order the declared delay fits: its parcels, or the order while it has none."""
    boxes = list(order.parcels.all())
    coming: list[Parcel | None] = [box for box in boxes if order.delivered_at or box.delivered_at is None]
    for box in coming or [None]:
        if fits(declared, order, box):
            yield _meant(declared, order, box, now)


def fits(declared: DeclaredDelay, order: Order, box: Parcel | None) -> bool:
    """Whether the order, or its parcel, is one of those that were chosen. The dates and numbers were asked for in the database."""
    snapshot = order.as_snapshot
    packed = box.as_snapshot if box else None
    lines = (packed.lines if packed else ()) or snapshot.lines
    origins = {packed.origin} if packed and packed.origin else {line.origin for line in lines}
    same = {
        declared.warehouse: origins, declared.carrier: {box.carrier if box else ""}, declared.country: {snapshot.address.country},
        declared.region: {snapshot.address.region}, declared.sku: {line.sku for line in lines},
        declared.service: {snapshot.shipping_option or (box.service if box else "")},
    }
    return all(wanted.strip().lower() in {each.strip().lower() for each in found} for wanted, found in same.items() if wanted.strip())


def _meant(declared: DeclaredDelay, order: Order, box: Parcel | None, now: datetime) -> Meant:
    was = promises.newest(order, box)
    why_not = _why_not(declared, order, box)
    window = None if why_not else _window(declared, order, box, was, now)
    if not why_not and window is None:
        why_not = "past" if declared.new_date else "no_date"
    elif window and was and window.latest <= was.latest:
        why_not = "not_later"
    return Meant(order=order, parcel=box, was=was, window=None if why_not else window, why_not=why_not)


def _why_not(declared: DeclaredDelay, order: Order, box: Parcel | None) -> str:
    tracking = tracking_of(box)
    questions = {
        "cancelled": order.cancelled_at, "delivered": order.delivered_at or (box and box.delivered_at),
        "last_mile": box and (box.status in LAST_STEPS or (tracking and tracking.status in LAST_MILE)),
        "told": (box.delayed_at if box else order.delayed_at) and not declared.tell_again,
    }
    return next((name for name, answer in questions.items() if answer), "")


def _window(declared: DeclaredDelay, order: Order, box: Parcel | None, was: Promise | None, now: datetime) -> Estimate | None:
    """What is told: the date that was chosen, or the one that was told moved by so many days to the next day of delivery."""
    today = now.astimezone(zone(order.time_zone)).date()
    tomorrow = today + _DAY
    if declared.new_date:
        first = min(max(was.earliest if was else tomorrow, tomorrow), declared.new_date)
        return _estimate(declared, order, first, declared.new_date) if declared.new_date >= tomorrow else None
    if was is None or not declared.later_days:
        return None
    days = declared.later_days * _DAY
    calendar = clocks.delivery_days(lanes.lane_of(order, box), today.year)
    try:
        last = calendar.next_open(max(was.latest, today) + days)
        return _estimate(declared, order, min(calendar.next_open(max(was.earliest + days, tomorrow)), last), last)
    except (NoOpenDay, OverflowError):
        return None


def _estimate(declared: DeclaredDelay, order: Order, earliest: Any, latest: Any) -> Estimate:
    return Estimate(earliest=earliest, latest=latest, source=Promise.Source.MERCHANT, reason=reason_for(declared, order.language))


def reason_for(declared: DeclaredDelay, language: str) -> str:
    """The merchant's words in the language of the order, else in the one in which he wrote."""
    texts = {str(name).lower(): str(text) for name, text in (declared.reasons or {}).items() if text}
    return texts.get(language.lower()) or texts.get(language.lower().partition("-")[0]) or declared.reason


def _fact(declared: DeclaredDelay, meant: Meant, now: datetime) -> Known:
    order, parcel, window = meant.order, meant.parcel, meant.window
    was = {"was_earliest": meant.was.earliest.isoformat(), "was_latest": meant.was.latest.isoformat()} if meant.was else {}
    data: dict[str, Any] = {"reason_kind": declared.why, "stage": "declared", "declared": declared.pk, **was}
    if window:
        data |= {**in_data(window), "reason": window.reason}
    return Known(
        kind="order_delayed", order=order, parcel=parcel, occurred_at=now, data=data, source="merchant",
        event_key=keys.make("declared", declared.pk, order.reference, parcel.reference if parcel else "-"),
    )


def _orders(declared: DeclaredDelay, after: int, last: int, limit: int, now: datetime) -> list[Order]:
    """The next orders that may be meant, with their parcels and promises."""
    chosen = _chosen(declared, now).filter(pk__gt=after, pk__lte=last).order_by("pk")
    orders = list(chosen.prefetch_related(Prefetch("parcels", Parcel.objects.select_related("tracking").order_by("pk")))[:limit])
    promises.prefetch(orders)
    return orders


def _chosen(declared: DeclaredDelay, now: datetime) -> QuerySet[Order]:
    shop = zone(conf.time_zone)
    begin, end = declared.ordered_from, declared.ordered_until
    found = Order.objects.all()
    if numbers := numbers_in(declared.numbers):
        found = found.filter(Q(number__in=numbers) | Q(reference__in=numbers))
    elif begin is None and end is None:
        found = found.filter(placed_at__gte=now - WITHIN)
    if begin:
        found = found.filter(placed_at__gte=datetime.combine(begin, time.min, tzinfo=shop))
    if end:
        found = found.filter(placed_at__lt=datetime.combine(end + _DAY, time.min, tzinfo=shop))
    return found


def numbers_in(text: str) -> list[str]:
    """Order numbers from what was typed or pasted, such as the column of a sheet."""
    return list(dict.fromkeys(number for number in (part.strip("#\"' ") for part in re.split(r"[,;\s]+", text)) if number))


def _newest_order() -> int:
    newest: int = Order.objects.aggregate(last=Max("pk"))["last"] or 0
    return newest
