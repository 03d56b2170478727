"""The share of mails that came back or were marked as spam, and what follows: first a warning, then advertising is paused.

Mails about orders are never paused. The figures are those of the largest receivers of mail and of a large provider:
Google's "Email sender guidelines" (support.google.com/a/answer/81126) and Yahoo's "Sender Best Practices" want fewer than 0.1 % of
mails marked as spam and let no sender pass at 0.3 %; Amazon SES ("Sending review process FAQs") puts an account under review at 5 %
of mails that came back and at 0.1 % marked as spam, and advises to stay below 2 %.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _

from ecommerce_comms import clock, keys, masking
from ecommerce_comms.messaging.models import Message, Pause, ProviderEvent

alarms = masking.logger("ecommerce_comms.alarms")
State, Lane = Message.State, Message.Lane
WINDOW = timedelta(days=7)
LEAST = 1000
"""Among fewer mails than this a share says nothing: one complaint of a hundred would be 1 %."""
EVERY = timedelta(minutes=5)
LIMITS: dict[str, tuple[float, float]] = {State.COMPLAINED: (0.001, 0.003), State.BOUNCED: (0.02, 0.05)}
"""From which share on there is a warning, and from which a pause."""
_SENT = [State.SENT, State.DELIVERED, State.BOUNCED, State.COMPLAINED]
_MARK = keys.make("pause", Lane.OFFERS)
Shares = dict[tuple[str, str], float]
"""By ``all`` or the lane, and the state."""
_watched_at: datetime | None = None
_said = ""


def watch() -> None:
    """``judge``, if this process has not done so within five minutes."""
    global _watched_at
    now = clock.now()
    if _watched_at is None or abs(now - _watched_at) >= EVERY:
        _watched_at = now
        judge()


def judge() -> str:
    """Warn, or pause advertising, if too many mails come back or are complained of; returns what is the matter, or nothing.

    Mails that led to a pause are not held against the shop again: after a merchant has lifted it, only newer ones count.
    """
    global _said
    found = shares(_since())
    wrong = {(lane, state): share for (lane, state), share in found.items() if share >= LIMITS[state][0]}
    text = "; ".join(f"{lane}: {share:.2%} {state}" for (lane, state), share in sorted(wrong.items()))
    if text and text != _said:
        alarms.warning("Too many mails of the last %d days came back or were marked as spam: %s.", WINDOW.days, text)
    _said = text
    if any(share >= LIMITS[state][1] for (_lane, state), share in wrong.items()):
        _pause(wrong, found)
    return text


def shares(since: datetime) -> Shares:
    """The share of mails that were due after ``since`` and ended in each state of ``LIMITS``: of all, and of offers alone.

    Counted by when they were due, which differs little from when they were sent and has an index. One query.
    """
    rows = Message.objects.filter(state__in=_SENT, lane__in=Lane.values, due_at__gt=since, backend="email").order_by()
    counts = {(lane, state): count for lane, state, count in rows.values_list("lane", "state").annotate(count=Count("pk"))}
    found: Shares = {}
    for name, lanes in (("all", list(Lane.values)), (str(Lane.OFFERS), [Lane.OFFERS])):
        total = sum(count for (lane, _state), count in counts.items() if lane in lanes)
        if total >= LEAST:
            found |= {(name, str(state)): sum(counts.get((lane, state), 0) for lane in lanes) / total for state in LIMITS}
    return found


def _since() -> datetime:
    last = ProviderEvent.objects.filter(key=_MARK).values_list("occurred_at", flat=True).first()
    since = clock.now() - WINDOW
    return max(since, last) if last else since


def _pause(wrong: Shares, found: Shares) -> None:
    now, figures = clock.now(), {f"{lane} {state}": round(share, 5) for (lane, state), share in found.items()}
    shown = "; ".join(f"{share:.2%} {State(state).label}" for (_lane, state), share in sorted(wrong.items()))
    why = _("too many mails came back or were marked as spam: %(shares)s") % {"shares": shown}
    _row, is_new = Pause.objects.get_or_create(lane=Lane.OFFERS, defaults={"since": now, "reason": why[:255], "figures": figures})
    if is_new:
        # The pause itself is gone when a merchant has lifted it; this note stays.
        ProviderEvent.objects.update_or_create(key=_MARK, defaults={
            "provider": "ecommerce_comms", "kind": ProviderEvent.Kind.OTHER, "state": ProviderEvent.State.APPLIED, "occurred_at": now,
            "detail": why[:500],
        })
        alarms.error("Advertising is paused: %s.", figures)
