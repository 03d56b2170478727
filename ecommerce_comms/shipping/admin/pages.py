"""Two pages beside the tables: the beginning with two numbers, and a place to try what a customer would be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.shipping import beginning, words
from ecommerce_comms.shipping.explaining import explain
from ecommerce_comms.shipping.gaps import Gap, gaps
from ecommerce_comms.shipping.models import Warehouse
from ecommerce_comms.shipping.options import Option, quote
from ecommerce_comms.shipping.tables import tables
from ecommerce_comms.shipping.widgets import CountrySelect, TimeZoneInput
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot
from ecommerce_comms.zones import is_zone, zone

MOST_PLACES = 5
"""So many destinations are shown on the first page."""
MOST_DAYS = 3 * 366
FAR = ("US", "DE", "AU", "IN")
"""Somewhere else, for a shop that sends everywhere."""


class StartForm(forms.Form):
    """What a simple shop has to say."""

    handling_days = forms.IntegerField(
        label=_("Working days until a parcel leaves"), min_value=0, max_value=60,
        help_text=_("At worst, counted from the day of the order: 0 is the same day, 1 the next working day."),
    )
    transit_days = forms.IntegerField(
        label=_("Days on the way"), min_value=0, max_value=120,
        help_text=_("At worst, counted in days on which parcels are delivered. Half of it is taken as the best case."),
    )
    country = forms.CharField(label=_("Parcels leave from"), widget=CountrySelect, max_length=2)
    time_zone = forms.CharField(
        label=_("Time zone there"), widget=TimeZoneInput, max_length=64, required=False,
        help_text=_("Such as Asia/Kolkata. Empty: that of the country, where it has only one."),
    )

    def clean_time_zone(self) -> str:
        """A zone that exists; the country's where none is named."""
        name = str(self.cleaned_data["time_zone"]).strip() or words.zone_of_country(str(self.cleaned_data.get("country", "")))
        if not is_zone(name):
            raise ValidationError(_("There is no time zone of that name. Write it like Asia/Kolkata or Europe/London."), code="time_zone")
        return name


class TryForm(forms.Form):
    """A destination, a moment and a parcel to try."""

    country = forms.CharField(label=_("to"), widget=CountrySelect, max_length=2, required=False)
    postcode = forms.CharField(label=_("postcode"), max_length=20, required=False)
    region = forms.CharField(label=_("region"), max_length=60, required=False)
    city = forms.CharField(label=_("city"), max_length=100, required=False)
    at = forms.DateTimeField(
        label=_("ordered"), required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), help_text=_("Empty: now."),
    )
    weight = forms.DecimalField(label=_("kg"), min_value=Decimal(0), max_value=Decimal(100_000), required=False)
    value = forms.DecimalField(label=_("order value"), min_value=Decimal(0), max_value=Decimal(10**9), required=False)
    currency = forms.CharField(label=_("currency"), max_length=3, required=False)
    origin = forms.ModelChoiceField(Warehouse.objects.all(), label=_("leaves from"), required=False, empty_label=_("the usual warehouse"))

    def clean_at(self) -> datetime | None:
        """A moment that calendars know."""
        at: datetime | None = self.cleaned_data["at"]
        if at and abs((at - clock.now()).days) > MOST_DAYS:
            raise ValidationError(_("Choose a moment of the last or the next three years."), code="at")
        return at


class Row(NamedTuple):
    """An option as the pages show it."""

    option: Option
    window: str
    order_by: str
    left: str


class Preview(NamedTuple):
    """What a customer at one place would see now."""

    place: str
    rows: list[Row]


