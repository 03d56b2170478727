"""Knowledge: what was learnt from the shop's own deliveries."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock


class Knowledge(models.Model):
    """One state of what is known about handling and transit; the newest counts, older ones are kept for a while."""

    learnt_at = models.DateTimeField(_("learnt"), default=clock.now, db_index=True)
    until = models.DateTimeField(_("from what happened until"))
    """Nothing that happened later was looked at."""
    parcels = models.PositiveIntegerField(_("parcels"), default=0)
    """How many it was learnt from, open ones included."""
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    """Of the form of ``state``; another version's state is not read, and learnt anew."""
    state = models.JSONField(default=dict, editable=False)
    seconds = models.FloatField(_("seconds"), default=0)
    """CPU time that learning took."""

    class Meta:
        verbose_name = _("knowledge of deliveries")
        verbose_name_plural = _("knowledge of deliveries")
        ordering: ClassVar = ["-learnt_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.until:%Y-%m-%d}"
