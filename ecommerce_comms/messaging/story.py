"""The whole story of one message: the fact, the decision, each try, what its provider told, and its repetitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ecommerce_comms.customers.hashing import address_hashes
from ecommerce_comms.customers.models import Suppression
from ecommerce_comms.masking import mask
from ecommerce_comms.messaging import answers, falling, tries
from ecommerce_comms.messaging.models import Attempt, Message, ProviderEvent
from ecommerce_comms.messaging.tries import Tries
from ecommerce_comms.orders.kinds import in_words
from ecommerce_comms.zones import here

Kind = ProviderEvent.Kind
LATE = timedelta(minutes=1)
"""A fact that was told later than this after it happened has a line for each."""
AT_ONCE = timedelta(seconds=5)
"""A try that ended so soon after its address was suppressed is what led to that, and stands before it."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One step of the story."""

    at: datetime
    """When; of what came in the end at an hour that nobody wrote down, that of the line before."""
    title: str
    detail: str = ""
    quote: str = ""
    """The other side's own words."""
    tone: str = ""
    """``good`` or ``bad``, where that can be told."""
    link: tuple[str, int] | None = None
    """Name of the model and key of the row that it leads to."""
    is_timed: bool = True


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


_UNSENT = (Message.State.SCHEDULED, Message.State.HELD, Message.State.QUEUED, Message.State.SENDING, Message.State.FAILED)
_FALLEN = (Message.State.BOUNCED, Message.State.FAILED, Message.State.SKIPPED)
"""How a message may have ended that was told on another channel instead."""
_ENDINGS: dict[str, str] = {Message.State.SKIPPED: gettext_noop("Not sent after all"), Message.State.FAILED: gettext_noop("Given up")}
_SHUT: dict[str, str] = {
    Suppression.Scope.ALL: gettext_noop("This address is left alone from now on: nothing is sent to it any more"),
    Suppression.Scope.MARKETING: gettext_noop("No more advertising is sent to this address"),
}


def story(message: Message) -> list[Line]:
    """Everything known of ``message``, oldest first; what happened stands before what followed from it."""
    tried = tries.of(message)
    steps = (_fact, _decision, _tries, _acceptance, _notices, _suppressions, _replacements, _repetitions)
    lines = sorted((line for step in steps for line in step(message, tried)), key=lambda line: line.at)
    return [*lines, *_ending(message, tried, lines)]


def doubt(message: Message) -> str:
    """What has to be known before all else: that it may have arrived more often than it should, in a sentence; else empty."""
    if not message.possible_duplicate:
        return ""
    if message.state in _UNSENT:
        return _("It may have arrived already: a try ended without an answer, so nobody knows whether it was accepted.")
    return _("It may have arrived twice: a try before the last one ended without an answer, and may have been accepted too.")


def _fact(message: Message, tried: Tries) -> Iterator[Line]:
    event = message.event
    if event is None:
        return
    link = ("orderevent", event.pk)
    yield Line(at=event.occurred_at, title=_("It happened: %(event)s") % {"event": in_words(event.kind)}, link=link)
    if event.recorded_at - event.occurred_at > LATE:
        yield Line(at=event.recorded_at, title=_("The shop told of it"), link=link)


def _decision(message: Message, tried: Tries) -> Iterator[Line]:
    was_tried = bool(message.attempts or tried.rows)
    if message.repeats_id:
        yield Line(at=message.decided_at, title=_("Once more, by hand, what an earlier message said"), link=("message", message.repeats_id))
    elif message.instead_of_id:
        yield Line(at=message.decided_at, title=falling.in_words(message), link=("message", message.instead_of_id))
    elif message.state == Message.State.SKIPPED and not was_tried:
        detail = f"{_decider(message)}: {message.get_reason_display()}"
        yield Line(at=message.decided_at, title=_("Decided not to send it"), detail=detail)
    elif message.due_at - message.decided_at > LATE and not was_tried:
        title = _("Decided to send it on %(due)s") % {"due": date_format(here(message.due_at), "j M Y, H:i")}
        yield Line(at=message.decided_at, title=title, detail=_decider(message))
    else:
        yield Line(at=message.decided_at, title=_("Decided to send it"), detail=_decider(message))


def _decider(message: Message) -> str:
    """Which rule decided; rules decide about events, and key what they decide by their kind."""
    if message.event_id and message.dedupe_key.startswith(f"{message.kind}:"):
        return _("rule “%(rule)s”, language %(language)s") % {"rule": in_words(message.kind), "language": message.language}
    return _("put in by the shop's own code, by no rule; language %(language)s") % {"language": message.language}


