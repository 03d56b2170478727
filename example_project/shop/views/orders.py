"""An order's pages: its unguessable address is the key, so guests need no account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from example_project.shop import services
from example_project.shop.models import Order, Parcel


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The orders of the account."""
    orders = Order.objects.filter(user=request.user.pk).prefetch_related("items")
    return render(request, "shop/account/orders.html", {"orders": orders})


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """One order: state, window, parcels."""
    return render(request, "shop/order.html", _context(token))


@require_safe
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """Right after ordering."""
    return render(request, "shop/thanks.html", _context(token))


@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """Pay for an order that is not paid yet: the mail about a refused card leads here."""
    order = get_object_or_404(Order, token=token)
    if request.method == "POST":
        return _do(request, order, services.pay, _("Thank you. Your payment has arrived."))
    return render(request, "shop/pay.html", {"order": order}) if order.is_unpaid else redirect(order)


@require_POST
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """The customer changed their mind, before anything was sent."""
    order = get_object_or_404(Order, token=token)
    return _do(request, order, lambda order: services.cancel(order, _("You asked us to.")), _("Your order is cancelled."))


@require_POST
def send_back(request: HttpRequest, token: str) -> HttpResponse:
    """The customer wants to send something back."""
    order = get_object_or_404(Order, token=token)
    return _do(request, order, services.request_return, _("We have sent you the steps for your return."))


@require_safe
def track(request: HttpRequest, number: str) -> HttpResponse:
    """The carrier's own page about a parcel."""
    parcel = get_object_or_404(Parcel.objects.select_related("order"), tracking_number=number)
    return render(request, "shop/track.html", {"parcel": parcel, "scans": parcel.scans.all()})


def _context(token: str) -> dict[str, Any]:
    order = get_object_or_404(Order, token=token)
    parcels = order.parcels.prefetch_related("items__item", "scans")
    return {"order": order, "items": order.items.all(), "parcels": parcels, "can_cancel": order.status in services.POSSIBLE["cancel"],
            "can_return": order.status in services.POSSIBLE["request_return"] and not order.return_status}


def _do(request: HttpRequest, order: Order, verb: Callable[[Order], None], done: str) -> HttpResponse:
    try:
        verb(order)
        messages.success(request, done)
    except services.NotPossible as refusal:
        messages.error(request, str(refusal))
    return redirect(order)
