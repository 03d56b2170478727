"""Customers as the shop told of them.

What they agreed to, and the addresses to which nothing is sent, stand in ``messaging.admin.addresses``: there it is known to which
order an address belongs.
"""

from __future__ import annotations

from django.contrib import admin

from ecommerce_comms.customers.models import Customer


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    """Who orders."""

    list_display = ("__str__", "email", "language", "created_at")
    search_fields = ("email", "first_name", "last_name", "reference")
    list_filter = ("language",)
    show_full_result_count = False
    readonly_fields = ("reference", "created_at")
