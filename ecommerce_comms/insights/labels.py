"""Groups of deliveries in a merchant's words, and where the rows behind them are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.insights.chosen import Chosen
from ecommerce_comms.shipping.models import Lateness, Promise, Service, Warehouse

Params = dict[str, str]
TITLES: dict[str, Any] = {
    "carrier": _("Carrier"), "service": _("Shipping option"), "lane": _("Lane (from → to)"), "warehouse": _("Warehouse"),
    "country": _("Country"), "month": _("Month"), "source": _("Where the date came from"),
}
"""What each grouping is called."""


@dataclass(frozen=True)
class Names:
    """Names of codes, read once for a page."""

    services: Mapping[str, str] = field(default_factory=dict)
    warehouses: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Names:
        """The names that the merchant gave."""
        services, warehouses = (dict(model._default_manager.values_list("code", "name")) for model in (Service, Warehouse))
        return cls(services, warehouses)

    def service(self, code: str) -> str:
        """A shipping option as customers see it."""
        return self.services.get(code, code) or str(_("not known"))

    def warehouse(self, code: str) -> str:
        """A warehouse, or seller."""
        return self.warehouses.get(code, code) or str(_("usual warehouse"))

    def label(self, grouping: str, values: tuple[Any, ...]) -> str:
        """What a group is called."""
        return _LABELS[grouping](self, *values)


def place(country: str, region: str = "") -> str:
    """A destination, such as IN-WB."""
    return "-".join(part for part in (country, region) if part) or str(_("not known"))


def month(day: date) -> str:
    """A month in words."""
    return date_format(day, "F Y")


def stage(code: str) -> str:
    """What had been found out when a delay was told."""
    return str(Lateness.Stage(code).label) if code in Lateness.Stage.values else code or str(_("told by the shop itself"))


def source(code: str) -> str:
    """Where a date came from."""
    return str(Promise.Source(code).label) if code in Promise.Source.values else code or str(_("not known"))


def params(grouping: str, values: tuple[Any, ...], chosen: Chosen, today: date) -> Params:
    """Parameters of the list of deliveries that shows a group of what is chosen."""
    if grouping == "month":
        [day] = values
        return Chosen(since=day, until=day, judged=chosen.judged, ways=chosen.ways).query(today)
    fields = {"lane": ("origin", "country", "region"), "warehouse": ("origin",), "source": (f"{chosen.judged}_source",)}
    return chosen.query(today, **{f"{name}__exact": value for name, value in zip(fields.get(grouping, (grouping,)), values, strict=True)})




_LABELS: dict[str, Callable[..., str]] = {
    "carrier": lambda names, code: code or str(_("not known")),
    "service": lambda names, code: names.service(code),
    "lane": lambda names, origin, country, region: f"{names.warehouse(origin)} → {place(country, region)}",
    "warehouse": lambda names, origin: names.warehouse(origin),
    "country": lambda names, code: place(code),
    "month": lambda names, day: month(day),
    "source": lambda names, code: source(code),
}
