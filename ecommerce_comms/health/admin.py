"""The health page. In the admin's index it stands in the place of the list of workers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.health.figures import collect
from ecommerce_comms.health.lights import lights, span, worst
from ecommerce_comms.health.workers import shown
from ecommerce_comms.messaging.models import Message, Pause, Worker
from ecommerce_comms.orders.admin import ReadOnlyAdmin


@admin.register(Worker)
class HealthAdmin(ReadOnlyAdmin):
    """Whether the mail flows, and what to do if it does not."""

    def get_urls(self) -> list[URLPattern]:
        """The page under its own name, and the button that lifts a pause."""
        wrap = self.admin_site.admin_view
        return [
            path("health/", wrap(self.changelist_view), name="ecommerce_comms_health"),
            path("health/lift/<str:lane>/", wrap(self.lift_view), name="ecommerce_comms_lift"),
            *super().get_urls(),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may read messages may know whether they leave."""
        return super().has_view_permission(request, obj) or request.user.has_perm("ecommerce_comms.view_message")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The lights, and the figures behind them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        figures = collect()
        found = lights(figures)
        failures = [(reason, Message.Reason(reason).label, count) for reason, count in figures.failures.items()]
        at_work, over = ([(row, span(row.seen_seconds)) for row in rows] for rows in shown(figures))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Health of the mail"),
            "figures": figures, "lights": found, "worst": worst(found), "failures": failures, "workers": at_work, "over": over,
            "may_lift": request.user.has_perm("ecommerce_comms.change_pause"),
            "may_act": request.user.has_perm("ecommerce_comms.change_message"), **(extra_context or {}),
        }
        return TemplateResponse(request, "ecommerce_comms/admin/health.html", context)

    def lift_view(self, request: HttpRequest, lane: str) -> HttpResponse:
        """Let a lane send again."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("ecommerce_comms.change_pause"):
            raise PermissionDenied
        if Pause.objects.filter(lane=lane).delete()[0]:
            self.message_user(request, _("The pause is lifted; messages leave again."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:ecommerce_comms_health", current_app=self.admin_site.name))
