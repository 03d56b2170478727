"""Promise: the ledger of what was told about arrivals."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.lean import LeanModel
from ecommerce_comms.orders.models import Order, Parcel


class Promise(LeanModel):
    """What was told about an arrival. A ledger: rows are added, and closed, and never overwritten."""

    class Source(models.TextChoices):
        SHOP = "shop", _("shown when ordering")
        RULE = "rule", _("your shipping options")
        HISTORY = "history", _("own deliveries")
        CARRIER = "carrier", _("carrier")
        MERCHANT = "merchant", _("merchant")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="promises", verbose_name=_("order"))
    parcel = models.ForeignKey(Parcel, null=True, blank=True, on_delete=models.CASCADE, related_name="promises", verbose_name=_("parcel"))
    """``None``: the whole order."""
    earliest = models.DateField(_("from"))
    """Day at the destination, as is ``latest``."""
    latest = models.DateField(_("until"))
    confidence = models.FloatField(_("confidence"), null=True, blank=True)
    """Share of parcels expected to arrive by ``latest``, 0 to 1; ``None`` where nobody measured it."""
    source = models.CharField(_("source"), max_length=10, choices=Source)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    made_at = models.DateTimeField(_("made"), default=clock.now)
    quoted_at = models.DateTimeField(_("shown"), null=True, blank=True)
    """When the customer saw it, where the shop kept the token of the option that was chosen."""
    revision = models.PositiveSmallIntegerField(_("revision"), default=0)
    """0 is the first promise for the order or parcel."""
    overdue_at = models.DateTimeField(_("late from"))
    """The moment at which ``latest`` has passed at the destination."""
    is_open = models.BooleanField(_("open"), default=True)
    """False once a newer promise replaced it, its day passed and the lateness was told, the parcel arrived, or the order was cancelled."""
    kept = models.BooleanField(_("kept"), null=True, blank=True)
    """Whether what it promised arrived by ``latest``; ``None`` while that is not known, False already once the lateness was told."""
    arrived_on = models.DateField(_("arrived"), null=True, blank=True)
    """Day at the destination on which what it promised arrived."""
    score_at = models.DateTimeField(null=True, blank=True, default=clock.now, editable=False)
    """From then on it is to be counted among the kept and the broken ones; ``None`` once that is done."""

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        indexes: ClassVar = [
            models.Index(fields=["is_open", "overdue_at"], name="comms_promise_overdue"),
            models.Index(fields=["score_at"], name="comms_promise_score"),
        ]

    def __str__(self) -> str:
        return f"{self.earliest:%Y-%m-%d} – {self.latest:%Y-%m-%d}"
