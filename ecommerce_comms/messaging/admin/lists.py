"""A first page that comes at once, however long the table is, and a search that uses its indexes."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property

from ecommerce_comms.customers.hashing import address_hashes
from ecommerce_comms.orders.models import Order, Parcel

MOST = 10_000
"""Rows beyond this are not counted; nobody turns a hundred pages."""


class ShortPaginator(Paginator):
    """Counts up to ``MOST`` and one."""

    @cached_property
    def count(self) -> int:
        """How many rows there are; ``MOST + 1`` means more than ``MOST``."""
        rows = cast(QuerySet[Any], self.object_list)
        return rows[: MOST + 1].count()


def found(term: str) -> Q:
    """Messages about ``term``: an address, an order or tracking number, a Message-ID or a provider's number, each written in full."""
    term = term.strip().strip("<>")
    forms = list({term, term.upper(), term.lower()})
    orders = {*Order.objects.filter(number__in=forms).values_list("pk", flat=True)[:100],
              *Parcel.objects.filter(tracking_number__in=forms).values_list("order_id", flat=True)[:100]}
    # Keys instead of a subquery: only then PostgreSQL combines the indexes of an OR.
    matches = Q(message_id__in=forms) | Q(provider_message_id__in=forms)
    if orders:
        matches |= Q(order_id__in=orders)
    if "@" in term or _is_number(term):
        matches |= Q(recipient_hash__in=[each for each in address_hashes(term) if each])
    return matches


def _is_number(term: str) -> bool:
    return len(term) > 6 and all(sign.isdigit() or sign in "+-() /." for sign in term)
