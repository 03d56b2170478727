"""What stands on the call list, in the order in which it is to be called, with everybody's time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale, UnknownLocaleError
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language

from ecommerce_comms.contact import slots
from ecommerce_comms.contact.hours import Stretch
from ecommerce_comms.contact.models import CallbackRequest
from ecommerce_comms.zones import here, zone

State = CallbackRequest.State
MOST = 100
"""So many items of each part are shown; the others come up when these are done."""


@dataclass(frozen=True)
class Row:
    """One item, as somebody who is about to call reads it."""

    item: CallbackRequest
    now: datetime

    @property
    def is_elsewhere(self) -> bool:
        """Whether the customer's clock shows another time than ours."""
        return self._there(self.now).utcoffset() != here(self.now).utcoffset()

    @property
    def now_there(self) -> str:
        """What their clock shows now, with the day where it is another one."""
        there = self._there(self.now)
        return date_format(there, "H:i" if there.date() == here(self.now).date() else "D j M, H:i")

    @property
    def after(self) -> str:
        """From when on, by our clock."""
        return self._said(here(self.item.call_after))

    @property
    def before(self) -> str:
        """Until when, by our clock."""
        return self._said(here(self.item.call_before))

    @property
    def after_there(self) -> str:
        """From when on, by theirs."""
        return self._said(self._there(self.item.call_after))

    @property
    def before_there(self) -> str:
        """Until when, by theirs."""
        return self._said(self._there(self.item.call_before))

    @property
    def is_due(self) -> bool:
        """Whether it is to be called now."""
        return self.item.state == State.WAITING and self.item.call_after <= self.now

    @property
    def is_urgent(self) -> bool:
        """Whether it comes before others."""
        return self.item.urgency == CallbackRequest.Urgency.NOW

    @property
    def ignores_wish(self) -> bool:
        """Whether the customer named hours, and none of them fits the shop's."""
        slot = Stretch(self.item.call_after, self.item.call_before)
        return not slots.fits_wish(slot, time_zone=self.item.time_zone, wishes=self.item.wishes)

    @property
    def language(self) -> str:
        """The customer's language by its name."""
        try:
            name = Locale.parse(self.item.language, sep="-").get_display_name((get_language() or "en").partition("-")[0])
        except (UnknownLocaleError, ValueError):
            return self.item.language
        return str(name or self.item.language)

    @property
    def try_number(self) -> int:
        """The number that the next call has."""
        return self.item.tries + 1

    def _there(self, moment: datetime) -> datetime:
        return moment.astimezone(zone(self.item.time_zone))

    def _said(self, local: datetime) -> str:
        """The time, with the day if it is not today's."""
        today = self.now.astimezone(local.tzinfo or get_current_timezone()).date()
        return date_format(local, "H:i" if local.date() == today else "D j M, H:i")


@dataclass(frozen=True)
class CallList:
    """The whole list, as one person sees it."""

    mine: list[Row]
    due: list[Row]
    others: list[Row]
    later: list[Row]
    more: int = 0
    """Items that are due or come later and are not shown."""

    @property
    def is_empty(self) -> bool:
        """Whether nobody is to be called at all."""
        return not (self.mine or self.due or self.others or self.later)


def call_list(user: Any, now: datetime) -> CallList:
    """The list for ``user`` at ``now`` (aware): the most urgent first, and of these what has to be called soonest."""
    open_items = CallbackRequest.objects.select_related("order", "taken_by")
    waiting, taken = open_items.filter(state=State.WAITING), open_items.filter(state=State.TAKEN).order_by("taken_at", "pk")
    due = waiting.filter(call_after__lte=now).order_by("urgency", "call_before", "pk")
    later = waiting.filter(call_after__gt=now).order_by("call_after", "urgency", "pk")
    return CallList(
        mine=list(_rows(taken.filter(taken_by=user), now)), due=list(_rows(due[:MOST], now)),
        others=list(_rows(taken.exclude(taken_by=user)[:MOST], now)), later=list(_rows(later[:MOST], now)),
        more=_beyond(due) + _beyond(later),
    )


def _rows(items: Iterable[CallbackRequest], now: datetime) -> Iterator[Row]:
    return (Row(item, now) for item in items)


def _beyond(items: QuerySet[CallbackRequest]) -> int:
    return max(0, items.count() - MOST)
