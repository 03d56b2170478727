"""Template and TemplateVersion."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.lean import LeanModel
from ecommerce_comms.orders.kinds import in_words


class Wording(models.Model):
    """The words of a message as their author wrote them: every channel speaks from them."""

    subject = models.CharField(_("subject"), max_length=600, blank=True)
    preview = models.CharField(_("preview line"), max_length=600, blank=True)
    heading = models.CharField(_("heading"), max_length=400, blank=True)
    body = models.TextField(_("body"), blank=True, help_text=_("Markdown, with facts in double braces such as {{ customer.first_name }}."))
    action = models.CharField(_("button"), max_length=200, blank=True)
    short = models.TextField(_("short form"), blank=True)

    class Meta:
        abstract = True


WORDING = tuple(field.name for field in Wording._meta.fields)
"""Names of the fields that hold words."""


class Template(LeanModel, Wording):
    """A merchant's own text of a kind of message in a language, used instead of the built-in one.

    Its words are those that are published. Drafts and earlier words are ``TemplateVersion`` rows.
    """

    kind = models.CharField(_("message"), max_length=60)
    """The kind of message; with ``.others`` behind it, what people other than the customer are told."""
    language = models.CharField(_("language"), max_length=35)
    is_active = models.BooleanField(_("use this text"), default=True)
    version = models.PositiveIntegerField(_("version in use"), default=0, editable=False)
    """Number of the version whose words these are; 0 if they were written by code, or if nothing is published yet."""
    changed_at = models.DateTimeField(_("changed"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("message text")
        verbose_name_plural = _("message texts")
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "language"], name="comms_template_once")]
        permissions: ClassVar = [("publish_template", _("Can publish message texts"))]

    def __str__(self) -> str:
        return f"{in_words(self.kind)} ({self.language})"


class TemplateVersion(Wording):
    """The words of a ``Template`` as somebody saved them. Rows are added and never changed, but for the moment of their publication."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions", verbose_name=_("message text"))
    number = models.PositiveIntegerField(_("version"))
    """Counted from 1 within its template."""
    made_at = models.DateTimeField(_("saved"), default=clock.now)
    by = models.CharField(_("by"), max_length=150, blank=True)
    """Name of the user."""
    note = models.CharField(_("note"), max_length=255, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    """When it came into use the first time; none for a draft."""
    published_by = models.CharField(_("published by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("version of a text")
        verbose_name_plural = _("versions of texts")
        constraints: ClassVar = [models.UniqueConstraint(fields=["template", "number"], name="comms_templateversion_once")]

    def __str__(self) -> str:
        return f"{self.template}, {self.number}"
