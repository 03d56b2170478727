"""The page "Promises kept", its file, and the list of the deliveries behind it."""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.insights import kept, page
from ecommerce_comms.insights.chosen import first_open
from ecommerce_comms.insights.forms import ChoiceForm
from ecommerce_comms.insights.labels import Names
from ecommerce_comms.insights.models import Score
from ecommerce_comms.orders.admin import ReadOnlyAdmin
from ecommerce_comms.zones import here

MAY_SEE = "ecommerce_comms.view_promise"
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is computed by spreadsheets."""


@admin.register(Score)
class ScoreAdmin(ReadOnlyAdmin):
    """Deliveries and what became of what was told about them."""

    change_list_template = "ecommerce_comms/admin/score_list.html"
    list_display = (
        "order", "parcel", "carrier", "service", "country", "region", "first_due", "last_due", "arrived_on", "first_kept", "last_kept",
        "telling", "told_stage",
    )
    list_filter = ("first_kept", "last_kept", "telling", "told_stage", "new_kept")
    list_select_related = ("order", "parcel")
    search_fields = ("order__number", "order__reference", "parcel__tracking_number")
    ordering = ("-pk",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_urls(self) -> list[URLPattern]:
        """The page, and its table as a file."""
        wrap = self.admin_site.admin_view
        return [
            path("kept/", wrap(self.page_view), name="ecommerce_comms_kept"),
            path("kept/table.csv", wrap(self.file_view), name="ecommerce_comms_kept_file"),
            *super().get_urls(),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may read promises may know whether they are kept."""
        return super().has_view_permission(request, obj) or request.user.has_perm(MAY_SEE)

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """The page's links may also leave out what was cancelled."""
        return lookup == "order__cancelled_at__isnull" or super().lookup_allowed(lookup, value, request)

    def page_view(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        names, now, form = self._opened(request)
        grouping, chosen = form.chosen()
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Promises kept"), "form": form,
            "address": request.GET.urlencode(), **page.build(grouping, chosen, names, now, first_open(now)),
        }
        return TemplateResponse(request, "ecommerce_comms/admin/kept.html", context)

    def file_view(self, request: HttpRequest) -> HttpResponse:
        """The table of the page as CSV, with all its rows."""
        names, _now, form = self._opened(request)
        grouping, chosen = form.chosen()
        response = HttpResponse(content_type="text/csv; charset=utf-8", headers={
            "Content-Disposition": f'attachment; filename="promises-kept-by-{grouping}.csv"', "X-Content-Type-Options": "nosniff",
        })
        # Spreadsheets take a file without this mark for one in an old encoding.
        response.write("\ufeff")
        lines = page.table(grouping, kept.of(grouping, chosen), names)
        csv.writer(response).writerows([_harmless(cell) for cell in line] for line in lines)
        return response

    def _opened(self, request: HttpRequest) -> tuple[Names, Any, ChoiceForm]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        names, now = Names.read(), clock.now()
        return names, now, ChoiceForm(request.GET, here(now).date(), names)


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULAS) else cell
