"""The page that shows what was learnt from the shop's own deliveries."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.orders.admin import ReadOnlyAdmin
from ecommerce_comms.shipping.learning import nights
from ecommerce_comms.shipping.learning.learner import is_possible
from ecommerce_comms.shipping.learning.words import figures_in_words, how_good
from ecommerce_comms.shipping.models import Knowledge


@admin.register(Knowledge)
class KnowledgeAdmin(ReadOnlyAdmin):
    """What arrival dates are made from, and how good they were."""

    list_display = ("learnt", "parcels", "said_of_promises")
    list_display_links = ("learnt",)
    readonly_fields = ("said_of_promises", "took")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without the engine's states, which are long and for machines."""
        return super().get_queryset(request).defer("state")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What a merchant may want to know."""
        return ["learnt_at", "until", "parcels", "said_of_promises", "took"]

    def get_urls(self) -> list[URLPattern]:
        """The button that asks for a lesson."""
        ask = path("learn/", self.admin_site.admin_view(self.learn_view), name="ecommerce_comms_learn")
        return [ask, *super().get_urls()]

    @admin.display(description=_("learnt"), ordering="pk")
    def learnt(self, row: Knowledge) -> Any:
        """When, or what it waits for."""
        return row.learnt_at or (_("being learnt") if row.started_at else _("waits; it is learnt within a minute or two"))

    @admin.display(description=_("how good the promises were"))
    def said_of_promises(self, row: Knowledge) -> str:
        """In words."""
        return how_good(row) if row.learnt_at else ""

    @admin.display(description=_("took"))
    def took(self, row: Knowledge) -> str:
        """How long it was learnt."""
        return _("%(seconds).1f seconds") % {"seconds": row.seconds}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with the button for those who may press it."""
        context = {"may_act": self.has_act_permission(request), "is_possible": is_possible(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One lesson, with its figures in words."""
        row = self.get_object(request, object_id)
        context = {"sections": figures_in_words(row) if row else [], **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def learn_view(self, request: HttpRequest) -> HttpResponse:
        """Have it learnt by the next sweep: no request waits for that."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_act_permission(request):
            raise PermissionDenied
        if is_possible():
            nights.ask(clock.now())
            self.message_user(request, _("It begins within a minute. Load this page again after that."))
        else:
            self.message_user(request, _("numpy is missing: ask your developers to install it."), messages.ERROR)
        return HttpResponseRedirect(reverse("admin:ecommerce_comms_knowledge_changelist", current_app=self.admin_site.name))
