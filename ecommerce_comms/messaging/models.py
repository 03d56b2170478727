"""Message and Template."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.orders.kinds import in_words
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel


class Message(models.Model):
    """One decision: what is, was, will or will not be said to one recipient about one fact, and why."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("planned for later")
        HELD = "held", _("waiting")
        QUEUED = "queued", _("ready to send")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        BOUNCED = "bounced", _("came back")
        FAILED = "failed", _("given up")
        SKIPPED = "skipped", _("not sent")

    class Reason(models.TextChoices):
        NONE = "", "–"
        RULE_OFF = "rule_off", _("this message is switched off")
        SILENT = "silent", _("the shop asked not to tell the customer")
        STALE = "stale", _("it was no longer news")
        DUPLICATE = "duplicate", _("it had been said already")
        OBSOLETE = "obsolete", _("the order was cancelled or has changed")
        NO_ADDRESS = "no_address", _("there is no usable address")
        OUTSTANDING = "outstanding", _("not every parcel has arrived")
        LATE = "late", _("the order is late")
        DISPUTED = "disputed", _("the order is disputed")
        RETURNING = "returning", _("something is being sent back")
        RETURNED = "returned", _("the order was sent back or refunded")
        REFUSED = "refused", _("the server refused it")
        UNREACHABLE = "unreachable", _("the server could not be reached")
        UNKNOWN = "unknown", _("it may have gone out; not repeated")
        TEMPLATE = "template", _("its text could not be made")

    class Purpose(models.TextChoices):
        ORDER = "order", _("about an order")
        SERVICE = "service", _("service")
        MARKETING = "marketing", _("advertising")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """Part of the Message-ID, the same for every attempt."""
    kind = models.CharField(_("message"), max_length=40)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, default=Purpose.ORDER)
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.CASCADE, related_name="messages", verbose_name=_("order"))
    parcel = models.ForeignKey(Parcel, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages", verbose_name=_("parcel"))
    event = models.ForeignKey(
        OrderEvent, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages", verbose_name=_("event")
    )
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages", verbose_name=_("customer")
    )
    language = models.CharField(_("language"), max_length=35)
    backend = models.CharField(_("sent by"), max_length=20, default="email")
    recipient = models.CharField(_("to"), max_length=320, blank=True)
    recipient_name = models.CharField(_("name"), max_length=300, blank=True)
    dedupe_key = models.CharField(max_length=190, unique=True, editable=False)
    """event × rule × recipient × channel: said at most once."""

    state = models.CharField(_("state"), max_length=10, choices=State)
    reason = models.CharField(_("why"), max_length=20, choices=Reason, default=Reason.NONE, blank=True)
    due_at = models.DateTimeField(_("due"))
    expires_at = models.DateTimeField(_("no news after"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), default=clock.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=190, blank=True, db_index=True)
    """As in the mail's header, without angle brackets."""
    possible_duplicate = models.BooleanField(_("may have arrived twice"), default=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)

    facts = models.JSONField(default=dict, editable=False)
    """What it says, as plain data: dates, amounts and names, not yet formatted."""
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    text_source = models.CharField(_("text from"), max_length=20, blank=True)
    """``built-in``, ``merchant``, or ``fallback``: the merchant's text failed and the built-in one was sent."""

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], name="comms_message_due"),
            models.Index(fields=["order", "kind"], name="comms_message_order"),
        ]

    def __str__(self) -> str:
        return f"{in_words(self.kind)} → {self.recipient or '?'}"


class Template(models.Model):
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
