"""Customers as the shop told of them, what they agreed to, and the addresses to which nothing is sent."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ecommerce_comms.customers import suppressions
from ecommerce_comms.customers.hashing import address_hashes
from ecommerce_comms.customers.models import Consent, Customer, Suppression


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    """Who orders."""

    list_display = ("__str__", "email", "language", "created_at")
    search_fields = ("email", "first_name", "last_name", "reference")
    list_filter = ("language",)
    show_full_result_count = False
    readonly_fields = ("reference", "created_at")


class ByAddressAdmin(admin.ModelAdmin):
    """Rows that know an address by its hash alone: found by the whole address, changed by nobody."""

    search_fields = ("address_hash",)
    search_help_text = _("A whole e-mail address or phone number")
    show_full_result_count = False

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """The rows of the address that was typed in, however it is written."""
        return (queryset.filter(address_hash__in=address_hashes(search_term)) if search_term.strip() else queryset), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds a proof by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes a proof."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes a proof."""
        return False


@admin.register(Consent)
class ConsentAdmin(ByAddressAdmin):
    """Every yes and no, with its proof; the newest of a person, channel and topic counts."""

    list_display = ("at", "customer", "channel", "topic", "granted", "where")
    list_filter = ("topic", "granted", "channel", "where")
    list_select_related = ("customer",)
    ordering = ("-at", "-pk")
    fields = (
        "customer", "channel", "topic", "granted", "at", "where", "words", "language", "by", "evidence", "recorded_at", "address_hash",
    )


@admin.register(Suppression)
class SuppressionAdmin(ByAddressAdmin):
    """Addresses to which nothing, or no advertising, is sent; and who allowed which of them again."""

    list_display = ("shown", "channel", "scope", "reason", "since", "lifted_at", "lifted_by")
    list_filter = ("reason", "scope", "channel", ("lifted_at", admin.EmptyFieldListFilter))
    ordering = ("-since", "-pk")
    actions = ("allow_again",)
    fields = ("shown", "channel", "scope", "reason", "since", "detail", "lifted_at", "lifted_by")

    def has_lift_permission(self, request: HttpRequest) -> bool:
        """Whoever might change the rows, if they could be changed, may allow an address again."""
        return request.user.has_perm(f"{self.opts.app_label}.{get_permission_codename('change', self.opts)}")

    @admin.action(description=_("Allow this address again"), permissions=["lift"])
    def allow_again(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        """Lift the chosen suppressions; who did it stays written down."""
        count = sum(suppressions.lift(pk, request.user.get_username()) for pk in queryset.values_list("pk", flat=True))
        text = ngettext("%d address is allowed again.", "%d addresses are allowed again.", count) % count
        self.message_user(request, text, messages.SUCCESS)
