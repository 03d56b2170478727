"""The staff's pages: every button is one verb of ``services``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from ecommerce_comms import models as comms
from example_project.shop import services
from example_project.shop.forms import DelayForm, ReasonForm, RefundForm, SplitForm
from example_project.shop.models import Order, Parcel

Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Button:
    """A verb on a button, and what has to be filled in first."""

    label: str | Promise
    verb: str
    """The verb of ``services`` whose states decide whether the button is shown."""
    do: Callable[[Order, Values], Any]
    form: type[forms.Form] = forms.Form
    when: Callable[[Order], bool] = lambda order: True
    """What must be true of the order besides its state."""


BUTTONS: dict[str, Button] = {
    "pay": Button(label=_("Paid"), verb="pay", do=lambda order, values: services.pay(order)),
    "refuse-payment": Button(label=_("Payment refused"), verb="refuse_payment", form=ReasonForm,
                             do=lambda order, values: services.refuse_payment(order, values["reason"])),
    "prepare": Button(label=_("Prepare"), verb="prepare", do=lambda order, values: services.prepare(order)),
    "ship": Button(label=_("Ship everything in one parcel"), verb="ship", do=lambda order, values: services.ship(order)),
    "delay": Button(label=_("Tell a delay"), verb="delay", form=DelayForm,
                    do=lambda order, values: services.delay(order, **values)),
    "back-on-track": Button(label=_("Back on track"), verb="back_on_track", do=lambda order, values: services.back_on_track(order)),
    "cancel": Button(label=_("Cancel"), verb="cancel", form=ReasonForm,
                     do=lambda order, values: services.cancel(order, values["reason"])),
    "refund": Button(label=_("Refund"), verb="refund", form=RefundForm, when=lambda order: order.refunded < order.total,
                     do=lambda order, values: services.refund(order, values["amount"])),
    "request-return": Button(label=_("Return announced"), verb="request_return", when=lambda order: not order.return_status,
                             do=lambda order, values: services.request_return(order)),
    "receive-return": Button(label=_("Return received"), verb="receive_return",
                             when=lambda order: order.return_status == Order.Return.REQUESTED,
                             do=lambda order, values: services.receive_return(order)),
}
PARCEL_BUTTONS: dict[str, tuple[str | Promise, Callable[[Parcel], Any]]] = {
    "out-for-delivery": (_("Out for delivery"), services.out_for_delivery),
    "fail-delivery": (_("Nobody was there"), services.fail_delivery),
    "deliver": (_("Delivered"), services.deliver),
}


@staff_member_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The newest orders."""
    return render(request, "shop/staff/orders.html", {"orders": Order.objects.prefetch_related("parcels")[:100]})


@staff_member_required
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One order with everything that can be done now."""
    return _page(request, get_object_or_404(Order, pk=pk))


@staff_member_required
@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Press a button."""
    order = get_object_or_404(Order, pk=pk)
    if verb == "split":
        return _split(request, order)
    if verb in PARCEL_BUTTONS:
        parcel = get_object_or_404(order.parcels, tracking_number=request.POST.get("parcel", ""))
        return _try(request, order, lambda: PARCEL_BUTTONS[verb][1](parcel))
    if verb not in BUTTONS:
        raise Http404
    form = BUTTONS[verb].form(request.POST)
    if not form.is_valid():
        return _page(request, order, {verb: form})
    return _try(request, order, lambda: BUTTONS[verb].do(order, form.cleaned_data))


def _split(request: HttpRequest, order: Order) -> HttpResponse:
    """Ship in several parcels at once; how many there are is only known if nothing stays behind."""
    left = services.unshipped(order)
    form = SplitForm(order, left, request.POST)
    parcels = form.parcels() if form.is_valid() else []
    complete = sum(sum(contents.values()) for contents in parcels) == sum(left.values())
    of = order.parcels.count() + len(parcels) if complete else 0
    return _try(request, order, lambda: [services.ship(order, contents, of=of) for contents in parcels])


def _try(request: HttpRequest, order: Order, action: Callable[[], Any]) -> HttpResponse:
    try:
        action()
        messages.success(request, _("Done."))
    except services.NotPossible as refusal:
        messages.error(request, str(refusal))
    return redirect("shop:staff-order", pk=order.pk)


def _page(request: HttpRequest, order: Order, bound: dict[str, forms.Form] | None = None) -> HttpResponse:
    left = services.unshipped(order)
    buttons = [(name, button.label, (bound or {}).get(name) or button.form(auto_id=f"{name}_%s"))
               for name, button in BUTTONS.items() if order.status in services.POSSIBLE[button.verb] and button.when(order)]
    return render(request, "shop/staff/order.html", {
        "known": comms.Order.objects.filter(reference=str(order.pk)).first(),
        "order": order, "items": order.items.all(), "buttons": buttons,
        "parcels": order.parcels.prefetch_related("items__item"),
        "parcel_buttons": [(name, button[0]) for name, button in PARCEL_BUTTONS.items()],
        "split": SplitForm(order, left) if left and order.status in services.POSSIBLE["ship"] else None,
    }, status=400 if bound else 200)
