"""The basket: slugs and quantities in the visitor's session."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.http import HttpRequest

from ecommerce_comms.signals import basket_changed
from ecommerce_comms.snapshots import LineSnapshot
from example_project.shop.models import Product

KEY = "basket"
MOST = 20
"""At most so many of one thing."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A product and how many of it."""

    product: Product
    quantity: int

    @property
    def total(self) -> Decimal:
        """The price of the whole line."""
        return self.product.price * self.quantity


def line_of(product: Product, quantity: int = 1) -> LineSnapshot:
    """``quantity`` of ``product`` in the form in which shipping options are asked for."""
    return LineSnapshot(sku=product.slug, title=product.title, quantity=quantity, price=product.price * quantity)


class Basket:
    """``request``'s basket."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self._quantities: dict[str, int] = dict(request.session.get(KEY, {}))

    @property
    def count(self) -> int:
        """How many things are in it."""
        return sum(self._quantities.values())

    @cached_property
    def lines(self) -> list[Line]:
        """What is in it, as far as it is still sold."""
        products = Product.objects.in_bulk(self._quantities, field_name="slug")
        return [Line(product=products[slug], quantity=quantity) for slug, quantity in self._quantities.items() if slug in products]

    @property
    def total(self) -> Decimal:
        """The price of everything, without shipping."""
        return sum((line.total for line in self.lines), Decimal(0))

    def as_snapshots(self) -> tuple[LineSnapshot, ...]:
        """The lines in the form in which shipping options are asked for."""
        return tuple(line_of(line.product, line.quantity) for line in self.lines)

    def add(self, product: Product, quantity: int = 1) -> None:
        """Put ``quantity`` more of ``product`` in."""
        self.change(product.slug, self._quantities.get(product.slug, 0) + quantity)

    def change(self, slug: str, quantity: int) -> None:
        """Let there be ``quantity`` of ``slug``; none takes it out."""
        self._quantities[slug] = max(0, min(quantity, MOST))
        self._keep({slug: count for slug, count in self._quantities.items() if count})

    def empty(self) -> None:
        """Take everything out."""
        self._keep({})

    def _keep(self, quantities: dict[str, int]) -> None:
        self._quantities = quantities
        self.__dict__.pop("lines", None)
        self.request.session[KEY] = quantities
        user = self.request.user if self.request.user.is_authenticated else None
        basket_changed.send(sender=Basket, basket=self, customer=user, request=self.request)
