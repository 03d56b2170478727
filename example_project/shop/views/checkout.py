"""Checkout in two pages: who and where; then how it is sent and paid."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ecommerce_comms.shipping.options import Option, quote
from example_project.shop import services
from example_project.shop.basket import Basket
from example_project.shop.destinations import destination_of, details_of, remember
from example_project.shop.forms import AddressForm, DeliveryForm
from example_project.shop.models import Order

PAY: dict[str, Callable[[Order], None]] = {
    "now": services.pay,
    "refused": lambda order: services.refuse_payment(order, _("The bank did not accept the card.")),
    "later": lambda order: None,
}


@require_http_methods(["GET", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    """Who orders, and where it goes."""
    basket = Basket(request)
    if not basket.lines:
        return redirect("shop:basket")
    form = AddressForm(request.POST or None, initial=details_of(request) or _known(request))
    if request.method == "POST" and form.is_valid():
        remember(request, form.cleaned_data)
        return redirect("shop:checkout-delivery")
    return render(request, "shop/checkout.html", {"basket": basket, "form": form})


@require_http_methods(["GET", "POST"])
def delivery(request: HttpRequest) -> HttpResponse:
    """Which option, which payment; then the order is placed."""
    basket, details = Basket(request), details_of(request)
    if not basket.lines or not details:
        return redirect("shop:checkout" if basket.lines else "shop:basket")
    options = quote(destination_of(request), lines=basket.as_snapshots())
    form = DeliveryForm(request.POST or None, initial={"payment": "now"})
    chosen = request.POST.get("shipping_option") or (options[0].code if options else "")
    option = {option.code: option for option in options}.get(chosen)
    if request.method == "POST" and option and form.is_valid():
        if form.cleaned_data["shown"] in ("", shown(options)):
            return _place(request, basket, option, form.cleaned_data["payment"])
        messages.warning(request, _("The arrival dates have just changed. Please look at them once more."))
    return render(request, "shop/delivery.html", {
        "basket": basket, "form": form, "options": options, "chosen": chosen, "details": details, "shown": shown(options),
    })


def shown(options: list[Option]) -> str:
    """The windows of ``options`` in one line, to find out later whether they are still the same."""
    return " ".join(f"{option.code}:{option.earliest}:{option.latest}:{option.price}" for option in options)


def _place(request: HttpRequest, basket: Basket, option: Option, payment: str) -> HttpResponse:
    user = request.user if request.user.is_authenticated else None
    order = services.place_order(details_of(request), basket.lines, option, language=get_language() or "en", user=user)
    basket.empty()
    PAY[payment](order)
    return redirect("shop:thanks", token=order.token)


def _known(request: HttpRequest) -> dict[str, str]:
    """What the account knows already."""
    user = request.user
    if not user.is_authenticated:
        return {}
    last = Order.objects.filter(user=user).first()
    names = AddressForm.base_fields.keys() - {"offers", "gift_name", "gift_email"}  # asked anew each time
    known = {name: getattr(last, name) for name in names} if last else {}
    return {"email": user.email, "first_name": user.first_name, "last_name": user.last_name, **known}
