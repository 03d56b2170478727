"""Customers as the shop told of them.

What they agreed to, and the addresses to which nothing is sent, stand in ``messaging.admin.addresses``: there it is known to which
order an address belongs.
"""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.customers import choices
from ecommerce_comms.customers.models import Customer


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    """Who orders."""

    list_display = ("__str__", "email", "language", "created_at")
    search_fields = ("email", "first_name", "last_name", "reference")
    list_filter = ("language",)
    show_full_result_count = False
    fields = ("reference", "email", "phone", "first_name", "last_name", "language", "time_zone", "wanted", "call_times", "created_at")
    readonly_fields = ("reference", "wanted", "created_at")

    @admin.display(description=_("how they want to be told"))
    def wanted(self, customer: Customer) -> str:
        """For each topic the channels in the order preferred, and when and where that was chosen."""
        said = (_chosen(customer, topic, words) for topic, words in TOPICS.items() if topic in customer.channels)
        return "; ".join(said) or str(_("never asked"))


TOPICS = {choices.ORDERS: _("orders"), choices.OFFERS: _("offers")}


def _chosen(customer: Customer, topic: str, words: object) -> str:
    listed = ", ".join(map(choices.in_words, customer.channels[topic])) or str(_("nothing"))
    told = customer.chosen.get(topic, {})
    where = " ".join(part for part in (told.get("where", ""), told.get("at", "")[:10], told.get("by", "")) if part)
    return f"{words}: {listed}" + (f" ({where})" if where else "")
