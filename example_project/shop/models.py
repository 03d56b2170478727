"""Product, Account, Order, OrderItem, Parcel, ParcelItem, Scan."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock

FIRST_NUMBER = 1000
COLOUR = RegexValidator(r"^#[0-9a-f]{6}$")


class Country(models.TextChoices):
    """Where the shop sends things."""

    IN = "IN", _("India")
    BD = "BD", _("Bangladesh")
    LK = "LK", _("Sri Lanka")
    NP = "NP", _("Nepal")
    GB = "GB", _("United Kingdom")
    DE = "DE", _("Germany")
    US = "US", _("United States")
    AU = "AU", _("Australia")


class Category(models.TextChoices):
    """The shelves of the shop."""

    TABLE = "table", _("Table")
    GREEN = "green", _("Plants & vases")
    TEXTILES = "textiles", _("Textiles")
    LIGHT = "light", _("Light")
    HOME = "home", _("Keeping things")


class Product(models.Model):
    """Something handmade."""

    slug = models.SlugField(unique=True)
    category = models.CharField(max_length=20, choices=Category)
    title_en = models.CharField(max_length=100)
    title_hi = models.CharField(max_length=100)
    title_bn = models.CharField(max_length=100)
    description_en = models.TextField()
    description_hi = models.TextField()
    description_bn = models.TextField()
    price = models.DecimalField(max_digits=10, decimal_places=2)
    shape = models.CharField(max_length=20)
    """Which drawing: a template in ``shop/pictures/``."""
    pattern = models.CharField(max_length=20, blank=True)
    colour = models.CharField(max_length=7, validators=[COLOUR])
    accent = models.CharField(max_length=7, validators=[COLOUR])
    wall = models.CharField(max_length=7, validators=[COLOUR])
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering: ClassVar = ["position", "slug"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The product's page."""
        return reverse("shop:product", args=[self.slug])

    @property
    def title(self) -> str:
        """The name in the language that is active."""
        return self._translated("title")

    @property
    def description(self) -> str:
        """The description in the language that is active."""
        return self._translated("description")

    def _translated(self, name: str) -> str:
        language = (get_language() or "en")[:2]
        return str(getattr(self, f"{name}_{language}", "") or getattr(self, f"{name}_en"))


class Account(models.Model):
    """What the shop remembers of a user besides Django's own."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account")
    language = models.CharField(max_length=10)
    """The language in which the customer reads the shop."""

    def __str__(self) -> str:
        return f"{self.user} ({self.language})"


def new_token() -> str:
    """An unguessable name for an order's page."""
    return secrets.token_urlsafe(18)


