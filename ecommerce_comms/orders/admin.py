"""Events, for whoever wants to know what the app was told."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ecommerce_comms import clock
from ecommerce_comms.orders.models import OrderEvent


class ReadOnlyAdmin(admin.ModelAdmin):
    """A page to look at: rows are made by the app, never by hand."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Every field, and what the class adds."""
        return [field.name for field in self.opts.fields if field.editable] + [str(name) for name in self.readonly_fields]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Nobody adds rows by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody rewrites what happened, so the page has no button to save."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes what happened."""
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether the page's actions are offered: to whoever might change the rows if they could be changed."""
        return request.user.has_perm(f"{self.opts.app_label}.{get_permission_codename('change', self.opts)}")


@admin.register(OrderEvent)
class OrderEventAdmin(ReadOnlyAdmin):
    """What the shop, the carriers and the app itself told."""

    list_display = ("kind", "order_number", "occurred_at", "source", "state", "error")
    list_filter = ("state", "occurred_at", "kind", "source")
    search_fields = ("order_reference", "order__number", "event_key")
    list_select_related = ("order",)
    show_full_result_count = False
    actions = ("process_again",)

    @admin.display(description=_("order"), ordering="order_reference")
    def order_number(self, event: OrderEvent) -> str:
        """As the customer knows it."""
        return str(event.order or event.order_reference)

    @admin.action(description=_("Process again what was given up"), permissions=["act"])
    def process_again(self, request: HttpRequest, queryset: QuerySet[OrderEvent]) -> None:
        """Give events that were given up another chance; the next sweep takes them."""
        count = queryset.filter(state=OrderEvent.State.FAILED).update(state=OrderEvent.State.NEW, attempts=0, next_try_at=clock.now())
        text = ngettext("%d event will be processed again.", "%d events will be processed again.", count) % count
        self.message_user(request, text, messages.SUCCESS)
