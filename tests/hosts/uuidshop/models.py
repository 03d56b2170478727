"""Purchase, Product and Entry."""

from __future__ import annotations

import uuid

from django.db import models


class Product(models.Model):
    """Something for sale."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        app_label = "uuidshop"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where the shop shows the product."""
        return f"/things/{self.slug}"


class Purchase(models.Model):
    """An order with a UUID key, no account, no phone number, and an address kept as JSON."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    bought_on = models.DateField()
    mail = models.EmailField(blank=True)
    spoken = models.CharField(max_length=10, blank=True)
    destination = models.JSONField(default=dict)
    cents = models.PositiveIntegerField(default=0)
    money = models.CharField(max_length=3, default="eur")

    class Meta:
        app_label = "uuidshop"

    def __str__(self) -> str:
        return str(self.id)

    def in_units(self) -> str:
        """The price in whole units of the currency."""
        return f"{self.cents / 100:.2f}"


class Entry(models.Model):
    """One product of a purchase; the database promises no order among them."""

    purchase = models.ForeignKey(Purchase, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    pieces = models.PositiveIntegerField(default=1)

    class Meta:
        app_label = "uuidshop"

    def __str__(self) -> str:
        return f"{self.pieces} {self.product}"
