"""What is late, and when customers are told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.orders.admin import ReadOnlyAdmin
from ecommerce_comms.shipping.delays.frontier import frontier
from ecommerce_comms.shipping.delays.rules import described, policy_choices, policy_of, row_of_settings
from ecommerce_comms.shipping.delays.watching import look_at_all
from ecommerce_comms.shipping.models import DelayPolicy, Lateness, Outage
from ecommerce_comms.shipping.models.delaying import OWN

if TYPE_CHECKING:
    PolicyPage = admin.ModelAdmin[DelayPolicy]
    PolicyForm = forms.ModelForm[DelayPolicy]
else:
    PolicyPage, PolicyForm = admin.ModelAdmin, forms.ModelForm
STAGES = ("tell_not_shipped", "tell_no_scan", "tell_stalled", "tell_will_miss", "tell_missed")


class DelayPolicyForm(PolicyForm):
    """Own thresholds that make sense together."""

    def clean(self) -> dict[str, Any]:
        """Close to the date a smaller chance is enough, never a greater one."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        at, soon = data.get("at"), data.get("soon")
        if data.get("policy") == OWN and at is not None and soon is not None and soon > at:
            text = _("Shortly before the date it cannot take a greater chance than before: write %(at)s or less.")
            self.add_error("soon", text % {"at": at})
        return data


@admin.register(DelayPolicy)
class DelayPolicyAdmin(PolicyPage):
    """When customers are told of a delay, beside what each choice would have done in the last 90 days."""

    form = DelayPolicyForm
    change_form_template = "ecommerce_comms/admin/delay_policy.html"
    list_display = ("__str__", "is_held", "not_shipped_days", "no_scan_days", "stalled_days")
    fieldsets = (
        (None, {"fields": ("is_held", "policy", ("at", "soon", "soon_days"), "clear")}),
        (_("What counts as late"), {"fields": ("not_shipped_days", "no_scan_days", "stalled_days")}),
        (_("Of what customers are told"), {
            "fields": (STAGES, "left_out"), "description": _("You see all of it under Delays, ticked or not."),
        }),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The policies there are, as choices."""
        if db_field.name == "policy":
            return forms.ChoiceField(label=capfirst(db_field.verbose_name), choices=policy_choices, initial=db_field.default)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A merchant begins with what the settings say."""
        row = row_of_settings()
        return {field.name: getattr(row, field.name) for field in self.opts.fields if field.name != "id"}

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the merchant's own frontier below the form."""
        row = DelayPolicy.objects.order_by("pk").first() or row_of_settings()
        names = dict(policy_choices())
        points = [(names[point.name], point, point.name == row.policy) for point in frontier(clock.now(), _own(row))]
        return super().changeform_view(request, object_id, form_url, {
            "points": points, "choices": described(), "show_save_and_add_another": False, **(extra_context or {}),
        })

    def has_add_permission(self, request: HttpRequest) -> bool:
        """One row is enough."""
        return super().has_add_permission(request) and not DelayPolicy.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Without the row the settings count again, which nobody would see here."""
        return False

    def save_model(self, request: HttpRequest, obj: DelayPolicy, form: Any, change: bool) -> None:
        """By new rules everything is judged again."""
        super().save_model(request, obj, form, change)
        look_at_all()
        messages.info(request, _("Everything that is open will be judged by this within the next minutes."))


def _own(row: DelayPolicy) -> Any:
    return policy_of(row) if row.policy == OWN else None


class OpenFilter(admin.SimpleListFilter):
    """What is late now stands first; what is over is a click away."""

    title = _("state")
    parameter_name = "over"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Open is what is shown without a choice."""
        return [("yes", _("over")), ("all", _("all"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lateness]) -> QuerySet[Lateness]:
        """Open ones, unless something else was chosen."""
        if self.value() == "all":
            return queryset
        return queryset.filter(ended_at__isnull=self.value() != "yes")

    def choices(self, changelist: Any) -> Any:
        """As Django lists them, the first of them called open."""
        shown = list(super().choices(changelist))
        return [{**shown[0], "display": _("open")}, *shown[1:]]


@admin.register(Lateness)
class LatenessAdmin(ReadOnlyAdmin):
    """Everything that is late, as a list to work off, with its sums on top. Nothing here is mailed to staff one by one."""

    change_list_template = "ecommerce_comms/admin/late.html"
    list_display = ("order", "parcel", "stage", "found_at", "percent", "told_at", "outage", "ended_at")
    list_filter = (OpenFilter, "stage", ("told_at", admin.EmptyFieldListFilter), "outage", "found_at")
    list_select_related = ("order", "parcel", "outage")
    search_fields = ("order__number", "order__reference", "parcel__tracking_number", "parcel__carrier")
    ordering = ("-found_at", "-pk")
    show_full_result_count = False

    @admin.display(description=_("chance"), ordering="chance")
    def percent(self, row: Lateness) -> str:
        """Of being late, when it was found."""
        return "" if row.chance is None else f"{row.chance:.0%}"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the sums of what is open: parcels of an outage are counted under it, and not once more."""
        standing = Lateness.objects.filter(ended_at=None)
        names = dict(Lateness.Stage.choices)
        stages = standing.filter(outage=None).order_by().values_list("stage").annotate(Count("pk")).order_by("stage")
        outages = Outage.objects.filter(ended_at=None).annotate(held_up=Count("latenesses")).order_by("-held_up")
        sums = {
            "stages": [(stage, names[stage], count) for stage, count in stages], "outages": outages,
            "today": standing.filter(found_at__gte=clock.now() - timedelta(days=1)).count(),
        }
        return super().changelist_view(request, {"title": _("Delays"), **sums, **(extra_context or {})})


@admin.register(Outage)
class OutageAdmin(ReadOnlyAdmin):
    """Carriers that stood still: one line for each time, however many parcels it held up."""

    list_display = ("carrier", "place", "found_at", "ended_at", "parcels", "expected", "moved", "held_up")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "carrier")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outage]:
        """With the delays that were found while it lasted."""
        rows: QuerySet[Outage] = super().get_queryset(request)
        return rows.annotate(delays=Count("latenesses"))

    @admin.display(description=_("delays"), ordering="delays")
    def held_up(self, row: Any) -> int:
        """How many were found while it lasted."""
        return int(row.delays)
