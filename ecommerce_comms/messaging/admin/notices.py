"""What mail providers told, for whoever looks for a notice without a message."""

from __future__ import annotations

from django.contrib import admin

from ecommerce_comms.messaging.admin.lists import ShortPaginator
from ecommerce_comms.messaging.models import ProviderEvent
from ecommerce_comms.orders.admin import ReadOnlyAdmin


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnlyAdmin):
    """Notices as they came; those of a message stand on its page as well."""

    list_display = ("__str__", "message", "state", "occurred_at", "detail")
    list_filter = ("state", "kind")
    search_fields = ("provider_message_id__exact",)
    list_select_related = ("message",)
    ordering = ("-pk",)
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = ShortPaginator
