"""Working off the call list: an item is taken by one person, who notes what came of the call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import router, transaction
from django.db.models import Q

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.contact import closing, slots, telling
from ecommerce_comms.contact.models import CallbackRequest, CallTry
from ecommerce_comms.exceptions import BadCallback, CallTaken
from ecommerce_comms.orders.locking import again_after_deadlock

State, Ending, Outcome = CallbackRequest.State, CallbackRequest.Ending, CallTry.Outcome
FORGOTTEN = timedelta(hours=2)
"""Who took an item and has noted nothing for so long has forgotten it."""
HOUR = timedelta(hours=1)
"""Who asks to be called at six is called between six and seven."""
FURTHEST = timedelta(days=60)
BUSY = timedelta(minutes=20)
"""Who is on the phone will be free soon."""
LONGEST_NOTE = 2_000
COUNTED = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.VOICEMAIL)
"""What counts towards ``CALL_TRIES``; a customer who asks to be called again does not wear them out."""


def take(item: CallbackRequest, user: Any, *, early: bool = False) -> CallbackRequest:
    """Make ``item`` the affair of ``user`` alone, and return it anew; ``early`` also before its time has come.

    Raises ``CallTaken`` if somebody else was quicker, if it is over, or if its time has not come.
    """
    closing.close_unneeded(CallbackRequest.objects.filter(pk=item.pk))
    waiting = CallbackRequest.objects.filter(pk=item.pk, state=State.WAITING)
    due = waiting if early else waiting.filter(call_after__lte=clock.now())
    # One conditional UPDATE: of two who press the button at once, one wins.
    due.update(state=State.TAKEN, taken_by=user, taken_at=clock.now())
    found = CallbackRequest.objects.select_related("taken_by").get(pk=item.pk)
    if found.state == State.TAKEN and found.taken_by_id == user.pk:
        return found
    raise CallTaken(_who(found))


def give_back(item: CallbackRequest, user: Any) -> bool:
    """Put an item that ``user`` took back on the list without a call; returns whether it was theirs."""
    mine = CallbackRequest.objects.filter(pk=item.pk, state=State.TAKEN, taken_by=user)
    return bool(mine.update(state=State.WAITING, taken_by=None, taken_at=None))


def free_forgotten() -> int:
    """Put back what somebody took and forgot; returns how many items there were."""
    forgotten = CallbackRequest.objects.filter(state=State.TAKEN, taken_at__lt=clock.now() - FORGOTTEN)
    return forgotten.update(state=State.WAITING, taken_by=None, taken_at=None)


@again_after_deadlock
def note(
    item: CallbackRequest, outcome: str, *, number: int, user: Any = None, note: str = "", again_at: datetime | None = None,
) -> CallbackRequest:
    """Keep what came of call ``number`` (1 for the first) to ``item``, and let follow what follows from it; returns the item anew.

    ``outcome`` is one of ``CallTry.Outcome``; ``again_at`` (aware) belongs to ``AGAIN``. The same call noted twice is one. Raises
    ``CallTaken`` if somebody else has the item or it is over, ``BadCallback`` if ``again_at`` is missing, past or too far away.
    """
    _require_time(outcome, again_at)
    # Read before the transaction, which begins by writing; the number of tries in its condition says whether it still holds.
    after = {"tries": number, "taken_by": None, "taken_at": None, **_effect(item, outcome, again_at)}
    with transaction.atomic(using=router.db_for_write(CallbackRequest)):
        mine = Q(state=State.TAKEN, taken_by=user) | Q(state=State.WAITING, taken_by=None)
        if not CallbackRequest.objects.filter(mine, pk=item.pk, tries=number - 1).update(**after):
            if CallTry.objects.filter(callback=item, number=number, outcome=outcome, by=user).exists():
                return CallbackRequest.objects.get(pk=item.pk)
            raise CallTaken(_who(CallbackRequest.objects.select_related("taken_by").get(pk=item.pk)))
        CallTry.objects.create(
            callback=item, number=number, outcome=outcome, at=clock.now(), by=user, note=note.strip()[:LONGEST_NOTE],
            again_at=again_at if outcome == Outcome.AGAIN else None,
        )
        found = CallbackRequest.objects.select_related("message").get(pk=item.pk)
        telling.tell(found)
    return found


def _require_time(outcome: str, again_at: datetime | None) -> None:
    if outcome not in Outcome.values:
        raise BadCallback(f"There is no outcome {outcome!r}; there are {', '.join(Outcome.values)}.")
    if outcome != Outcome.AGAIN:
        return
    if again_at is None:
        raise BadCallback("Say when the customer wants to be called again.")
    if not clock.now() <= again_at <= clock.now() + FURTHEST:
        raise BadCallback(f"The time must lie ahead, and within {FURTHEST.days} days.")


def _effect(item: CallbackRequest, outcome: str, again_at: datetime | None) -> dict[str, Any]:
    """The fields of ``item`` after a call with ``outcome``."""
    if outcome in _LAST_WORDS:
        return closing.closed_as(item, *_LAST_WORDS[outcome])
    if outcome == Outcome.AGAIN and again_at:
        expires = max(item.expires_at or again_at, again_at + timedelta(days=1))
        return {"state": State.WAITING, "call_after": again_at, "call_before": again_at + HOUR, "missed": 0, "expires_at": expires}
    counted = CallTry.objects.filter(callback=item, outcome__in=COUNTED).count() + 1
    wait = BUSY if outcome == Outcome.BUSY else timedelta(hours=conf.CALL_AGAIN_HOURS)
    slot = slots.next_slot(clock.now() + wait, time_zone=item.time_zone, wishes=item.wishes)
    if counted >= conf.CALL_TRIES or slot is None or (item.expires_at and slot.start >= item.expires_at):
        return closing.closed_as(item, State.GIVEN_UP, Ending.UNANSWERED)
    return {"state": State.WAITING, "call_after": slot.start, "call_before": slot.end, "missed": 0}


_LAST_WORDS: dict[str, tuple[str, str]] = {
    Outcome.REACHED: (State.DONE, Ending.REACHED), Outcome.WRONG_NUMBER: (State.GIVEN_UP, Ending.WRONG_NUMBER),
}
"""What ends an item at once, and how."""


def _who(item: CallbackRequest) -> str:
    if item.state == State.TAKEN:
        return f"{item.taken_by.get_username() if item.taken_by else '?'} has it."
    if item.state == State.WAITING:
        return "Its time has not come, or the call was noted already."
    return f"It is over: {item.get_ending_display()}."
