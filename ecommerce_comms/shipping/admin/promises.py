"""The ledger of promises, to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from ecommerce_comms.shipping.models import Promise

if TYPE_CHECKING:
    PromisePage = admin.ModelAdmin[Promise]
else:
    PromisePage = admin.ModelAdmin


@admin.register(Promise)
class PromiseAdmin(PromisePage):
    """What customers were told about arrivals: a ledger, to be read and not to be changed."""

    list_display = ("order", "parcel", "earliest", "latest", "revision", "source", "made_at", "is_open", "kept")
    list_filter = ("is_open", "kept", "source")
    list_select_related = ("order", "parcel")
    search_fields = ("order__number", "order__reference", "parcel__tracking_number")
    ordering = ("-made_at", "-pk")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Promises come from orders, never from a form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Promise | None = None) -> bool:
        """What was told cannot be untold."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Promise | None = None) -> bool:
        """A ledger keeps its rows."""
        return False
