"""What the passing of time does to the call list."""

from __future__ import annotations

from datetime import datetime

from django.db import router, transaction

from ecommerce_comms import clock
from ecommerce_comms.contact import closing, slots, telling, working
from ecommerce_comms.contact.models import CallbackRequest
from ecommerce_comms.orders.locking import again_after_deadlock

State, Ending = CallbackRequest.State, CallbackRequest.Ending


def look_after() -> int:
    """Put back what was forgotten, close what nobody needs, and move what nobody called; returns how many items changed."""
    return working.free_forgotten() + closing.close_unneeded() + move_missed(clock.now())


def move_missed(now: datetime, limit: int = 500) -> int:
    """Give items whose time passed without a call their next one, and give up those that are no news by then; returns how many."""
    missed = CallbackRequest.objects.filter(state=State.WAITING, call_before__lte=now).select_related("message")
    return sum(_move(item, now) for item in missed.order_by("call_before", "pk")[:limit])


@again_after_deadlock
def _move(item: CallbackRequest, now: datetime) -> int:
    slot = slots.next_slot(now, time_zone=item.time_zone, wishes=item.wishes)
    is_late = slot is None or (item.expires_at is not None and slot.start >= item.expires_at)
    # Of two sweeps that do this at once, one finds the old time and changes it.
    same = CallbackRequest.objects.filter(pk=item.pk, state=State.WAITING, call_before=item.call_before)
    with transaction.atomic(using=router.db_for_write(CallbackRequest)):
        if slot is not None and not is_late:
            return same.update(call_after=slot.start, call_before=slot.end, missed=item.missed + 1)
        if not same.update(**closing.closed_as(item, State.GIVEN_UP, Ending.NOT_CALLED if not item.tries else Ending.UNANSWERED)):
            return 0
        telling.tell(CallbackRequest.objects.select_related("message").get(pk=item.pk))
    return 1
