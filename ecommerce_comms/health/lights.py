"""What the figures mean: a light for each thing that can be wrong, with what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ecommerce_comms.health import servers
from ecommerce_comms.health.colours import Colour
from ecommerce_comms.health.figures import Figures, silent_after
from ecommerce_comms.health.workers import silent_since
from ecommerce_comms.masking import mask
from ecommerce_comms.messaging.feedback import rates
from ecommerce_comms.messaging.models import Message, Provider, Worker
from ecommerce_comms.zones import here

ORDERS_AMBER, ORDERS_RED = 30.0, 60.0
"""Seconds for which an order's message, or a fact, may be overdue."""
OFFERS_AMBER = 3600.0
NOTICES_AMBER = 3600.0


@dataclass(frozen=True)
class Light:
    """One thing, how it is, and what to do; ``todo`` is empty where all is well."""

    key: str
    what: str
    colour: Colour
    says: str
    todo: str = ""


def lights(figures: Figures) -> list[Light]:
    """Every light, in the order in which they matter."""
    return [light for judge in JUDGES for light in judge(figures)]


def worst(found: list[Light]) -> Colour:
    """The colour of the whole."""
    return max((light.colour for light in found), default=Colour.GREEN)


REFUSED_AMBER = 300.0
"""Seconds after which an order message that servers refuse for now is worth a look."""


def _orders(figures: Figures) -> Iterator[Light]:
    lane = figures.lane(Message.Lane.ORDERS)
    colour = _level(lane.oldest_seconds, ORDERS_AMBER, ORDERS_RED)
    todo = _("See that workers run: “celery worker” with beat, “manage.py comms_worker”, or “manage.py comms_sweep” once a minute. "
             "If they do, see below whether a provider is slow or avoided.") if colour else ""
    if not colour and lane.refused_seconds > REFUSED_AMBER:
        colour, todo = Colour.AMBER, _("Mail servers refuse some messages for now; open one in the message log to read what they say.")
    yield Light("orders", _("Messages about orders"), colour, _queue(lane.due, lane.again, lane.oldest_seconds), todo)


def _offers(figures: Figures) -> Iterator[Light]:
    lane = figures.lane(Message.Lane.OFFERS)
    colour = _level(lane.oldest_seconds, OFFERS_AMBER)
    yield Light("offers", _("Advertising"), colour, _queue(lane.due, lane.again, lane.oldest_seconds),
                _("Orders go first; if this does not shrink, start more workers or raise the provider's rate.") if colour else "")


def _events(figures: Figures) -> Iterator[Light]:
    colour = _level(figures.events_oldest_seconds, ORDERS_AMBER, ORDERS_RED)
    says = _("none waits")
    if figures.events_waiting:
        says = ngettext("%d fact waits", "%d facts wait", figures.events_waiting) % figures.events_waiting
        says = _("%(says)s, the oldest for %(age)s") % {"says": says, "age": span(figures.events_oldest_seconds)}
    yield Light("events", _("Facts from the shop"), colour, says, _("See that workers run, and what their log says.") if colour else "")
    if figures.events_failed:
        says = ngettext("%d fact was given up", "%d facts were given up", figures.events_failed) % figures.events_failed
        yield Light("events_failed", _("Facts given up"), Colour.AMBER, says,
                    _("Open Events, filter by “given up”, read the error, mend it, and choose “Process again”."))


def _failures(figures: Figures) -> Iterator[Light]:
    number = sum(figures.failures.values())
    commonest = Counter(figures.failures).most_common()
    why = ", ".join(f"{Message.Reason(reason).label}: {count}" for reason, count in commonest)
    says = ngettext("%d in 24 hours", "%d in 24 hours", number) % number
    yield Light("failures", _("Messages given up"), Colour.AMBER if number else Colour.GREEN, f"{says} ({why})" if why else says,
                _("Mend the cause, then choose “Try failures again”.") if number else "")


def _duplicates(figures: Figures) -> Iterator[Light]:
    number = figures.duplicates
    yield Light("duplicates", _("May have arrived twice"), Colour.AMBER if number else Colour.GREEN,
                ngettext("%d in 24 hours", "%d in 24 hours", number) % number,
                _("Look for workers that were killed and mail servers that hang up; each leaves one message in doubt.") if number else "")


def _providers(figures: Figures) -> Iterator[Light]:
    avoided = [row for row in figures.providers if row.opened_at]
    for row in figures.providers:
        if row.opened_at is None:
            failed = ngettext("works; %d failure in a row", "works; %d failures in a row", row.failures) % row.failures
            yield Light(f"provider:{row.name}", _named(row), Colour.GREEN, failed if row.failures else _("works"))
            continue
        said = {"since": _moment(row.opened_at), "until": _moment(row.retry_at or figures.at), "error": mask(row.last_error)[:200]}
        colour = Colour.RED if len(avoided) == len(figures.providers) else Colour.AMBER
        yield Light(f"provider:{row.name}", _named(row), colour, _("avoided since %(since)s, tried again at %(until)s: %(error)s") % said,
                    servers.todo_when_avoided(row.name))


def _pauses(figures: Figures) -> Iterator[Light]:
    for pause in figures.pauses:
        yield Light(f"pause:{pause.lane}", _("Paused: %(lane)s") % {"lane": pause.get_lane_display()}, Colour.AMBER, pause.reason,
                    _("Find out why so much came back or was marked as spam, then lift the pause."))


