"""Whether arrival dates are learnt, and whether they turn out right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from ecommerce_comms.health.colours import Colour
from ecommerce_comms.health.lights import Light, span
from ecommerce_comms.shipping import calendars
from ecommerce_comms.shipping.estimators.base import get_estimator
from ecommerce_comms.shipping.history import HistoryEstimator
from ecommerce_comms.shipping.learning import knowing, learner, words
from ecommerce_comms.shipping.models import Knowledge

OLD = timedelta(days=3)
"""It is learnt every night; after three something is wrong."""


def lesson_lights(now: datetime) -> Iterator[Light]:
    """What there is to say of arrival dates at ``now``."""
    yield from _holidays()
    if isinstance(get_estimator(), HistoryEstimator):
        yield from _lessons(now)


def _holidays() -> Iterator[Light]:
    if calendars.holidays is None:
        yield Light("holidays", _("Public holidays"), Colour.AMBER, _("not known: only your own closed days count"),
                    _("Install the package: python -m pip install holidays"))


def _lessons(now: datetime) -> Iterator[Light]:
    what = _("Arrival dates")
    if not learner.is_possible():
        yield Light("lessons", what, Colour.AMBER, _("nothing is learnt without numpy: dates come from the shipping options alone"),
                    _('Install it: python -m pip install "django-ecommerce-comms[estimates]"'))
        return
    row = knowing.newest()
    if row is None:
        yield Light("lessons", what, Colour.GREEN, _("too few deliveries to learn from: dates come from the shipping options"))
        return
    yield _age(row, now)
    yield _coverage(row)


def _age(row: Knowledge, now: datetime) -> Light:
    age = now - (row.until or row.asked_at)
    says = _("learnt from %(parcels)d parcels %(age)s ago") % {"parcels": row.parcels, "age": span(age.total_seconds())}
    todo = _("It is learnt once a night: see that the sweep runs, and what its log says. “manage.py comms_learn” learns now.")
    is_old = age > OLD
    return Light("lessons", _("Arrival dates"), Colour.AMBER if is_old else Colour.GREEN, says, todo if is_old else "")


def _coverage(row: Knowledge) -> Light:
    is_broken = words.coverage_of(row).is_broken
    return Light("promises", _("Promises kept"), Colour.AMBER if is_broken else Colour.GREEN, words.how_good(row),
                 _("Announce peaks and closed days; if it lasts, raise PROMISE_LEVEL.") if is_broken else "")
