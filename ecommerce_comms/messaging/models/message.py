"""Message."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.lean import LeanModel
from ecommerce_comms.orders.kinds import in_words
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel


class Message(LeanModel):
    """One decision: what is, was, will or will not be said to one recipient about one fact, and why."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("planned for later")
        HELD = "held", _("waiting")
        QUEUED = "queued", _("ready to send")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        BOUNCED = "bounced", _("came back")
        COMPLAINED = "complained", _("marked as spam")
        FAILED = "failed", _("given up")
        SKIPPED = "skipped", _("not sent")

    class Reason(models.TextChoices):
        NONE = "", "–"
        RULE_OFF = "rule_off", _("this message is switched off")
        SILENT = "silent", _("the customer was not to hear of it")
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
        NO_CONSENT = "no_consent", _("there is no consent")
        SUPPRESSED = "suppressed", _("mail to this address came back or was complained of")
        CAP = "cap", _("this person has had enough for now")
        QUIET_HOURS = "quiet_hours", _("it is night where the customer is")
        PAUSED = "paused", _("advertising is paused")
        ERASED = "erased", _("the customer's data was erased")

    class Lane(models.TextChoices):
        ORDERS = "orders", _("orders")
        OFFERS = "offers", _("offers")

    class Purpose(models.TextChoices):
        TRANSACTIONAL = "transactional", _("about an order")
        SERVICE = "service", _("service")
        MARKETING = "marketing", _("advertising")
        TRACKING = "tracking", _("news for others")

    class Role(models.TextChoices):
        CUSTOMER = "", _("customer")
        RECEIVER = "receiver", _("receiver")
        DESK = "desk", _("business desk")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """Part of the Message-ID, the same for every attempt; providers get it as metadata and as idempotency key."""
    kind = models.CharField(_("message"), max_length=40)
    purpose = models.CharField(_("purpose"), max_length=15, choices=Purpose, default=Purpose.TRANSACTIONAL)
    lane = models.CharField(_("lane"), max_length=10, choices=Lane, default=Lane.ORDERS, editable=False)
    """Set by the outbox from the purpose: advertising waits in a lane of its own."""
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.CASCADE, related_name="messages", verbose_name=_("order"))
    parcel = models.ForeignKey(
        Parcel, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages", verbose_name=_("parcel"), db_index=False
    )
    event = models.ForeignKey(
        OrderEvent, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages", verbose_name=_("event")
    )
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages", verbose_name=_("customer")
    )
    language = models.CharField(_("language"), max_length=35)
    backend = models.CharField(_("sent by"), max_length=20, default="email")
    """The channel: its name in ``ECOMMERCE_COMMS["BACKENDS"]``."""
    role = models.CharField(_("for whom"), max_length=10, choices=Role, default=Role.CUSTOMER, blank=True)
    """Empty for the customer; others who are told of the parcel hear nothing of prices."""
    instead_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replacements", verbose_name=_("instead of"), db_index=False,
    )
    """The message on the channel before this one, which failed for good."""
    recipient = models.CharField(_("to"), max_length=320, blank=True)
    recipient_hash = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    """``address_hash(recipient)``: finds the messages to an address without knowing it."""
    recipient_name = models.CharField(_("name"), max_length=300, blank=True)
    dedupe_key = models.CharField(max_length=190, unique=True, editable=False)
    """event × rule × recipient × channel: said at most once."""

    state = models.CharField(_("state"), max_length=10, choices=State)
    reason = models.CharField(_("why"), max_length=20, choices=Reason, default=Reason.NONE, blank=True)
    due_at = models.DateTimeField(_("due"))
    expires_at = models.DateTimeField(_("no news after"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), default=clock.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    bounced_at = models.DateTimeField(_("came back"), null=True, blank=True)
    complained_at = models.DateTimeField(_("complained of"), null=True, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=190, blank=True, db_index=True)
    """As in the mail's header, without angle brackets."""
    possible_duplicate = models.BooleanField(_("may have arrived twice"), default=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    """The claim of the worker that has it: ``Worker.token``."""
    provider = models.CharField(_("provider"), max_length=50, blank=True)
    """Which provider was tried last."""
    provider_message_id = models.CharField(_("the provider's number"), max_length=190, blank=True, db_index=True)
    provider_until = models.DateTimeField(null=True, editable=False)
    """Until then only ``provider`` may try again: it may have accepted the message already."""
    answer = models.CharField(_("the provider's answer"), max_length=255, blank=True)
    """What it said when it accepted the message."""
    repeats = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="repetitions", verbose_name=_("sent again for"),
        db_index=False,
    )
    """The message that a merchant sent once more with this one."""

    facts = models.JSONField(default=dict, editable=False)
    """What it says, as plain data: dates, amounts and names, not yet formatted."""
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    words = models.JSONField(default=dict, editable=False)
    """What it said, word for word (``speaking.words.Words``): kept when it is made the first time, so that a retry says the same."""
    text_version = models.PositiveIntegerField(_("version of the text"), default=0)
    """``Template.version`` of the merchant's text that was used, or that failed; 0 for a built-in one."""
    text_source = models.CharField(_("text from"), max_length=20, blank=True)
    """``built-in``, ``merchant``, or ``fallback``: the merchant's text failed and the built-in one was sent."""

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        permissions: ClassVar = [("resend_message", _("Can send messages once more"))]
        indexes: ClassVar = [
            models.Index(fields=["state", "lane", "due_at"], name="comms_message_due"),
            models.Index(fields=["order", "kind"], name="comms_message_order"),
            # Each claim and each result writes every index anew, so those of what is mostly empty hold only what is not.
            models.Index(fields=["parcel"], name="comms_message_parcel", condition=models.Q(parcel__isnull=False)),
            models.Index(fields=["repeats"], name="comms_message_repeats", condition=models.Q(repeats__isnull=False)),
            models.Index(fields=["instead_of"], name="comms_message_instead", condition=models.Q(instead_of__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{in_words(self.kind)} → {self.recipient or '?'}"

    @property
    def time_zone(self) -> str:
        """Where the person is who gets it, as well as that is known: an IANA name, or empty."""
        own = self.facts.get("recipient", {}).get("time_zone", "") if self.role else ""
        return str(own or (self.order.time_zone if self.order else "") or (self.customer.time_zone if self.customer else ""))

    def fact_key(self) -> str:
        """Key of the fact that set it off, by which everything that is traced about that fact finds together."""
        return self.event.event_key if self.event else self.dedupe_key
