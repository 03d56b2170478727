"""Events, for whoever wants to know what the app was told."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ecommerce_comms.orders.models import OrderEvent


class ReadOnlyAdmin(admin.ModelAdmin):
    """A page to look at: rows are made by the app, never by hand."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Every field, and what the class adds."""
        return [field.name for field in self.opts.fields if field.editable] + [str(name) for name in self.readonly_fields]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Nobody adds rows by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes what happened."""
        return False


@admin.register(OrderEvent)
class OrderEventAdmin(ReadOnlyAdmin):
    """What the shop, the carriers and the app itself told."""

    list_display = ("kind", "order_reference", "occurred_at", "source", "state", "error")
    list_filter = ("state", "kind", "source")
    search_fields = ("order_reference", "event_key")
    show_full_result_count = False
    actions = ("process_again",)

    @admin.action(description=_("Process again"))
    def process_again(self, request: HttpRequest, queryset: QuerySet[OrderEvent]) -> None:
        """Give events that were given up another chance; the next sweep takes them."""
        count = queryset.filter(state=OrderEvent.State.FAILED).update(state=OrderEvent.State.NEW, attempts=0)
        text = ngettext("%d event will be processed again.", "%d events will be processed again.", count) % count
        self.message_user(request, text, messages.SUCCESS)
