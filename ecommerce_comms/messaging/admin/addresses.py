"""Consents and suppressed addresses: kept without the address, shown with what tells a merchant whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_permission_codename
from django.db.models import Max, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ecommerce_comms.customers import suppressions
from ecommerce_comms.customers.hashing import address_hashes
from ecommerce_comms.customers.models import Consent, Suppression
from ecommerce_comms.masking import masked
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.kinds import in_words

_FOUND = "_comms_message"
"""Where a row of a list keeps the message that was found for it."""


def attach(rows: Sequence[Any]) -> None:
    """Find for each of ``rows`` the message that set it off, or else the newest one to its address; two or three queries in all."""
    uids = {uid for row in rows if (uid := _uid(row))}
    by_uid = {message.uid: message for message in _messages().filter(uid__in=uids)} if uids else {}
    hashes = {row.address_hash for row in rows if _uid(row) not in by_uid} - {""}
    newest = Message.objects.filter(recipient_hash__in=hashes).exclude(recipient="").order_by().values("recipient_hash")
    keys = list(newest.annotate(newest=Max("pk")).values_list("newest", flat=True)) if hashes else []
    by_hash = {message.recipient_hash: message for message in _messages().filter(pk__in=keys)} if keys else {}
    for row in rows:
        setattr(row, _FOUND, by_uid.get(_uid(row)) or by_hash.get(row.address_hash))


def _uid(row: Any) -> Any:
    """The message that a row names; a consent names none."""
    return getattr(row, "message_uid", None)


def _messages() -> QuerySet[Message]:
    return Message.objects.select_related("order").only("uid", "kind", "recipient", "recipient_hash", "order__number", "order__reference")


class WithMessages(ChangeList):
    """A page of rows, each with its message."""

    def get_results(self, request: HttpRequest) -> None:
        """The rows of the page; their messages are found together."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        attach(self.result_list)


class ByAddressAdmin(admin.ModelAdmin):
    """Rows that know an address by its hash alone: found by the whole address, changed by nobody."""

    search_fields = ("address_hash",)
    search_help_text = _("A whole e-mail address or phone number")
    show_full_result_count = False

    @admin.display(description=_("address"))
    def address(self, row: Any) -> str:
        """The address, masked, as far as it is known."""
        message = self._message(row)
        customer = getattr(row, "customer", None)
        known = (message and message.recipient) or (customer and customer.email) or ""
        return getattr(row, "shown", "") or masked(known) or str(_("not kept: only a fingerprint of it"))

    @admin.display(description=_("order"))
    def order(self, row: Any) -> str:
        """The number of the order about which the person was written to, as a way to its page."""
        message = self._message(row)
        return _way("order", message.order_id, str(message.order)) if message and message.order else "–"

    @admin.display(description=_("message"))
    def about(self, row: Any) -> str:
        """The message that led to it, or else the newest to this address, as a way to its story."""
        message = self._message(row)
        return _way("message", message.pk, in_words(message.kind)) if message else "–"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """A list that finds all its messages at once."""
        return WithMessages

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

    def _message(self, row: Any) -> Message | None:
        if not hasattr(row, _FOUND):
            attach([row])
        found: Message | None = getattr(row, _FOUND)
        return found


@admin.register(Consent)
class ConsentAdmin(ByAddressAdmin):
    """Every yes and no, with its proof; the newest of a person, channel and topic counts."""

    list_display = ("at", "address", "order", "channel", "topic", "granted", "where")
    list_filter = ("topic", "granted", "channel", "where")
    list_select_related = ("customer",)
    ordering = ("-at", "-pk")
    fields = (
        "address", "order", "customer", "channel", "topic", "granted", "at", "where", "words", "language", "by", "evidence", "recorded_at",
        "address_hash",
    )
    readonly_fields = ("address", "order")


@admin.register(Suppression)
class SuppressionAdmin(ByAddressAdmin):
    """Addresses to which nothing, or no advertising, is sent; and who allowed which of them again."""

    list_display = ("address", "order", "about", "channel", "scope", "reason", "since", "lifted_at", "lifted_by")
    list_filter = ("reason", "scope", "channel", ("lifted_at", admin.EmptyFieldListFilter))
    ordering = ("-since", "-pk")
    actions = ("allow_again",)
    fields = ("address", "order", "about", "channel", "scope", "reason", "since", "detail", "lifted_at", "lifted_by")
    readonly_fields = ("address", "order", "about")

    def has_lift_permission(self, request: HttpRequest) -> bool:
        """Whoever might change the rows, if they could be changed, may allow an address again."""
        return request.user.has_perm(f"{self.opts.app_label}.{get_permission_codename('change', self.opts)}")

    @admin.action(description=_("Allow this address again"), permissions=["lift"])
    def allow_again(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        """Lift the chosen suppressions; who did it stays written down."""
        count = sum(suppressions.lift(pk, request.user.get_username()) for pk in queryset.values_list("pk", flat=True))
        text = ngettext("%d address is allowed again.", "%d addresses are allowed again.", count) % count
        self.message_user(request, text, messages.SUCCESS)


def _way(model: str, pk: Any, words: str) -> str:
    return format_html('<a href="{}">{}</a>', reverse(f"admin:ecommerce_comms_{model}_change", args=[pk]), words)
