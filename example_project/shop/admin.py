"""The shop's own rows in the admin."""

from __future__ import annotations

from django.contrib import admin

from example_project.shop.models import Order, OrderItem, Product


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    """Products."""

    list_display = ("title_en", "category", "price")
    list_filter = ("category",)
    search_fields = ("title_en", "slug")


class OrderItemInline(admin.TabularInline):
    """Lines of an order."""

    model = OrderItem
    extra = 0


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    """Orders; the buttons that send facts are on the staff pages."""

    list_display = ("number", "full_name", "status", "placed_at", "promised_latest")
    list_filter = ("status", "country", "language")
    search_fields = ("=pk", "email", "last_name")
    inlines = (OrderItemInline,)
