"""Why a message was sent, waits or was not sent, and what can be done about it: in a shopkeeper's words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.customers import suppressions
from ecommerce_comms.customers.models import Suppression
from ecommerce_comms.messaging import answers, channels, falling
from ecommerce_comms.messaging.models import Attempt, Message
from ecommerce_comms.zones import here

State, Reason = Message.State, Message.Reason


@dataclass(frozen=True)
class Advice:
    """One sentence that says why, and one that says what can be done; the second may be empty."""

    why: str | LazyText
    todo: str | LazyText = ""


STATES: dict[str, Advice] = {
    State.SCHEDULED: Advice(
        _("It is planned for %(due)s and has not been sent yet."), _("Nothing: it goes out by itself.")),
    State.HELD: Advice(
        _("It waits until nothing stands in its way any more."),
        _("Nothing: it is looked at again with all news of the order.")),
    State.QUEUED: Advice(
        _("It is ready and is sent as soon as a worker has time; it was due on %(due)s."),
        _("If it stays like this for more than a minute, look at the health page.")),
    State.SENDING: Advice(
        _("A worker is sending it at this moment."),
        _("If it stays like this for more than a few minutes, look at the health page.")),
    State.SENT: Advice(
        _("It was sent on %(sent)s; %(who)s took it over."),
        _("If the customer cannot find it, ask them to look in the spam folder.")),
    State.DELIVERED: Advice(
        _("It was sent on %(sent)s and arrived in the customer's mailbox."),
        _("If the customer cannot find it, ask them to look in the spam folder.")),
    State.BOUNCED: Advice(
        _("It was sent on %(sent)s and came back."),
        _("Ask the customer for a working address and correct it in the shop; the next news goes there.")),
    State.COMPLAINED: Advice(
        _("It arrived, and the customer marked it as spam."),
        _("No more advertising goes to this address. News about orders still does.")),
    State.FAILED: Advice(
        _("It could not be sent and was given up."), _("Send it again when the cause is mended.")),
    State.SKIPPED: Advice(_("It was decided not to send it."), _("Nothing.")),
}
"""By state, for messages without a reason."""

REASONS: dict[str, Advice] = {
    Reason.RULE_OFF: Advice(
        _("It was not sent, because this kind of message is switched off."),
        _("Switch it on under Rules, if customers shall get it from now on.")),
    Reason.SILENT: Advice(
        _("It was not sent, because the customer was not to hear of this: the shop or somebody in the admin said so, or a carrier told it "
          "late, or of something for staff alone."), _("Nothing: that was meant.")),
    Reason.STALE: Advice(
        _("It was not sent, because it was no longer news: told too late, or overtaken by something newer."),
        _("If this happens often, see that the shop tells what happens when it happens.")),
    Reason.DUPLICATE: Advice(
        _("It was not sent, because the customer had been told the same already."),
        _("Nothing: look for the earlier message.")),
    Reason.OBSOLETE: Advice(
        _("It was not sent, because the order was cancelled or has changed."), _("Nothing.")),
    Reason.NO_ADDRESS: Advice(
        _("It was not sent, because there is no usable address."),
        _("Correct the address in the shop; the next news of the order goes there.")),
    Reason.OUTSTANDING: Advice(
        _("It waits until every parcel of the order has arrived."), _("Nothing: it goes out by itself.")),
    Reason.LATE: Advice(
        _("It waits, because the order is late."), _("Nothing: it goes out when the order has arrived.")),
    Reason.DISPUTED: Advice(
        _("It waits, because the order is disputed."), _("It goes out when the dispute is settled.")),
    Reason.RETURNING: Advice(
        _("It waits, because something of the order is being sent back."), _("Nothing.")),
    Reason.RETURNED: Advice(
        _("It was not sent, because the order was sent back or refunded."), _("Nothing.")),
    Reason.REFUSED: Advice(
        _("It was not sent, because %(answer)s."), _("%(help)s The answer stands below. When the cause is mended, send it again.")),
    Reason.UNREACHABLE: Advice(
        _("It was not sent, however often it was tried. The last time, %(answer)s."),
        _("%(help)s See on the health page whether mail leaves again, then send it again.")),
    Reason.UNKNOWN: Advice(
        _("It may have gone out and may not have: %(answer)s. It was not repeated."),
        _("%(help)s Ask the customer, or find out there whether it left, before you send it again.")),
    Reason.TEMPLATE: Advice(
        _("It was not sent, because its text could not be made."),
        _("Mend the text under Message texts, then send it again.")),
    Reason.NO_CONSENT: Advice(
        _("It was not sent, because the customer has not agreed to messages of this kind."),
        _("Nothing: only the customer can agree.")),
    Reason.SUPPRESSED: Advice(
        _("It was not sent, because earlier mail to this address came back or was complained of."),
        _("Ask the customer for another address. If mail came back by mistake, allow this one again under Suppressed addresses and send "
          "the message once more; who complained of advertising must get no more of it.")),
    Reason.CAP: Advice(
        _("It was held back, because this customer has got enough messages for now."), _("Nothing.")),
    Reason.QUIET_HOURS: Advice(
        _("It waits for the morning, because it is night where the customer is."), _("Nothing: it is planned for %(due)s.")),
    Reason.PAUSED: Advice(
        _("It waits, because advertising is paused."), _("The health page says why, and lets you lift the pause.")),
    Reason.ERASED: Advice(
        _("It was not sent, because the customer's data was erased."), _("Nothing: there is nobody to write to.")),
}
"""By reason; what a reason means is the same in every state that it goes with."""
WITHOUT_MAIL: dict[str, Advice] = {
    State.SENT: Advice(_("It was sent on %(sent)s as a %(channel)s; %(who)s took it over."), _("Nothing.")),
    State.DELIVERED: Advice(_("It was sent on %(sent)s as a %(channel)s and arrived."), _("Nothing.")),
    State.BOUNCED: Advice(
        _("It was sent on %(sent)s as a %(channel)s and did not arrive."),
        _("Ask the customer how to reach them and correct it in the shop; the next news goes there.")),
    Reason.SUPPRESSED: Advice(
        _("It was not sent, because nothing goes to this number or address any more: it was answered with a stop, did not exist, or the "
          "shop shut it."),
        _("Ask the customer how to reach them. If it was shut by mistake, allow it again under Suppressed addresses.")),
    Reason.QUIET_HOURS: Advice(
        _("It waits, because a %(channel)s would disturb the customer at this hour."), _("Nothing: it is planned for %(due)s.")),
}
"""By state and by reason, where a channel other than e-mail has words of its own."""
TOLD_INSTEAD = _("%(before)s It was told by %(channel)s instead.")
OUTCOMES: dict[str, str] = {Reason.REFUSED: Attempt.Outcome.PERMANENT, Reason.UNKNOWN: Attempt.Outcome.UNKNOWN}
"""How the last try ended, by the reason for which nothing came of it."""


RETRIED = Advice(
    _("It has not been sent yet, because %(answer)s. It is tried again at %(due)s. Tries so far: %(attempts)d."),
    _("Nothing: it goes out by itself. If it takes long: %(help)s"))
LEFT_ALONE = Advice(
    _("%(before)s Nothing is sent to this address any more."),
    _("Ask the customer for another address and correct it in the shop; the next news goes there. If this one works after all, tick it "
      "under Suppressed addresses and choose “Allow this address again”, then send this message again."))
_NOT_TOLD = (State.FAILED, State.SKIPPED, State.BOUNCED)
_CAME_TO_NOTHING = (State.FAILED, State.BOUNCED)


def advice(message: Message) -> Advice:
    """Why ``message`` is what it is, with its dates and the last answer filled in."""
    is_gone = message.state in (State.SENT, State.DELIVERED, State.BOUNCED, State.COMPLAINED)
    code = message.state if is_gone or message.reason not in REASONS else message.reason
    words = {**STATES, **REASONS, **({} if channels.is_mail(message.backend) else WITHOUT_MAIL)}
    known = words[code]
    if message.state == State.QUEUED and message.attempts and not message.reason:
        known = RETRIED
    filled = _filled(message)
    said = Advice(str(known.why) % filled, str(known.todo) % filled)
    if message.state in _CAME_TO_NOTHING and _is_left_alone(message):
        said = Advice(str(LEFT_ALONE.why) % {"before": said.why}, str(LEFT_ALONE.todo))
    instead = message.replacements.exclude(state__in=_NOT_TOLD).order_by("pk").first() if _may_be_replaced(message) else None
    if instead is None:
        return said
    return Advice(str(TOLD_INSTEAD) % {"before": said.why, "channel": channels.in_words(instead.backend)}, said.todo)


def _may_be_replaced(message: Message) -> bool:
    return bool(message.pk) and (message.state == State.BOUNCED or falling.may_fall(message))


def _filled(message: Message) -> dict[str, object]:
    said = answers.answer(message.last_error, message.provider, OUTCOMES.get(message.reason, Attempt.Outcome.TRANSIENT))
    return {
        "due": _moment(message.due_at), "sent": _moment(message.sent_at), "attempts": message.attempts,
        "channel": channels.in_words(message.backend), "who": answers.who(message.provider), "answer": said.clause, "help": said.todo,
    }


def _is_left_alone(message: Message) -> bool:
    found = suppressions.suppressed_addresses([message.recipient], message.backend) if message.recipient else {}
    return Suppression.Scope.ALL in found.get(message.recipient, set())


def _moment(moment: object) -> str:
    return date_format(here(moment), "j M Y, H:i") if moment else "–"  # type: ignore[arg-type]
