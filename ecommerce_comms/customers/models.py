"""Customer."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock


class Customer(models.Model):
    """One person who orders, with an account at the shop or as a guest."""

    key = models.CharField(max_length=190, unique=True, editable=False)
    """``account:<shop's key>`` or ``guest:<normalised e-mail>``, through ``keys.make``."""
    reference = models.CharField(_("account at the shop"), max_length=190, blank=True)
    email = models.CharField(_("e-mail"), max_length=320, blank=True, db_index=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("known since"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email or self.key