def _shares(figures: Figures) -> Iterator[Light]:
    names = {Message.State.COMPLAINED: _("Marked as spam"), Message.State.BOUNCED: _("Came back")}
    for (whose, state), share in figures.shares.items():
        amber, red = rates.LIMITS[state]
        colour = Colour.RED if share >= red else Colour.AMBER if share >= amber else Colour.GREEN
        what = names[Message.State(state)] + (f" ({_('advertising')})" if whose == Message.Lane.OFFERS else "")
        yield Light(f"share:{whose}:{state}", what, colour, _("%(share).2f %% of the mails of a week") % {"share": share * 100},
                    _("Write only to people who asked for it, and clear out addresses that no longer work.") if colour else "")


def _notices(figures: Figures) -> Iterator[Light]:
    if figures.notices_waiting:
        colour = _level(figures.notices_oldest_seconds, NOTICES_AMBER)
        says = ngettext("%d without its message", "%d without their messages", figures.notices_waiting) % figures.notices_waiting
        yield Light("notices", _("Providers' notices"), colour, says,
                    _("Perhaps another system sends through the same account; then give this shop one of its own.") if colour else "")


def _sweep(figures: Figures) -> Iterator[Light]:
    seen = [row.seen_seconds for row in figures.workers if row.kind in (Worker.Kind.SWEEPER, Worker.Kind.BEAT)]
    todo = _("Start “celery beat” or a Celery worker, or let cron run “manage.py comms_sweep” once a minute.")
    if not seen:
        yield Light("sweep", _("The sweep"), Colour.AMBER, _("not seen for a day"), todo)
    else:
        colour = _level(min(seen), silent_after(), silent_after())
        yield Light("sweep", _("The sweep"), colour, _("last seen %(age)s ago") % {"age": span(min(seen))}, todo if colour else "")


def _senders(figures: Figures) -> Iterator[Light]:
    for row in figures.workers:
        if row.kind == Worker.Kind.SENDER and row.is_silent:
            yield Light(f"worker:{row.name}", row.name, Colour.AMBER,
                        _("silent since %(since)s, in the middle of its work") % {"since": silent_since(row, figures)},
                        _("Its messages go to other workers soon. See why it died: memory, a kill, the machine."))


def _outages(figures: Figures) -> Iterator[Light]:
    for row in figures.outages:
        said = {"since": _moment(row.found_at), "moved": row.moved, "expected": row.expected}
        yield Light(f"outage:{row.pk}", _("Carrier: %(name)s") % {"name": row}, Colour.AMBER,
                    _("since %(since)s it moved %(moved)d parcels in a day, where %(expected)d are usual") % said,
                    _("Ask the carrier. Under Declared delays you can tell all customers concerned at once."))


def _own_texts(figures: Figures) -> Iterator[Light]:
    """Told until a newer version is in use, or a week has passed without another failure."""
    for row in figures.own_texts:
        says = _("%(says)s (since %(since)s)") % {"says": mask(row.says), "since": _moment(row.since)}
        yield Light(f"own_text:{row.template.kind}:{row.template.language}", _("Own texts"), Colour.RED if row.lost else Colour.AMBER, says,
                    _("Mend the text under Message texts and publish it; then try again what could not be sent."))


def _calls(figures: Figures) -> Iterator[Light]:
    """Nothing while nobody is to be called."""
    calls = figures.calls
    if calls.is_empty:
        return
    colour = Colour.RED if calls.twice else Colour.AMBER if calls.missed else Colour.GREEN
    says = ngettext("%d to call now", "%d to call now", calls.due) % calls.due
    if calls.missed:
        late = ngettext("%d was not called in its time", "%d were not called in their time", calls.missed) % calls.missed
        says = _("%(says)s; %(late)s, the oldest waits for %(age)s") % {"says": says, "late": late, "age": span(calls.oldest_seconds)}
    yield Light("calls", _("Call list"), colour, says,
                _("Let more people work off the call list, name more CALL_HOURS, or take phone out of the channels.") if colour else "")


JUDGES = (
    _orders, _events, _providers, _sweep, _failures, _own_texts, _duplicates, _shares, _pauses, _offers, _notices, _senders, _outages,
    _calls,
)


def span(seconds: float) -> str:
    """A length of time as people say it: ``40 s``, ``12 min``, ``5 h``, ``3 d``."""
    for unit, size in ((_("d"), 86_400), (_("h"), 3600), (_("min"), 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} {_('s')}"


def _named(row: Provider) -> str:
    """In quotes, for a provider may be called “default”."""
    return _("Provider “%(name)s”") % {"name": row.name}


def _moment(at: datetime) -> str:
    return date_format(here(at), "j M, H:i")


def _level(value: float, amber: float, red: float = float("inf")) -> Colour:
    return Colour.RED if value > red else Colour.AMBER if value > amber else Colour.GREEN


def _queue(due: int, again: int, oldest: float) -> str:
    told = [ngettext("%d is due", "%d are due", due) % due if due else _("none is due")]
    told += [_("the oldest for %(age)s") % {"age": span(oldest)}] if due else []
    told += [ngettext("%d waits for another try", "%d wait for another try", again) % again] if again else []
    return ", ".join(told)
