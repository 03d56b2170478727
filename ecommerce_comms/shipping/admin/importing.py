"""The page on which sheets come in and go out: choose a file, see what it would change, confirm."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecommerce_comms.shipping.sheets.base import Plan, Sheet
from ecommerce_comms.shipping.sheets.kinds import SHEETS
from ecommerce_comms.shipping.sheets.reading import MOST_BYTES, decode

SHOWN = 50
"""So many changes, or problems, are listed."""


class FileForm(forms.Form):
    """A file, and whether it is everything."""

    file = forms.FileField(label=gettext_lazy("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))
    remove = forms.BooleanField(label=gettext_lazy("Remove what the file does not name"), required=False)


class ConfirmForm(forms.Form):
    """The same file again, as text, and what was shown."""

    text = forms.CharField(widget=forms.HiddenInput, max_length=MOST_BYTES, strip=False)
    remove = forms.BooleanField(widget=forms.HiddenInput, required=False)
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)


def sheets_view(page: Any, request: HttpRequest, name: str = "") -> HttpResponse:
    """The list of sheets, or the page of one; ``page`` is the ``WarehouseAdmin``."""
    if not name:
        allowed = [sheet for sheet in SHEETS.values() if _may(request, sheet, "view")]
        if not allowed:
            raise PermissionDenied
        return _shown(page, request, _("Set up shipping by CSV"), {"sheets": allowed})
    sheet = _sheet(request, name, "view")
    if request.method != "POST":
        return _page(page, request, sheet)
    needed = ("add", "change", "delete") if "remove" in request.POST else ("add", "change")
    if not all(_may(request, sheet, verb) for verb in needed):
        raise PermissionDenied
    return _confirm(page, request, sheet) if "digest" in request.POST else _preview(page, request, sheet)


def export_view(request: HttpRequest, name: str) -> HttpResponse:
    """The sheet as a file."""
    sheet = _sheet(request, name, "view")
    response = HttpResponse(sheet.export(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{sheet.name}.csv"'
    return response


def _preview(page: Any, request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """What the file would change."""
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(page, request, sheet, form)
    try:
        text = decode(form.cleaned_data["file"].read(MOST_BYTES + 1))
    except ValueError as error:
        form.add_error("file", str(error))
        return _page(page, request, sheet, form)
    return _plan_shown(page, request, sheet, text, form.cleaned_data["remove"])


def _confirm(page: Any, request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """Write what was shown, if it is still the same."""
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _page(page, request, sheet)
    text, remove = form.cleaned_data["text"], form.cleaned_data["remove"]
    plan = sheet.plan(text, remove=remove)
    if plan.problems or plan.digest != form.cleaned_data["digest"]:
        page.message_user(request, _("Something has changed in the meantime. Please look once more."), messages.WARNING)
        return _plan_shown(page, request, sheet, text, remove)
    sheet.apply(plan)
    told = {"new": len(plan.new), "changed": len(plan.changed), "removed": len(plan.removed)}
    page.message_user(request, _("Done: %(new)s new, %(changed)s changed, %(removed)s removed.") % told, messages.SUCCESS)
    return HttpResponseRedirect(reverse("admin:ecommerce_comms_sheet", args=[sheet.name], current_app=page.admin_site.name))


def _plan_shown(page: Any, request: HttpRequest, sheet: Sheet, text: str, remove: bool) -> HttpResponse:
    plan = sheet.plan(text, remove=remove)
    confirm = ConfirmForm(initial={"text": text, "remove": remove or None, "digest": plan.digest})
    return _page(page, request, sheet, plan=plan, confirm=confirm)


def _page(
    page: Any, request: HttpRequest, sheet: Sheet, form: FileForm | None = None, plan: Plan | None = None,
    confirm: ConfirmForm | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"sheet": sheet, "form": form or FileForm(), "plan": plan, "confirm": confirm, "most": SHOWN}
    if plan:
        changes = (("new", plan.new), ("changed", plan.changed), ("removed", plan.removed))
        context["lists"] = [(kind, each[:SHOWN], max(0, len(each) - SHOWN)) for kind, each in changes if each]
        context["problems"] = plan.problems[:SHOWN]
        context["more"] = max(0, len(plan.problems) - SHOWN)
    context["may_change"] = all(_may(request, sheet, verb) for verb in ("add", "change"))
    return _shown(page, request, sheet.title, context)


def _shown(page: Any, request: HttpRequest, title: Any, context: dict[str, Any]) -> HttpResponse:
    own = {**page.admin_site.each_context(request), "opts": page.opts, "title": title}
    return TemplateResponse(request, "ecommerce_comms/admin/sheets.html", own | context)


def _sheet(request: HttpRequest, name: str, verb: str) -> Sheet:
    sheet = SHEETS.get(name)
    if sheet is None:
        raise Http404
    if not _may(request, sheet, verb):
        raise PermissionDenied
    return sheet


def _may(request: HttpRequest, sheet: Sheet, verb: str) -> bool:
    # Parts of countries belong to their zone's page, and so do its rights.
    name = {"place": "zone", "rate": "service"}.get(str(sheet.model._meta.model_name), sheet.model._meta.model_name)
    return request.user.has_perm(f"ecommerce_comms.{verb}_{name}")
