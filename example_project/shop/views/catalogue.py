"""Home, shelves, products and their pictures."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from ecommerce_comms import signals
from ecommerce_comms.shipping.options import quote
from example_project.shop.basket import line_of
from example_project.shop.destinations import destination_of
from example_project.shop.models import Category, Product
from example_project.shop.pictures import draw


@require_safe
def home(request: HttpRequest, category: str = "") -> HttpResponse:
    """Everything, or one shelf."""
    if category and category not in Category:
        raise Http404
    products = Product.objects.filter(category=category) if category else Product.objects.all()
    return render(request, "shop/home.html", {
        "products": products,
        "category": Category(category) if category else None,
        "options": quote(destination_of(request)),
    })


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """One thing, and when it can be there."""
    found = get_object_or_404(Product, slug=slug)
    customer = request.user if request.user.is_authenticated else None
    signals.product_viewed.send(sender=Product, product=found, customer=customer, request=request)
    return render(request, "shop/product.html", {
        "product": found,
        "destination": destination_of(request),
        "options": quote(destination_of(request), lines=[line_of(found)]),
        "others": Product.objects.filter(category=found.category).exclude(pk=found.pk)[:4],
    })


@require_safe
@cache_control(public=True, max_age=86400)
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The drawing of a product."""
    return HttpResponse(draw(get_object_or_404(Product, slug=slug)), content_type="image/svg+xml")
