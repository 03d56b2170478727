"""What somebody may do with texts."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

VIEW, CHANGE, PUBLISH = (f"ecommerce_comms.{verb}_template" for verb in ("view", "change", "publish"))
SEE_ORDERS = "ecommerce_comms.view_order"


@dataclass(frozen=True)
class Rights:
    """Of one user."""

    may_view: bool
    may_change: bool
    """Save drafts, and send tests to oneself."""
    may_publish: bool
    may_see_orders: bool
    """Preview with orders that exist: they show a customer's name and address."""

    @classmethod
    def of(cls, request: HttpRequest) -> Rights:
        """What the user of ``request`` may do."""
        has = request.user.has_perm
        return cls(has(VIEW) or has(CHANGE), has(CHANGE), has(PUBLISH), has(SEE_ORDERS))

    def need(self, verb: str) -> None:
        """Raise ``PermissionDenied`` (403) unless the user ``may_`` do ``verb``."""
        if not getattr(self, f"may_{verb}"):
            raise PermissionDenied(_("You are not allowed to do this with message texts."))
