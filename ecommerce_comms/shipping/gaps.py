"""What is still missing before customers can be told a date, in the merchant's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ecommerce_comms.shipping import calendars
from ecommerce_comms.shipping.models import Service
from ecommerce_comms.shipping.tables import Tables, tables


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Something that is missing, or that looks like a slip."""

    says: str
    model: str = ""
    """Name of the table on whose page it is mended, in small letters; empty where no page mends it."""
    key: int | None = None
    """Key of the row, if there is one."""
    stops: bool = True
    """Whether no date, or no option, can be shown because of it."""


def gaps() -> list[Gap]:
    """Everything that is missing, what stops dates first; empty if the set-up is whole."""
    table = tables()
    found = [gap for look in _LOOKS for gap in look(table)]
    return sorted(found, key=lambda gap: not gap.stops)


def _no_warehouse(table: Tables) -> Iterator[Gap]:
    if not table.warehouses:
        yield Gap(says=_("No warehouse: nobody knows when parcels leave, so no date is shown."), model="warehouse")
    elif table.warehouse is None:
        text = _("No warehouse is ticked as the one from which parcels leave. Only lines that name their warehouse get a date.")
        yield Gap(says=text, model="warehouse")


def _no_weekdays(table: Tables) -> Iterator[Gap]:
    for house in table.warehouses:
        if not house.working_days:
            yield Gap(says=_("Nothing is ever packed in “%(name)s”: tick the days.") % {"name": house}, model="warehouse", key=house.pk)
        if not house.country:
            text = _("“%(name)s” has no country, so no public holidays are known for it.")
            yield Gap(says=text % {"name": house}, model="warehouse", key=house.pk, stops=False)


def _no_options(table: Tables) -> Iterator[Gap]:
    if not any(service.is_active for service in table.services.values()):
        yield Gap(says=_("No shipping option is offered."), model="service")


def _no_rates(table: Tables) -> Iterator[Gap]:
    for service in table.services.values():
        if service.is_active and not any(rate.is_offered for group in table.groups.get(service.pk, ()) for rate in group.rates):
            text = _("“%(name)s” has no time and price yet, so it is not shown.")
            yield Gap(says=text % {"name": service}, model="service", key=service.pk)


def _no_points(table: Tables) -> Iterator[Gap]:
    for service in table.services.values():
        if service.is_active and service.kind == Service.Kind.POINT and not table.points.any_for(service):
            text = _("“%(name)s” is handed over at pick-up points, and none is in use. It is not shown.")
            yield Gap(says=text % {"name": service}, model="pickuppoint")


def _no_holidays(_table: Tables) -> Iterator[Gap]:
    if calendars.holidays is None:
        text = _("Public holidays are not known: ask your developer to run “python -m pip install holidays”.")
        yield Gap(says=text, stops=False)


_LOOKS: tuple[Callable[[Tables], Iterator[Gap]], ...] = (
    _no_warehouse, _no_weekdays, _no_options, _no_rates, _no_points, _no_holidays,
)