def _tries(message: Message, tried: Tries) -> Iterator[Line]:
    for one in tried.rows:
        attempt = one.attempt
        if attempt.outcome == Attempt.Outcome.AGAIN:
            by = _("by %(who)s") % {"who": mask(attempt.answer)} if attempt.answer else ""
            yield Line(at=attempt.ended_at, title=_("Put into the queue again, after it had been given up"), detail=by)
            continue
        if attempt.outcome == Attempt.Outcome.OWN_TEXT:
            title = _("The shop's own text failed; the built-in words were taken")
            yield Line(at=attempt.ended_at, title=title, quote=mask(attempt.answer), tone="bad")
            continue
        said = answers.answer(attempt.answer, attempt.provider, attempt.outcome)
        number = _numbered(one.number, attempt.provider, is_first=one.is_first, is_next=one.is_next)
        by = _by("" if one.is_first or one.is_next else attempt.provider, attempt.code)
        open_end = _("; nobody knows whether it was accepted") if attempt.outcome == Attempt.Outcome.UNKNOWN else ""
        title, tone = f"{number}: {said.clause}{open_end}", TONES.get(attempt.outcome, "")
        yield Line(at=attempt.ended_at, title=title, detail=by, quote=said.raw, tone=tone)


def _numbered(number: int, provider: str, *, is_first: bool = False, is_next: bool = False) -> str:
    said = {"number": number, "provider": answers.named(provider)}
    if is_next:
        return _("Try %(number)d, then through %(provider)s") % said
    return _("Try %(number)d, first through %(provider)s") % said if is_first else _("Try %(number)d") % said


def _acceptance(message: Message, tried: Tries) -> Iterator[Line]:
    if not message.sent_at:
        return
    number = tried.before + message.attempts
    is_next = any(one.is_first and one.number == number for one in tried.rows[-1:])
    title = _("Accepted by %(who)s") % {"who": answers.who(message.provider)}
    if number > 1 or is_next:
        title = f"{_numbered(number, message.provider, is_next=is_next)}: {_('accepted')}"
    yield Line(at=message.sent_at, title=title, detail=_by("" if is_next else message.provider), quote=mask(message.answer), tone="good")


def _notices(message: Message, tried: Tries) -> Iterator[Line]:
    told = list(message.provider_events.order_by("occurred_at", "pk"))
    for notice in told:
        teller = answers.named(notice.provider)
        said = _("%(provider)s tells: %(what)s") % {"provider": f"{teller[:1].upper()}{teller[1:]}", "what": notice.get_kind_display()}
        is_applied = notice.state == ProviderEvent.State.APPLIED
        yield Line(at=notice.occurred_at, title=said, detail="" if is_applied else notice.get_state_display(),
                   quote=mask(notice.detail), tone=TONES.get(notice.kind, ""))
    for state, (field, kind) in OUTCOMES.items():
        moment = getattr(message, field)
        if moment and all(notice.kind != kind for notice in told):
            yield Line(at=moment, title=Message.State(state).label.capitalize(), tone=TONES[kind])


def _suppressions(message: Message, tried: Tries) -> Iterator[Line]:
    """That the address is left alone because of this message, and whether it was allowed again."""
    hashes = {*address_hashes(message.recipient), message.recipient_hash} - {""}
    for row in Suppression.objects.filter(address_hash__in=hashes, message_uid=message.uid).order_by("pk") if hashes else ():
        link = ("suppression", row.pk)
        ends = [one.attempt.ended_at for one in tried.rows if row.since <= one.attempt.ended_at < row.since + AT_ONCE]
        how = "" if row.lifted_at else _("To allow it again, tick it under Suppressed addresses and choose “Allow this address again”.")
        yield Line(at=max([row.since, *ends]), title=_(_SHUT[row.scope]), detail=how, tone="bad", link=link)
        if row.lifted_at:
            by = _("by %(who)s") % {"who": mask(row.lifted_by)} if row.lifted_by else ""
            yield Line(at=row.lifted_at, title=_("The address was allowed again"), detail=by, link=link)


def _replacements(message: Message, tried: Tries) -> Iterator[Line]:
    for instead in message.replacements.order_by("decided_at", "pk") if message.state in _FALLEN else ():
        link = ("message", instead.pk)
        yield Line(at=instead.decided_at, title=falling.in_words(instead), detail=instead.get_state_display(), link=link)


def _repetitions(message: Message, tried: Tries) -> Iterator[Line]:
    for again in message.repetitions.order_by("decided_at", "pk"):
        yield Line(at=again.decided_at, title=_("Sent again by hand"), detail=again.get_state_display(), link=("message", again.pk))


def _ending(message: Message, tried: Tries, lines: list[Line]) -> Iterator[Line]:
    """What became of a message that was to be sent and was not. Nobody writes down when; it came last."""
    if message.state in _ENDINGS and (message.attempts or tried.rows):
        at = lines[-1].at if lines else message.due_at
        reason = str(message.get_reason_display()) if message.reason else ""
        yield Line(at=at, title=_(_ENDINGS[message.state]), detail=reason, tone="bad", is_timed=False)


def _by(provider: str, code: int | None = None) -> str:
    told = _("through %(provider)s") % {"provider": answers.named(provider)} if provider else ""
    return " ".join(part for part in (told, f"({code})" if code else "") if part)
