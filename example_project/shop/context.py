"""What every page's template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from example_project.shop.basket import Basket
from example_project.shop.models import Category


def shop(request: HttpRequest) -> dict[str, Any]:
    """The shop's name, the categories, and how much is in the basket."""
    return {
        "shop_name": settings.ECOMMERCE_COMMS["SHOP_NAME"],
        "categories": Category.choices,
        "basket_count": Basket(request).count,
    }