def start_view(page: Any, request: HttpRequest) -> HttpResponse:
    """Two numbers, and what comes out of them; ``page`` is the ``WarehouseAdmin``."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    simple = beginning.is_simple()
    may_save = simple and all(request.user.has_perm(f"ecommerce_comms.{verb}_{name}") for verb in ("add", "change") for name in _MADE)
    form = StartForm(request.POST if request.method == "POST" and may_save else None, initial=asdict(beginning.current()))
    if request.method == "POST":
        if not may_save:
            raise PermissionDenied
        if form.is_valid():
            beginning.save(beginning.Beginning(**form.cleaned_data))
            page.message_user(request, _("Saved. This is what customers see from now on."), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:ecommerce_comms_start", current_app=page.admin_site.name))
    context = _context(page, request, _("Set up shipping")) | {
        "form": form, "simple": simple, "may_save": may_save, "gaps": [(gap, _link(page, gap)) for gap in gaps()],
        "previews": list(previews()), "counts": _counts(page, request), "now": clock.now().astimezone(zone(conf.time_zone)),
    }
    return TemplateResponse(request, "ecommerce_comms/admin/start.html", context)


def try_view(page: Any, request: HttpRequest) -> HttpResponse:
    """What a customer would be told, and why."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    house = tables().warehouse
    form = TryForm(request.GET or None, initial={"country": house.country if house else words.country_of_zone(conf.time_zone)})
    context = _context(page, request, _("Try a delivery date")) | {"form": form}
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        at = told["at"] or clock.now()
        line = LineSnapshot(weight_kg=told["weight"], price=told["value"], origin=told["origin"].code if told["origin"] else "")
        there = AddressSnapshot(country=told["country"], postcode=told["postcode"], region=told["region"], city=told["city"])
        found = explain(there, at=at, lines=(line,), currency=told["currency"].strip().upper())
        context |= {
            "offered": [(each, _row(each.option, at)) for each in found if each.option],
            "left_out": [each for each in found if not each.option], "at": at.astimezone(zone(conf.time_zone)),
        }
    return TemplateResponse(request, "ecommerce_comms/admin/try.html", context)


_MADE = ("warehouse", "service", "rate")
"""Tables that the two numbers write."""
_TABLES = ("warehouse", "carrier", "service", "zone", "pickuppoint", "closedday", "peak")
"""Tables to which the first page leads."""


def previews() -> Iterator[Preview]:
    """What customers at a few places would see now: at home, in the zones, and somewhere else."""
    table, now = tables(), clock.now()
    if not table.services:
        return
    home = [house.country for house in table.warehouses if house.is_default and house.country]
    zoned = [part.place.country for groups in table.groups.values() for group in groups for part in group.parts]
    places = dict.fromkeys([*home, *zoned, *next(([code] for code in FAR if code not in home), [])])
    for code in list(places)[:MOST_PLACES]:
        yield Preview(words.country(code), [_row(option, now) for option in quote(AddressSnapshot(country=code), at=now)])


def _row(option: Option, now: datetime) -> Row:
    house = tables().warehouse
    window = words.span(option.earliest, option.latest) if option.earliest and option.latest else ""
    order_by = words.moment(option.order_by.astimezone(zone(house.time_zone if house else conf.time_zone))) if option.order_by else ""
    return Row(option, window, order_by, words.time_left(left) if (left := option.seconds_left(now)) else "")


def _context(page: Any, request: HttpRequest, title: Any) -> dict[str, Any]:
    return {**page.admin_site.each_context(request), "opts": page.opts, "title": title}


def _link(page: Any, gap: Gap) -> str:
    """The page on which ``gap`` is mended; empty if there is none."""
    if not gap.model:
        return ""
    view, args = ("change", [gap.key]) if gap.key else ("changelist", [])
    return reverse(f"admin:ecommerce_comms_{gap.model}_{view}", args=args, current_app=page.admin_site.name)


def _counts(page: Any, request: HttpRequest) -> list[tuple[str, int, str, str]]:
    """Name, number of rows, and the addresses of list and form, for every table that the user may look at."""
    found = []
    for model, admin in page.admin_site._registry.items():
        if model._meta.app_label == "ecommerce_comms" and model._meta.model_name in _TABLES and admin.has_view_permission(request):
            base = f"admin:ecommerce_comms_{model._meta.model_name}"
            add = reverse(f"{base}_add") if admin.has_add_permission(request) else ""
            row = (model._meta.verbose_name_plural, model.objects.count(), reverse(f"{base}_changelist"), add)
            found.append((_TABLES.index(model._meta.model_name), row))
    return [row for _place, row in sorted(found, key=lambda pair: pair[0])]
