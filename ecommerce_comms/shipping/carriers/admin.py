"""Parcels under way, as carriers tell of them: to look at, to put right, and to see what nobody could make anything of."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.conf import conf
from ecommerce_comms.orders.admin import ReadOnlyAdmin
from ecommerce_comms.orders.models import Parcel
from ecommerce_comms.shipping.carriers import byhand, csvfile, links, receiving, unknowns
from ecommerce_comms.shipping.carriers.forms import FileForm, NoteForm, NumberForm, ParcelForm
from ecommerce_comms.shipping.models import PollTurn, Scan, Tracking
from ecommerce_comms.zones import here, zone

SHOWN = 50
"""Lines of a file whose errors are shown."""


class CarrierAdmin(ReadOnlyAdmin):
    """A list with pages of its own beside it."""

    show_full_result_count = False

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return TemplateResponse(
            request, f"ecommerce_comms/admin/{template}.html", {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )

    def _address(self, name: str, *args: Any) -> str:
        return reverse(f"admin:ecommerce_comms_{name}", args=args, current_app=self.admin_site.name)

    def _row(self, request: HttpRequest, rows: QuerySet[Any], pk: int) -> Any:
        """The row with the key ``pk``, for whoever may change it."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        row = rows.filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with ways to the other pages for whoever may go there."""
        return super().changelist_view(request, {**(extra_context or {}), "may_act": self.has_act_permission(request)})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The row, with the same."""
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "may_act": self.has_act_permission(request)})


@admin.register(Parcel)
class ParcelAdmin(CarrierAdmin):
    """What the merchant did with a parcel, and what its carrier says of it."""

    change_form_template = "ecommerce_comms/admin/parcel_change.html"
    list_display = ("__str__", "order", "carrier", "status", "carrier_says", "last_movement", "shipped_at", "delivered_at")
    list_filter = ("status", "tracking__status", "carrier")
    search_fields = ("tracking_number", "order__number", "order__reference")
    list_select_related = ("order", "tracking")
    ordering = ("-pk",)
    readonly_fields = ("carrier_says", "last_movement", "link", "scans")
    fieldsets: ClassVar = [
        (None, {"fields": ("order", "reference", "carrier", "service", "tracking_number", "link")}),
        (_("What the shop did"), {"fields": ("status", "shipped_at", "delivered_at", "delayed_at")}),
        (_("What the carrier says"), {"fields": ("carrier_says", "last_movement", "scans")}),
    ]

    @admin.display(description=_("carrier says"), ordering="tracking__status")
    def carrier_says(self, parcel: Parcel) -> str:
        """The newest status that the carrier told."""
        return parcel.tracking.get_status_display() if hasattr(parcel, "tracking") else "–"

    @admin.display(description=_("last movement"), ordering="tracking__scanned_at")
    def last_movement(self, parcel: Parcel) -> str:
        """When the carrier saw it last."""
        seen = parcel.tracking.scanned_at if hasattr(parcel, "tracking") else None
        return date_format(here(seen), "j M Y, H:i") if seen else "–"

    @admin.display(description=_("tracking page"))
    def link(self, parcel: Parcel) -> SafeString | str:
        """Where customers see it."""
        address = parcel.as_snapshot.tracking_url or links.link(parcel.carrier, parcel.tracking_number)
        return format_html('<a href="{0}" rel="noreferrer">{0}</a>', address) if links.is_address(address) else "–"

    @admin.display(description=_("scans"))
    def scans(self, parcel: Parcel) -> SafeString:
        """Everything that was told of it, the newest first."""
        rows = Scan.objects.filter(parcel=parcel).order_by("-occurred_at", "-pk")[:200]
        return render_to_string("ecommerce_comms/admin/scans.html", {"scans": rows})

    def get_urls(self) -> list[URLPattern]:
        """Two pages more."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/note/", wrap(self.note_view), name="ecommerce_comms_parcel_note"),
            path("<int:pk>/number/", wrap(self.number_view), name="ecommerce_comms_parcel_number"),
            *super().get_urls(),
        ]

    def note_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Note what no carrier told."""
        parcel = self._row(request, Parcel.objects.select_related("order"), pk)
        form = NoteForm(parcel, request.POST) if request.method == "POST" else NoteForm(parcel, initial=NoteForm.beginning())
        if request.method == "POST" and form.is_valid():
            told = form.cleaned_data
            is_new = byhand.note(parcel, told["status"], told["at"], place=told["place"], text=told["text"])
            text = _("It is noted. If it is news to the customer, it is told as if it came from the carrier.")
            text = text if is_new else _("This was noted before.")
            return self._done(request, parcel, f"Noted: {told['status']}.", text)
        return self._form(request, parcel, form, _("Note a scan"), _("Note"))

    def number_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put carrier and number right."""
        parcel = self._row(request, Parcel.objects.select_related("order"), pk)
        initial = {"carrier": parcel.carrier, "number": parcel.tracking_number}
        form = NumberForm(request.POST) if request.method == "POST" else NumberForm(initial=initial)
        if request.method == "POST" and form.is_valid():
            byhand.put_right(parcel, **form.cleaned_data)
            text = _("It is put right, and nobody was written to. What the carrier told of the new number counts in a moment.")
            self._warn_of_others(request, byhand.others(parcel, form.cleaned_data["number"]))
            return self._done(request, parcel, "Carrier and number put right.", text)
        return self._form(request, parcel, form, _("Put carrier and number right"), _("Put right"))

    def _form(self, request: HttpRequest, parcel: Parcel, form: forms.Form, title: Any, button: Any) -> HttpResponse:
        back = self._address("parcel_change", parcel.pk)
        return self._page(request, "carrier_form", title=title, form=form, button=button, back=back, about=parcel)

    def _warn_of_others(self, request: HttpRequest, others: list[Parcel]) -> None:
        """Two orders may travel in one box; more often it is a slip of the pen."""
        if others:
            orders = ", ".join(sorted({str(other.order) for other in others}))
            text = _("This number is also that of a parcel of order %(orders)s. Unless both are in one box, put one of them right.")
            self.message_user(request, text % {"orders": orders}, messages.WARNING)

    def _done(self, request: HttpRequest, parcel: Parcel, what: str, text: Any) -> HttpResponse:
        self.log_change(request, parcel, what)
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(self._address("parcel_change", parcel.pk))


