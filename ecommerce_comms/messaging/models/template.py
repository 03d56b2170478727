"""Template."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.lean import LeanModel
from ecommerce_comms.orders.kinds import in_words


class Template(LeanModel):
    """A merchant's own text of a kind of message in a language, used instead of the built-in one."""

    kind = models.CharField(_("message"), max_length=40)
    language = models.CharField(_("language"), max_length=35)
    is_active = models.BooleanField(_("use this text"), default=True)
    subject = models.CharField(_("subject"), max_length=255)
    preview = models.CharField(_("preview line"), max_length=255, blank=True)
    heading = models.CharField(_("heading"), max_length=255, blank=True)
    body = models.TextField(_("body"), help_text=_("Markdown, with facts in double braces such as {{ customer.first_name }}."))
    action = models.CharField(_("button"), max_length=100, blank=True)
    short = models.CharField(_("short form"), max_length=500, blank=True)
    changed_at = models.DateTimeField(_("changed"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("message text")
        verbose_name_plural = _("message texts")
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "language"], name="comms_template_once")]

    def __str__(self) -> str:
        return f"{in_words(self.kind)} ({self.language})"
