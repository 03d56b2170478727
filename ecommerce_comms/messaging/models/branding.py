"""Branding."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock


class Branding(models.Model):
    """How all mails of a shop look and greet: set once, for every message."""

    class Greeting(models.TextChoices):
        FRIENDLY = "friendly", _("friendly: “Hello Asha,”")
        FORMAL = "formal", _("formal: “Dear Asha Rao,”")
        NONE = "none", _("no greeting")

    site = models.CharField(_("shop"), max_length=190, unique=True, blank=True)
    """``OrderSnapshot.site``; empty: every shop that has no row of its own."""
    logo = models.FileField(_("logo"), upload_to="ecommerce_comms/logos", blank=True)
    logo_url = models.URLField(_("address of the logo"), max_length=500, blank=True)
    logo_width = models.PositiveSmallIntegerField(_("width of the logo"), default=160, help_text=_("In pixels."))
    accent = models.CharField(_("colour of buttons and links"), max_length=7, default="#1f4fd8")
    paper = models.CharField(_("colour of the page"), max_length=7, default="#ffffff")
    desk = models.CharField(_("colour around the page"), max_length=7, default="#f4f5f7")
    ink = models.CharField(_("colour of the text"), max_length=7, default="#1d2430")
    greeting = models.CharField(_("greeting"), max_length=10, choices=Greeting, default=Greeting.FRIENDLY)
    footer_address = models.CharField(_("address in the footer"), max_length=500, blank=True)
    layout = models.TextField(_("layout"), blank=True, help_text=_("MJML; leave it empty for the built-in layout."))
    compiled = models.TextField(blank=True, editable=False)
    """The HTML of ``layout``, made when it was saved."""
    frame_key = models.CharField(max_length=64, blank=True, editable=False)
    """Fingerprint of ``compiled``: who knows it need not read that again."""
    changed_at = models.DateTimeField(_("changed"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("branding")
        verbose_name_plural = _("branding")

    def __str__(self) -> str:
        return self.site or str(_("All shops"))
