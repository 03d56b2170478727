"""PlainOrder and what hangs on it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Delivery(models.Model):
    """How a parcel travels, in a table of its own."""

    code = models.CharField(max_length=20)
    label = models.CharField(max_length=50)

    class Meta:
        app_label = "plain"

    def __str__(self) -> str:
        return self.label


class PlainOrder(models.Model):
    """An order with an integer key, of an account or of a guest.

    Its table was imported: no constraint in the database holds what it points at, and the row there may be gone.
    """

    order_no = models.CharField(max_length=20, unique=True)
    created = models.DateTimeField()
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, db_constraint=False)
    customer_name = models.CharField(max_length=100, blank=True)
    email = models.CharField(max_length=200, blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=10, blank=True)
    ship_street = models.CharField(max_length=200, blank=True)
    ship_extra = models.CharField(max_length=200, blank=True)
    ship_zip = models.CharField(max_length=20, blank=True)
    ship_city = models.CharField(max_length=100, blank=True)
    ship_country = models.CharField(max_length=2, blank=True)
    grand_total = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    delivery = models.ForeignKey(Delivery, null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False)
    expected_from = models.DateField(null=True, blank=True)
    expected_until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=20, default="open")

    class Meta:
        app_label = "plain"

    def __str__(self) -> str:
        return self.order_no

    def get_absolute_url(self) -> str:
        """Where the shop shows the order."""
        return f"/orders/{self.order_no}/"


class PlainItem(models.Model):
    """One line of an order."""

    order = models.ForeignKey(PlainOrder, on_delete=models.CASCADE, related_name="items")
    article_no = models.CharField(max_length=40)
    label = models.CharField(max_length=100)
    count = models.DecimalField(max_digits=8, decimal_places=2, default=1)
    amount = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        app_label = "plain"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.label
