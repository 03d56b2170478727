"""Conversation and ChatMessage."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.messaging.models import Message


class Conversation(models.Model):
    """What one customer and the shop say to each other, until it is closed."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """How the outside names it; knowing it opens nothing."""
    key = models.CharField(max_length=190, unique=True, editable=False)
    """``open:<Customer.key>`` while it is open, so that a customer has one open conversation; ``closed:<uid>`` afterwards."""
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations", verbose_name=_("customer")
    )
    language = models.CharField(_("language"), max_length=35, blank=True)
    last_number = models.PositiveIntegerField(_("lines"), default=0)
    """The number of the newest line. Who counts on holds the lock on this row, so that no number is missing or there twice."""
    created_at = models.DateTimeField(_("begun"), default=clock.now)
    last_at = models.DateTimeField(_("last line"), default=clock.now, db_index=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")

    def __str__(self) -> str:
        return str(self.customer or _("nobody known"))


class ChatMessage(models.Model):
    """One line of a conversation: a row before anything else hears of it, never changed afterwards."""

    class Author(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        AGENT = "agent", _("agent")
        BOT = "bot", _("automatic answer")
        SHOP = "shop", _("shop")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="lines", verbose_name=_("conversation"))
    number = models.PositiveIntegerField(_("number"))
    """1, 2, 3 … without a gap: who has seen number 7 asks for all above it and misses none."""
    client_id = models.CharField(max_length=190, editable=False)
    """The sender's own name of the line, through ``keys.make``: sent twice, it is there once."""
    author = models.CharField(_("who"), max_length=10, choices=Author)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("agent")
    )
    """The member of staff who wrote it; of the author ``agent`` alone."""
    text = models.TextField(_("text"), blank=True)
    """Plain text; empty once it was erased."""
    language = models.CharField(_("language"), max_length=35, blank=True)
    message = models.OneToOneField(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="chat_line", verbose_name=_("message")
    )
    """The message that it says; each is said once, in whichever conversation."""
    created_at = models.DateTimeField(_("when"), default=clock.now)

    class Meta:
        verbose_name = _("chat line")
        verbose_name_plural = _("chat lines")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "number"], name="comms_chat_number"),
            models.UniqueConstraint(fields=["conversation", "client_id"], name="comms_chat_client_id"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.get_author_display()}"
