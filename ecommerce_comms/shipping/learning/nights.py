"""When it is learnt: once a night, by one process, and when somebody asks for it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from ecommerce_comms.conf import conf
from ecommerce_comms.shipping.learning.learner import fill, is_possible
from ecommerce_comms.shipping.models import Knowledge
from ecommerce_comms.zones import zone

GIVEN_UP = timedelta(hours=1)
"""Whoever took so long has died."""
_DAY = timedelta(days=1)


def learn_when_due(now: datetime) -> int:
    """Learn tonight's lesson, or one that somebody asked for, if none has it in hand; returns how many were learnt."""
    if not is_possible():
        return 0
    row = _taken(now)
    return int(row is not None and fill(row, now).parcels > 0)


def ask(now: datetime) -> Knowledge:
    """Have it learnt by the next sweep; one that waits already will do."""
    return _waiting(now).filter(night=None).first() or Knowledge.objects.create(asked_at=now)


def night_of(now: datetime) -> date:
    """The night whose lesson is due at ``now``: it begins at the hour ``LEARN_AT`` by the shop's clock."""
    local = now.astimezone(zone(conf.time_zone))
    return local.date() if local.time() >= time.fromisoformat(conf.LEARN_AT) else local.date() - _DAY


def _taken(now: datetime) -> Knowledge | None:
    """The row that is to be filled now, and by this process."""
    night = night_of(now)
    if not Knowledge.objects.filter(night=night).exists():
        # Two processes may come here at once: the night is unique, and one of them is left alone.
        Knowledge.objects.bulk_create([Knowledge(night=night, asked_at=now)], ignore_conflicts=True)
    for row in _waiting(now).filter(Q(night=None) | Q(night=night)):
        if Knowledge.objects.filter(pk=row.pk, started_at=row.started_at, learnt_at=None).update(started_at=now):
            row.started_at = now
            return row
    return None


def _waiting(now: datetime) -> QuerySet[Knowledge]:
    """What nobody has in hand."""
    return Knowledge.objects.filter(learnt_at=None).filter(Q(started_at=None) | Q(started_at__lte=now - GIVEN_UP)).order_by("pk")
