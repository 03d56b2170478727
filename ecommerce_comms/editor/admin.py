"""The merchant's own texts in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from ecommerce_comms.editor import asking, kinds, past
from ecommerce_comms.editor.rights import Rights
from ecommerce_comms.editor.table import table
from ecommerce_comms.editor.writing import Desk
from ecommerce_comms.messaging.models import Template


@admin.register(Template)
class TemplateAdmin(admin.ModelAdmin):
    """A table of all texts, an editor for each, and its history. What customers get is only ever changed by publishing."""

    def get_urls(self) -> list[URLPattern]:
        """The pages of a text go by its kind and language, since a built-in one has no row."""
        wrap = self.admin_site.admin_view
        own = (("edit/", self.edit_view, "edit"), ("preview/", self.preview_view, "preview"), ("history/", self.past_view, "history_page"),
               ("history/<int:number>/use/", self.use_view, "use"))
        return [
            *(path(f"<str:kind>/<str:language>/{end}", wrap(never_cache(view)), name=f"ecommerce_comms_template_{name}")
              for end, view, name in own),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The table."""
        Rights.of(request).need("view")
        context = {**self._common(request), "title": _("Message texts"), "table": table(), **(extra_context or {})}
        return TemplateResponse(request, "ecommerce_comms/editor/table.html", context)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The editor of the kind and language that the address asks for, or else the table."""
        Rights.of(request).need("change")
        kind, language = request.GET.get("kind", ""), request.GET.get("language", "")
        if kind in kinds.kinds() and language in kinds.languages():
            return HttpResponseRedirect(reverse("admin:ecommerce_comms_template_edit", args=[kind, language]))
        return HttpResponseRedirect(reverse("admin:ecommerce_comms_template_changelist"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The editor of the row."""
        Rights.of(request).need("view" if request.method in ("GET", "HEAD") else "change")
        template = self.get_object(request, object_id)
        if template is None:
            raise Http404
        return HttpResponseRedirect(reverse("admin:ecommerce_comms_template_edit", args=[template.kind, template.language]))

    def edit_view(self, request: HttpRequest, kind: str, language: str) -> HttpResponse:
        """The editor."""
        self._check(kind, language)
        desk = Desk(request, self._common(request), kind, language)
        return desk.act() if request.method == "POST" else desk.page()

    def preview_view(self, request: HttpRequest, kind: str, language: str) -> HttpResponseBase:
        """Preview and complaints as JSON."""
        self._check(kind, language)
        return asking.answer(request, kind, language) if request.method == "POST" else HttpResponseNotAllowed(["POST"])

    def past_view(self, request: HttpRequest, kind: str, language: str) -> HttpResponse:
        """The history."""
        self._check(kind, language)
        return past.page(request, self._common(request), kind, language)

    def use_view(self, request: HttpRequest, kind: str, language: str, number: int) -> HttpResponseBase:
        """Use an old version again."""
        self._check(kind, language)
        return past.use(request, kind, language, number) if request.method == "POST" else HttpResponseNotAllowed(["POST"])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Using the built-in text again is enough, and keeps every version."""
        return False

    def _common(self, request: HttpRequest) -> dict[str, Any]:
        # The texts need the whole width.
        return {**self.admin_site.each_context(request), "opts": self.opts, "is_nav_sidebar_enabled": False}

    def _check(self, kind: str, language: str) -> None:
        if kind not in kinds.kinds():
            raise Http404(_("There is no message called “%s”.") % kind)
        if language not in kinds.languages():
            raise Http404(_("There are no texts in the language “%s”.") % language)
