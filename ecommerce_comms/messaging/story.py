"""The whole story of one message: the fact, the decision, each try, what its provider told, and its repetitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ecommerce_comms.masking import mask
from ecommerce_comms.messaging.models import Attempt, Message, ProviderEvent
from ecommerce_comms.orders.kinds import in_words
from ecommerce_comms.zones import here

Kind = ProviderEvent.Kind
LATE = timedelta(minutes=1)
"""A fact that was told later than this after it happened has a line for each."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One step of the story."""

    at: datetime
    title: str
    detail: str = ""
    quote: str = ""
    """The other side's own words."""
    tone: str = ""
    """``good`` or ``bad``, where that can be told."""
    link: tuple[str, int] | None = None
    """Name of the model and key of the row that it leads to."""


TONES: dict[str, str] = {
    Kind.DELIVERED: "good", Kind.BOUNCED: "bad", Kind.COMPLAINED: "bad", Kind.REJECTED: "bad",
    Attempt.Outcome.PERMANENT: "bad", Attempt.Outcome.UNKNOWN: "bad",
}
OUTCOMES: dict[str, tuple[str, str]] = {
    Message.State.DELIVERED: ("delivered_at", Kind.DELIVERED),
    Message.State.BOUNCED: ("bounced_at", Kind.BOUNCED),
    Message.State.COMPLAINED: ("complained_at", Kind.COMPLAINED),
}
"""What became of a sent message: the field with its moment, and the notice that tells the same."""


def story(message: Message) -> list[Line]:
    """Everything known of ``message``, oldest first; what happened stands before what followed from it."""
    steps = (_fact, _decision, _tries, _acceptance, _notices, _repetitions)
    return sorted((line for step in steps for line in step(message)), key=lambda line: line.at)


def _fact(message: Message) -> Iterator[Line]:
    event = message.event
    if event is None:
        return
    link = ("orderevent", event.pk)
    yield Line(at=event.occurred_at, title=_("It happened: %(event)s") % {"event": in_words(event.kind)}, link=link)
    if event.recorded_at - event.occurred_at > LATE:
        yield Line(at=event.recorded_at, title=_("The shop told of it"), link=link)


def _decision(message: Message) -> Iterator[Line]:
    if message.repeats_id:
        yield Line(at=message.decided_at, title=_("Once more, by hand, what an earlier message said"), link=("message", message.repeats_id))
        return
    told = _("rule “%(rule)s”, language %(language)s") % {"rule": in_words(message.kind), "language": message.language}
    if message.state == Message.State.SKIPPED and not message.attempts:
        yield Line(at=message.decided_at, title=_("Decided not to send it"), detail=f"{told}: {message.get_reason_display()}")
    elif message.due_at - message.decided_at > LATE and not message.attempts:
        due = date_format(here(message.due_at), "j M Y, H:i")
        yield Line(at=message.decided_at, title=_("Decided to send it on %(due)s") % {"due": due}, detail=told)
    else:
        yield Line(at=message.decided_at, title=_("Decided to send it"), detail=told)


def _tries(message: Message) -> Iterator[Line]:
    for attempt in message.tries.order_by("ended_at", "pk"):
        said = {"number": attempt.number, "outcome": attempt.get_outcome_display()}
        yield Line(
            at=attempt.ended_at, title=_("Try %(number)d: %(outcome)s") % said,
            detail=_by(attempt.provider, attempt.code), quote=mask(attempt.answer), tone=TONES.get(attempt.outcome, ""),
        )


def _acceptance(message: Message) -> Iterator[Line]:
    if message.sent_at:
        title = _("Try %(number)d: accepted") % {"number": message.attempts} if message.attempts > 1 else _("Accepted by the mail server")
        detail = _by(message.provider) + (f" – {_('it may have arrived twice')}" if message.possible_duplicate else "")
        yield Line(at=message.sent_at, title=title, detail=detail, quote=mask(message.answer), tone="good")


def _notices(message: Message) -> Iterator[Line]:
    told = list(message.provider_events.order_by("occurred_at", "pk"))
    for notice in told:
        said = _("%(provider)s tells: %(what)s") % {"provider": notice.provider, "what": notice.get_kind_display()}
        is_applied = notice.state == ProviderEvent.State.APPLIED
        yield Line(at=notice.occurred_at, title=said, detail="" if is_applied else notice.get_state_display(),
                   quote=mask(notice.detail), tone=TONES.get(notice.kind, ""))
    for state, (field, kind) in OUTCOMES.items():
        moment = getattr(message, field)
        if moment and all(notice.kind != kind for notice in told):
            yield Line(at=moment, title=Message.State(state).label.capitalize(), tone=TONES[kind])


def _repetitions(message: Message) -> Iterator[Line]:
    for again in message.repetitions.order_by("decided_at", "pk"):
        yield Line(at=again.decided_at, title=_("Sent again by hand"), detail=again.get_state_display(), link=("message", again.pk))


def _by(provider: str, code: int | None = None) -> str:
    told = _("by %(provider)s") % {"provider": provider} if provider else ""
    return " ".join(part for part in (told, f"({code})" if code else "") if part)
