"""Conversations, to read: what was said to a customer, and by whom."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.chat.models import ChatMessage, Conversation
from ecommerce_comms.orders.admin import ReadOnlyAdmin

SHOWN = 500
"""Lines of a conversation that its page shows, the newest ones."""


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """Who was spoken to, and every line."""

    list_display = ("__str__", "language", "last_number", "last_at", "created_at", "closed_at")
    list_filter = ("last_at", ("closed_at", admin.EmptyFieldListFilter), "language")
    search_fields = ("customer__email", "customer__first_name", "customer__last_name", "customer__reference")
    list_select_related = ("customer",)
    show_full_result_count = False
    ordering = ("-last_at", "-pk")
    readonly_fields = ("transcript",)
    fieldsets: ClassVar = [
        (None, {"fields": ("customer", "language", "created_at", "closed_at")}), (_("What was said"), {"fields": ("transcript",)}),
    ]

    @admin.display(description=_("What was said"))
    def transcript(self, conversation: Conversation) -> SafeString:
        """Every line, the oldest first."""
        lines = ChatMessage.objects.filter(conversation=conversation).select_related("agent").order_by("-number")[:SHOWN]
        shown = list(reversed(lines))
        context = {"lines": shown, "cut": shown[0].number - 1 if shown else 0}
        return render_to_string("ecommerce_comms/admin/transcript.html", context)