@admin.register(Scan)
class ScanAdmin(CarrierAdmin):
    """What carriers told, one by one; and what nobody could make anything of."""

    change_list_template = "ecommerce_comms/admin/scan_list.html"
    change_form_template = "ecommerce_comms/admin/scan_change.html"
    list_display = (
        "tracking_number", "carrier", "status", "raw_status", "place", "occurred_at", "time_is_sure", "source", "parcel", "state",
    )
    list_filter = ("state", "status", "source", "time_is_sure", "occurred_at")
    search_fields = ("tracking_number__exact", "parcel__order__number")
    list_select_related = ("parcel",)
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        """Three pages more."""
        wrap = self.admin_site.admin_view
        return [
            path("unknown/", wrap(self.unknown_view), name="ecommerce_comms_scan_unknown"),
            path("file/", wrap(self.file_view), name="ecommerce_comms_scan_file"),
            path("<int:pk>/belongs/", wrap(self.belongs_view), name="ecommerce_comms_scan_belongs"),
            *super().get_urls(),
        ]

    def unknown_view(self, request: HttpRequest) -> HttpResponse:
        """Numbers, carriers and words that nobody knows."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(
            request, "carrier_unknowns", title=_("What nobody knows"), numbers=unknowns.numbers(), carriers=unknowns.carriers(),
            words=unknowns.words(), may_act=self.has_act_permission(request), days=unknowns.SINCE.days,
        )

    def file_view(self, request: HttpRequest) -> HttpResponse:
        """Take a CSV file."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
        wrong: list[csvfile.Line] = []
        if request.method == "POST" and form.is_valid():
            try:
                wrong = self._take(request, form)
            except csvfile.NotReadable as error:
                form.add_error("file", str(error))
            else:
                if not wrong:
                    return HttpResponseRedirect(self._address("scan_changelist"))
        more = [name for name in csvfile.COLUMNS if name not in csvfile.NEEDED]
        return self._page(request, "carrier_form", title=_("Take a CSV file"), form=form, button=_("Take it"), wrong=wrong[:SHOWN],
                          more=more, needed=csvfile.NEEDED, back=self._address("scan_changelist"))

    def _take(self, request: HttpRequest, form: forms.Form) -> list[csvfile.Line]:
        """Take what can be read; returns the lines that cannot."""
        told = form.cleaned_data
        lines = list(csvfile.lines(csvfile.decode(told["file"].read()), zone(conf.time_zone), carrier=told["carrier"]))
        taken = receiving.take([line.sighting for line in lines if line.sighting], source="csv")
        said = {"new": taken.new, "known": taken.known, "waiting": taken.waiting}
        text = _("New scans: %(new)d. Known already: %(known)d. About numbers that no parcel has: %(waiting)d.") % said
        wrong = [line for line in lines if line.error]
        self.message_user(request, text, messages.WARNING if wrong else messages.SUCCESS)
        return wrong

    def belongs_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say to which parcel an unknown number belongs."""
        scan = self._row(request, Scan.objects.all(), pk)
        if not self._may_change_parcels(request):
            raise PermissionDenied
        form = ParcelForm(request.POST) if request.method == "POST" else ParcelForm()
        if request.method == "POST" and form.is_valid():
            byhand.put_right(form.found, carrier=scan.carrier or form.found.carrier, number=scan.tracking_number)
            self.log_change(request, scan, f"Belongs to parcel {form.found.pk}.")
            self.message_user(request, _("The number is the parcel's now; what was told of it counts in a moment."), messages.SUCCESS)
            return HttpResponseRedirect(self._address("parcel_change", form.found.pk))
        title = _("%(number)s belongs to parcel …") % {"number": scan.tracking_number}
        return self._page(request, "carrier_form", title=title, form=form, button=_("This one"), back=self._address("scan_unknown"))

    def _may_change_parcels(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.change_parcel")


@admin.register(Tracking)
class TrackingAdmin(CarrierAdmin):
    """What carriers say of parcels now."""

    list_display = ("parcel", "status", "status_at", "scanned_at", "place", "estimate_earliest", "estimate_latest")
    list_filter = ("status", "scanned_at")
    search_fields = ("parcel__tracking_number__exact", "parcel__order__number")
    list_select_related = ("parcel",)
    ordering = ("-scanned_at",)


@admin.register(PollTurn)
class PollTurnAdmin(ReadOnlyAdmin):
    """The carriers that are asked, and how that goes."""

    list_display = ("name", "next_at", "round_began_at", "failures", "error")
    ordering = ("name",)
