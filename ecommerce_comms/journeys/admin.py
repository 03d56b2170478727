"""The order's page with its timeline, and the rules."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.conf import conf
from ecommerce_comms.journeys.models import Rule
from ecommerce_comms.journeys.rules import SPECS
from ecommerce_comms.journeys.timeline import entries, travelling
from ecommerce_comms.messaging.editing import linting
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.speaking import rendering
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.admin import ReadOnlyAdmin
from ecommerce_comms.orders.models import Order


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """What happened, what was promised, what was said or not, and why: on one page."""

    list_display = ("__str__", "customer", "status", "placed_at", "delivered_at", "delayed_at", "language")
    # No date_hierarchy: it fails on a MariaDB into which nobody has loaded the time zones.
    list_filter = ("status", "placed_at", ("delayed_at", admin.EmptyFieldListFilter), "language")
    search_fields = ("number", "reference", "customer__email", "parcels__tracking_number")
    list_select_related = ("customer",)
    show_full_result_count = False
    readonly_fields = ("timeline",)
    fieldsets: ClassVar = [
        (None, {"fields": ("number", "customer", "status")}),
        (_("What happened, what was promised, what was said"), {"fields": ("timeline",)}),
        (_("Kept as it was when the order came in"), {
            "classes": ("collapse",), "fields": ("reference", "site", "language", "time_zone", "currency"),
        }),
        (_("State"), {"classes": ("collapse",), "fields": (
            "placed_at", "paid_at", "processed_at", "delivered_at", "delayed_at", "cancelled_at", "refunded_at",
            "return_requested_at", "return_received_at", "disputed",
        )}),
    ]

    @admin.display(description=_("Timeline"))
    def timeline(self, order: Order) -> SafeString:
        """Events, promises and messages in one list."""
        return render_to_string("ecommerce_comms/admin/timeline.html", {"entries": entries(order), "parcels": travelling(order)})


@admin.register(Rule)
class RuleAdmin(admin.ModelAdmin):
    """Each message can be switched off, or made to wait."""

    list_display = ("__str__", "example", "set_off_by", "is_active", "delay_hours", "words")
    list_editable = ("is_active", "delay_hours")
    list_display_links = ("__str__",)
    fields = ("__str__", "example", "set_off_by", "is_active", "delay_hours")
    readonly_fields = ("__str__", "example", "set_off_by")
    ordering = ("pk",)

    @admin.display(description=_("for example"))
    def example(self, rule: Rule) -> str:
        """The subject line as a customer would read it."""
        if rule.kind not in texts.KINDS:
            return "–"
        language = texts.best_language(conf.language)
        own = Template.objects.filter(kind=rule.kind, language=language, is_active=True).first()
        return rendering.render(rule.kind, language, linting.SAMPLE, time_zone=conf.time_zone, own=own).subject

    @admin.display(description=_("own words"))
    def words(self, rule: Rule) -> SafeString:
        """Where to write the message in the shop's own words, a link for each language."""
        links = [(reverse("admin:ecommerce_comms_template_edit", args=[rule.kind, tag]), tag) for tag in texts.languages()]
        return format_html_join(" · ", '<a href="{}">{}</a>', links)

    @admin.display(description=_("sent after"))
    def set_off_by(self, rule: Rule) -> str:
        """The event that sets it off, in words."""
        spec = SPECS.get(rule.kind)
        if spec is None:
            return "–"
        words = spec.trigger.replace("_", " ")
        return _("%(event)s, for the last parcel") % {"event": words} if spec.follow_up else words

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Each kind has its row already."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Switching off is enough."""
        return False
