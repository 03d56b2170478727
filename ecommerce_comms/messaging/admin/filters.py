"""Filters of the message log. None of them reads the table to find out what may be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging import channels
from ecommerce_comms.messaging.models import Message, Provider
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.kinds import in_words

CUSTOMER = "customer"
"""Stands in addresses for the empty role."""
_WITH_REASON = (
    Message.State.SKIPPED, Message.State.FAILED, Message.State.HELD, Message.State.SCHEDULED, Message.State.QUEUED, Message.State.SENDING,
)


class _ChoiceFilter(admin.SimpleListFilter):
    """Rows whose field ``parameter_name`` has the chosen value."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows with the chosen value."""
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class KindFilter(_ChoiceFilter):
    """Filters by kind of message, in words."""

    title = _("message")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Every kind that there is a text for."""
        return [(kind, in_words(kind)) for kind in texts.KINDS]


class ProviderFilter(_ChoiceFilter):
    """Filters by the provider that was tried last."""

    title = _("provider")
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Every provider that was ever used."""
        return [(name, name) for name in Provider.objects.order_by("name").values_list("name", flat=True)]


class ChannelFilter(_ChoiceFilter):
    """Filters by channel."""

    title = _("channel")
    parameter_name = "backend"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Every channel that the shop has; none to choose from where there is one alone."""
        return [(channel, channels.in_words(channel)) for channel in channels.known()] if channels.are_many() else []


class RoleFilter(admin.SimpleListFilter):
    """Filters by whom a message is for."""

    title = _("for whom")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """The customer, and each role of others."""
        return [(role.value or CUSTOMER, role.label) for role in Message.Role]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows for the chosen one; a role that there is not is passed over."""
        chosen = "" if self.value() == CUSTOMER else self.value()
        return queryset.filter(role=chosen) if chosen in Message.Role.values else queryset


class ReasonFilter(_ChoiceFilter):
    """Filters by why something was not sent."""

    title = _("why")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """Every reason."""
        return [(reason.value, reason.label) for reason in Message.Reason if reason]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows with the reason; naming the states that have reasons leaves out the many that were sent."""
        return super().queryset(request, queryset.filter(state__in=_WITH_REASON) if self.value() else queryset)


class LanguageFilter(_ChoiceFilter):
    """Filters by language."""

    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """The languages of the texts, with the names that the shop gives them."""
        names = dict(settings.LANGUAGES)
        return [(tag, names.get(tag, tag)) for tag in dict.fromkeys([texts.best_language(conf.language), *texts.languages()])]


class DayFilter(admin.ListFilter):
    """Filters by the days, in the admin's time zone, on which messages were due; both ends belong to it."""

    title = _("due date")
    template = "ecommerce_comms/admin/day_filter.html"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: admin.ModelAdmin) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.expected_parameters():
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def has_output(self) -> bool:
        """It always has its two fields."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """The two ends."""
        return ["from", "until"]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """What the fields hold, and what else of the address has to be kept."""
        others = {name: value for name, value in changelist.params.items() if name not in ("from", "until", "p")}
        yield {"kept": others, "from": self.used_parameters.get("from", ""), "until": self.used_parameters.get("until", "")}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows between the days; a day that cannot be read is passed over."""
        first, last = (_day(self.used_parameters.get(name)) for name in ("from", "until"))
        if first:
            queryset = queryset.filter(due_at__gte=midnight(first))
        if last:
            queryset = queryset.filter(due_at__lt=midnight(last + timedelta(days=1)))
        # All states and both lanes are named so that the index of state, lane and due time can be used.
        return queryset.filter(Q(state__in=Message.State.values, lane__in=Message.Lane.values)) if first or last else queryset


def midnight(day: date) -> datetime:
    """The beginning of ``day`` in the time zone that Django shows times in, aware."""
    return datetime.combine(day, time(), get_current_timezone())


def _day(text: object) -> date | None:
    try:
        found = parse_date(str(text or ""))
    except ValueError:
        return None
    return found if found and found.year > 1 and found < date.max else None
