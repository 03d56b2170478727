"""One delay for many orders: chosen, looked at, confirmed, followed, and stopped if need be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.masking import mask
from ecommerce_comms.shipping.admin.declared_form import DeclaredDelayForm
from ecommerce_comms.shipping.delays import declaring
from ecommerce_comms.shipping.models import DeclaredDelay

if TYPE_CHECKING:
    DeclaredPage = admin.ModelAdmin[DeclaredDelay]
else:
    DeclaredPage = admin.ModelAdmin
State = DeclaredDelay.State
PERMISSION = "ecommerce_comms.declare_delay"
PER_PAGE = 50


@admin.register(DeclaredDelay)
class DeclaredDelayAdmin(DeclaredPage):
    """Nobody is told before the merchant has seen who, what, and who not."""

    form = DeclaredDelayForm
    list_display = ("name", "state", "to_tell", "told", "begins_at", "ended_at", "made_by", "look")
    list_filter = ("state",)
    list_select_related = ("made_by",)
    ordering = ("-made_at", "-pk")

    def get_fieldsets(self, request: HttpRequest, obj: DeclaredDelay | None = None) -> Any:
        """Who, what, and why."""
        return (
            (None, {"fields": ("name",)}),
            (_("Which orders"), {
                "fields": (
                    "warehouse", "carrier", "service", ("country", "region"), "sku", ("ordered_from", "ordered_until"), "numbers", "file",
                ),
                "description": _("All that you fill in must be true of an order. Before anybody is told, you see who is meant."),
            }),
            (_("What they are told"), {
                "fields": ("later_days", "new_date", "why", "reason", *self.form.language_fields(), "tell_again"),
            }),
        )

    def get_form(self, request: HttpRequest, obj: DeclaredDelay | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Fields that are no columns are the form's own affair."""
        return super().get_form(request, obj, change, **{**kwargs, "fields": self.form.Meta.fields})

    def get_urls(self) -> list[URLPattern]:
        """The page on which it is looked at, confirmed and stopped."""
        look = path("<int:pk>/look/", self.admin_site.admin_view(self.look_view), name="ecommerce_comms_declareddelay_look")
        return [look, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """It tells many customers at once, so it is a right of its own."""
        return request.user.has_perm(PERMISSION)

    def has_change_permission(self, request: HttpRequest, obj: DeclaredDelay | None = None) -> bool:
        """Until it is confirmed; after that it is a record."""
        return request.user.has_perm(PERMISSION) and (obj is None or obj.state == State.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: DeclaredDelay | None = None) -> bool:
        """A draft may go; of what was told the record stays."""
        return obj is not None and obj.state == State.DRAFT and request.user.has_perm(PERMISSION)

    def has_view_permission(self, request: HttpRequest, obj: DeclaredDelay | None = None) -> bool:
        """Whoever may declare one may read all."""
        return request.user.has_perm(PERMISSION) or super().has_view_permission(request, obj)

    @admin.display(description=_("who"))
    def look(self, declared: DeclaredDelay) -> Any:
        """To its own page."""
        title = _("Look and decide") if declared.state == State.DRAFT else _("Progress")
        return format_html('<a href="{}">{}</a>', self._look_url(declared), title)

    def save_model(self, request: HttpRequest, obj: DeclaredDelay, form: Any, change: bool) -> None:
        """With whose it is."""
        if not change:
            obj.made_by_id = request.user.pk
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: DeclaredDelay, post_url_continue: str | None = None) -> HttpResponse:
        """On to who is meant."""
        return HttpResponseRedirect(self._look_url(obj))

    def response_change(self, request: HttpRequest, obj: DeclaredDelay) -> HttpResponse:
        """On to who is meant."""
        return HttpResponseRedirect(self._look_url(obj))

    def look_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who is told what, who is left out and why; with the buttons that confirm and stop."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        declared = get_object_or_404(DeclaredDelay, pk=pk)
        if request.method == "POST":
            self._decide(request, declared)
            return HttpResponseRedirect(self._look_url(declared))
        return TemplateResponse(request, "ecommerce_comms/admin/declared.html", {
            **self.admin_site.each_context(request), "opts": self.opts, "title": declared.name, "declared": declared,
            "is_going": declared.state in (State.WAITING, State.TELLING), **self._shown(request, declared),
        })

    def _shown(self, request: HttpRequest, declared: DeclaredDelay) -> dict[str, Any]:
        if declared.state != State.DRAFT:
            return {}
        found = declaring.preview(declared, clock.now())
        left_out = [(declaring.WHY_NOT[name], count) for name, count in found.left_out.most_common()]
        rows = [(each, mask(each.order.as_snapshot.customer.email)) for each in found.listed]
        return {"found": found, "left_out": left_out, "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))}

    def _decide(self, request: HttpRequest, declared: DeclaredDelay) -> None:
        if "stop" in request.POST:
            if declaring.stop(declared, clock.now()):
                self.message_user(request, _("Stopped: nobody else is told."), messages.SUCCESS)
        elif "confirm" in request.POST and declaring.confirm(declared, clock.now()):
            self.message_user(request, _("Confirmed. The first customers are told in ten minutes; until then you can stop all of it."),
                              messages.SUCCESS)

    def _look_url(self, declared: DeclaredDelay) -> str:
        return reverse("admin:ecommerce_comms_declareddelay_look", args=[declared.pk], current_app=self.admin_site.name)
