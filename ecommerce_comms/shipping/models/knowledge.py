"""Knowledge: what was learnt from the shop's own deliveries."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock


class Knowledge(models.Model):
    """One state of what is known about handling and transit: asked for, then taken up by one process, then learnt.

    The newest that has a ``state`` counts; older ones are kept for a while, without it, to tell how good they were.
    """

    night = models.DateField(_("night"), null=True, blank=True, unique=True)
    """The night, by the shop's clock, whose lesson it is: each has one, however many processes think of it.

    ``None``: somebody asked for it.
    """
    asked_at = models.DateTimeField(_("asked for"), default=clock.now)
    started_at = models.DateTimeField(_("begun"), null=True, blank=True)
    """When a process took it up; if it is not learnt an hour later, that process has died and another takes it."""
    learnt_at = models.DateTimeField(_("learnt"), null=True, blank=True, db_index=True)
    """``None`` while it waits or is being learnt."""
    until = models.DateTimeField(_("from what happened until"), null=True, blank=True)
    """Nothing that happened later was looked at."""
    parcels = models.PositiveIntegerField(_("parcels"), default=0)
    """How many it was learnt from, open ones included; 0 if there were too few."""
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    """Of the form of ``state``; another version's state is not read, and learnt anew."""
    state = models.JSONField(default=dict, editable=False)
    """The engine's; empty where there was too little to learn from, and in rows that newer ones have replaced."""
    seconds = models.FloatField(_("seconds"), default=0)
    """CPU time that learning took, reading included."""
    figures = models.JSONField(default=dict, editable=False)
    """What is known, in figures for the admin: ``learning.figures.gather``."""
    due = models.PositiveIntegerField(_("promises due"), default=0)
    """Promises with a confidence whose last day was one of the 90 days before ``until``."""
    kept = models.PositiveIntegerField(_("of these kept"), default=0)
    expected = models.FloatField(_("share that was to be kept"), null=True, blank=True)
    """The mean of their confidences, 0 to 1."""

    class Meta:
        verbose_name = _("knowledge of deliveries")
        verbose_name_plural = _("knowledge of deliveries")
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.until:%Y-%m-%d}" if self.until else f"{self.asked_at:%Y-%m-%d}"
