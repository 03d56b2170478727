"""The basket's page."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ecommerce_comms.shipping.options import quote
from example_project.shop.basket import Basket
from example_project.shop.destinations import destination_of
from example_project.shop.models import Product


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What is in the basket, and when it can be there."""
    basket = Basket(request)
    options = quote(destination_of(request), lines=basket.as_snapshots()) if basket.lines else []
    return render(request, "shop/basket.html", {"basket": basket, "options": options})


@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Put one more in."""
    product = get_object_or_404(Product, slug=slug)
    Basket(request).add(product)
    messages.success(request, _("“%(thing)s” is in your basket.") % {"thing": product.title})
    return redirect("shop:basket")


@require_POST
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """Change how many, or take it out."""
    with suppress(ValueError):
        Basket(request).change(slug, int(request.POST.get("quantity", "")))
    return redirect("shop:basket")
