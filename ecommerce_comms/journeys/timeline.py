"""One order's story for the merchant: what happened, what was promised, what was said or not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _

from ecommerce_comms.messaging import answers, channels, falling
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.kinds import in_words
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.shipping.carriers import links
from ecommerce_comms.shipping.models import Promise, Scan, Tracking, TrackingStatus
from ecommerce_comms.zones import here


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the story."""

    at: datetime
    what: str
    """``scan``, ``event``, ``promise`` or ``message``."""
    title: str
    about: str = ""
    """The parcel, if it is about one."""
    says: str = ""
    """The subject of a message, in the customer's language."""
    language: str = ""
    channel: str = ""
    """On which channel a message goes, in words; empty for e-mail where there is no other."""
    whom: str = ""
    """For whom it is, if not for the customer."""
    state: str = ""
    tone: str = ""
    """``good`` or ``bad`` where that can be told: a kept promise, a message that was given up."""
    why: str = ""
    pk: int = 0


@dataclass(frozen=True, kw_only=True)
class Travelling:
    """A parcel on two axes: what the shop did with it, and what its carrier says of it."""

    parcel: Parcel
    tracking: Tracking | None
    expected: str
    """The carrier's own dates, in words; empty if it gave none."""
    url: str
    """Where the carrier shows it; empty if nobody knows."""


def travelling(order: Order) -> list[Travelling]:
    """The parcels of ``order``, in the order in which they became known; one query."""
    parcels = Parcel.objects.filter(order=order).select_related("tracking").order_by("pk")
    return [_travelling(parcel, getattr(parcel, "tracking", None)) for parcel in parcels]


def _travelling(parcel: Parcel, tracking: Tracking | None) -> Travelling:
    url = parcel.as_snapshot.tracking_url or links.link(parcel.carrier, parcel.tracking_number)
    expected = _days(tracking.estimate_earliest, tracking.estimate_latest) if tracking else ""
    return Travelling(parcel=parcel, tracking=tracking, expected=expected, url=url if links.is_address(url) else "")


_TONES: dict[str, str] = {
    Message.State.SENT: "good", Message.State.DELIVERED: "good", Message.State.BOUNCED: "bad", Message.State.FAILED: "bad",
    OrderEvent.State.FAILED: "bad", TrackingStatus.LOST: "bad", TrackingStatus.DAMAGED: "bad", TrackingStatus.RETURNING: "bad",
}


def entries(order: Order) -> list[Entry]:
    """Everything about ``order``, oldest first; what happened stands before what it set off."""
    ranks = {"scan": 0, "event": 1, "promise": 2, "message": 3}
    story = [*_scans(order), *_events(order), *_promises(order), *_messages(order)]
    return sorted(story, key=lambda entry: (entry.at, ranks[entry.what], entry.pk))


def _events(order: Order) -> Iterator[Entry]:
    for event in OrderEvent.objects.filter(order_key=order.key).defer("snapshot"):
        is_done = event.state == OrderEvent.State.PROCESSED
        yield Entry(
            at=event.occurred_at, what="event", title=event.get_kind_display(), about=_parcel((event.parcel or {}).get("reference")),
            pk=event.pk, state="" if is_done else event.get_state_display(), tone=_TONES.get(event.state, ""),
            why=event.error or str(event.data.get("reason", "")),
        )


def _scans(order: Order) -> Iterator[Entry]:
    for scan in Scan.objects.filter(parcel__order=order).select_related("parcel"):
        says = ", ".join(part for part in (scan.text or scan.raw_status, scan.place) if part)
        is_known = scan.status != TrackingStatus.UNKNOWN
        yield Entry(
            at=scan.occurred_at, what="scan", pk=scan.pk, about=_parcel(scan.parcel.reference if scan.parcel else ""),
            title=_sentence(scan.get_status_display()) if is_known or not says else says, tone=_TONES.get(scan.status, ""),
            state="" if scan.time_is_sure else _("time not sure"),
            why=" · ".join(part for part in (says if is_known else "", _expected(scan)) if part),
        )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _expected(scan: Scan) -> str:
    days = _days(scan.estimate_earliest, scan.estimate_latest)
    return _("expected %(window)s") % {"window": days} if days else ""


def _days(earliest: date | None, latest: date | None) -> str:
    """A window in words, one day only once; empty without an end."""
    if latest is None:
        return ""
    return " – ".join(dict.fromkeys(date_format(day, "D j M Y") for day in (earliest or latest, latest)))


def _promises(order: Order) -> Iterator[Entry]:
    promises = list(Promise.objects.filter(order=order).select_related("parcel").order_by("revision", "pk"))
    newest = {promise.parcel_id: promise for promise in promises}
    for promise in promises:
        # Only the first promise and the last word count; what lay between was replaced before it could be kept.
        judged = promise.kept if promise.revision == 0 or newest[promise.parcel_id] is promise else None
        source = promise.get_source_display()
        told = promise.reason if promise.reason.lower().startswith(source.lower()) else f"{source}: {promise.reason}".rstrip(": ")
        yield Entry(
            at=promise.made_at, what="promise", title=_window(promise), pk=promise.pk,
            about=_parcel(promise.parcel.reference if promise.parcel else ""),
            state={None: "", True: _("kept"), False: _("missed")}[judged],
            tone={None: "", True: "good", False: "bad"}[judged], why=told[:1].upper() + told[1:],
        )


def _window(promise: Promise) -> str:
    return _days(promise.earliest, promise.latest)


def _messages(order: Order) -> Iterator[Entry]:
    for message in Message.objects.filter(order=order).select_related("parcel", "instead_of").defer("instead_of__facts"):
        has_choice = channels.are_many() or not channels.is_mail(message.backend)
        yield Entry(
            channel=channels.in_words(message.backend) if has_choice else "", whom=_whom(message),
            at=message.sent_at or message.decided_at, what="message", title=in_words(message.kind), pk=message.pk,
            about=_parcel(message.parcel.reference if message.parcel else ""), says=message.subject, language=message.language,
            state=message.get_state_display(), tone=_TONES.get(message.state, ""),
            why=" ".join(part for part in (falling.in_words(message), explain(message)) if part),
        )


def _whom(message: Message) -> str:
    """ "receiver Ravi"; empty for the customer."""
    return f"{message.get_role_display()} {message.recipient_name}".strip() if message.role else ""


def _parcel(reference: str | None) -> str:
    return _("parcel %(reference)s") % {"reference": reference} if reference else ""


def explain(message: Message) -> str:
    """Why ``message`` was sent, waits or was not sent, in one sentence."""
    reason: str | LazyText = message.get_reason_display() if message.reason else ""
    if message.state == Message.State.SCHEDULED:
        return _("Planned for %(when)s.") % {"when": date_format(here(message.due_at), "j M Y, H:i")}
    if message.state == Message.State.SENT:
        told = _("To %(recipient)s.") % {"recipient": message.recipient}
        return f'{told} {_("It may have arrived twice.")}' if message.possible_duplicate else told
    if message.last_error:
        return answers.answer(message.last_error, message.provider).sentence
    return f"{str(reason).capitalize()}." if reason else ""