class NewsBy(models.TextChoices):
    """How a customer wants to hear of an order."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")
    PHONE = "phone", _("Phone call")


class Order(models.Model):
    """An order of an account, or of a guest."""

    class Status(models.TextChoices):
        PLACED = "placed", _("Waiting for payment")
        PAYMENT_FAILED = "payment_failed", _("Payment refused")
        PAID = "paid", _("Paid")
        PREPARING = "preparing", _("Being prepared")
        PARTLY_SHIPPED = "partly_shipped", _("Partly on its way")
        SHIPPED = "shipped", _("On its way")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")

    class Return(models.TextChoices):
        REQUESTED = "requested", _("Return announced")
        RECEIVED = "received", _("Return received")

    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="shop_orders")
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField()
    phone = models.CharField(max_length=30, blank=True)
    street = models.CharField(max_length=150)
    district = models.CharField(max_length=150, blank=True)
    city = models.CharField(max_length=100)
    region = models.CharField(max_length=100, blank=True)
    postcode = models.CharField(max_length=20)
    country = models.CharField(max_length=2, choices=Country, default=Country.IN)
    language = models.CharField(max_length=10)
    news_by = models.CharField(max_length=10, choices=NewsBy, default=NewsBy.EMAIL)
    call_times = models.CharField(max_length=100, blank=True)
    """When a call suits, by the customer's clock, such as ``18:00-20:00``."""
    gift_name = models.CharField(max_length=100, blank=True)
    gift_email = models.EmailField(blank=True)
    """Who gets it, if it is a gift: told of the parcel, and of nothing else."""
    placed_at = models.DateTimeField(default=clock.now)
    status = models.CharField(max_length=20, choices=Status, default=Status.PLACED)
    return_status = models.CharField(max_length=20, choices=Return, blank=True)
    payment_attempts = models.PositiveSmallIntegerField(default=0)
    shipping_option = models.CharField(max_length=50)
    shipping_name = models.CharField(max_length=100)
    shipping_carrier = models.CharField(max_length=100, blank=True)
    shipping_price = models.DecimalField(max_digits=10, decimal_places=2)
    total = models.DecimalField(max_digits=10, decimal_places=2)
    refunded = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    promised_earliest = models.DateField(null=True, blank=True)
    promised_latest = models.DateField(null=True, blank=True)
    """The window shown at checkout; never changed."""
    quote = models.TextField(blank=True, editable=False)
    """The token of the shipping option: the window as it was shown, with where it came from."""
    expected_earliest = models.DateField(null=True, blank=True)
    expected_latest = models.DateField(null=True, blank=True)
    """The window as it is expected now, if something changed."""
    delay_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering: ClassVar = ["-placed_at", "-pk"]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The order's page; its address is the key."""
        return reverse("shop:order", args=[self.token])

    def get_payment_url(self) -> str:
        """Where to pay, while there is something to pay."""
        return reverse("shop:pay", args=[self.token]) if self.is_unpaid else ""

    @property
    def number(self) -> str:
        """What the customer calls it."""
        return f"BC-{FIRST_NUMBER + self.pk}"

    @property
    def full_name(self) -> str:
        """As it stands on the parcel."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def channels(self) -> list[str]:
        """How news of the order goes out: as the customer chose, and by e-mail if that does not work."""
        return list(dict.fromkeys([self.news_by, NewsBy.EMAIL.value]))

    @property
    def is_unpaid(self) -> bool:
        """Whether the customer still has to pay."""
        return self.status in (self.Status.PLACED, self.Status.PAYMENT_FAILED)

    @property
    def goods_total(self) -> Decimal:
        """The price of the things, without shipping."""
        return self.total - self.shipping_price


class OrderItem(models.Model):
    """One line of an order, with title and price as they were that day."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    sku = models.SlugField()
    title = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    quantity = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"

    def get_absolute_url(self) -> str:
        """The product's page."""
        return reverse("shop:product", args=[self.sku])

    def get_picture_url(self) -> str:
        """The product's picture."""
        return reverse("shop:picture", args=[self.sku])

    @property
    def total(self) -> Decimal:
        """The price of the whole line."""
        return self.price * self.quantity


class Parcel(models.Model):
    """A parcel that left the shop."""

    class Status(models.TextChoices):
        SHIPPED = "shipped", _("Handed to the carrier")
        OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
        FAILED = "failed", _("Nobody was there")
        DELIVERED = "delivered", _("Delivered")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="parcels")
    reference = models.CharField(max_length=10)
    of = models.PositiveSmallIntegerField(default=0)
    """How many parcels the order has; 0 while that is not known."""
    carrier = models.CharField(max_length=100)
    tracking_number = models.CharField(max_length=40, unique=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.SHIPPED)
    shipped_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    """How often nobody was there."""
    stops_done = models.PositiveSmallIntegerField(default=0)
    """How far the simulated carrier has come."""

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "reference"], name="shop_parcel_once")]

    def __str__(self) -> str:
        return self.tracking_number

    def get_absolute_url(self) -> str:
        """The carrier's page about the parcel."""
        return reverse("shop:track", args=[self.tracking_number])


class ParcelItem(models.Model):
    """How many of a line are in a parcel."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="items")
    item = models.ForeignKey(OrderItem, on_delete=models.CASCADE, related_name="packed")
    quantity = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.quantity} × {self.item.title}"


class Scan(models.Model):
    """What the carrier saw."""

    class Kind(models.TextChoices):
        HANDED_OVER = "handed_over", _("Parcel received from the shop")
        ON_THE_WAY = "on_the_way", _("Sorted at the hub and on its way")
        DELAYED = "delayed", _("Held up at the hub")
        OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
        FAILED = "failed", _("Nobody was there; we will try again")
        DELIVERED = "delivered", _("Delivered")

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="scans")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.parcel} {self.kind}"
