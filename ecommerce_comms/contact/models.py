"""CallbackRequest and CallTry."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.kinds import in_words
from ecommerce_comms.orders.models import Order


class CallbackRequest(models.Model):
    """One person whom the shop is to ring up: about a message, or because they asked for it."""

    class By(models.TextChoices):
        MESSAGE = "message", _("a message that is told by phone")
        CUSTOMER = "customer", _("the customer asked for it")
        STAFF = "staff", _("somebody of the shop")

    class State(models.TextChoices):
        WAITING = "waiting", _("to call")
        TAKEN = "taken", _("somebody is calling")
        DONE = "done", _("done")
        GIVEN_UP = "given_up", _("given up")
        NOT_NEEDED = "not_needed", _("no longer needed")

    class Ending(models.TextChoices):
        NONE = "", "–"
        REACHED = "reached", _("the customer was reached")
        UNANSWERED = "unanswered", _("nobody answered")
        WRONG_NUMBER = "wrong_number", _("it is the wrong number")
        NOT_CALLED = "not_called", _("nobody called in time")
        CANCELLED = "cancelled", _("the order was cancelled")
        DELIVERED = "delivered", _("the order has arrived")
        OVERTAKEN = "overtaken", _("there is newer news to tell")
        ERASED = "erased", _("the customer's data was erased")

    class Urgency(models.IntegerChoices):
        NOW = 1, _("urgent")
        SOON = 2, _("soon")
        CALMLY = 3, _("when there is time")

    key = models.CharField(max_length=190, unique=True, editable=False)
    """``message:<uid>``, so that a message is put on the list once; ``number:<hash>`` while a customer's own wish is open, so that there
    is one of them; ``closed:<pk>`` or ``erased:<pk>`` afterwards."""
    by = models.CharField(_("asked by"), max_length=10, choices=By, default=By.MESSAGE)
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="callbacks", verbose_name=_("message")
    )
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.SET_NULL, related_name="callbacks", verbose_name=_("order")
    )
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="callbacks", verbose_name=_("customer")
    )
    number = models.CharField(_("number"), max_length=16, blank=True)
    """In E.164."""
    number_hash = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    """``address_hash(number)``."""
    name = models.CharField(_("name"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    """IANA name of the zone where the customer is."""
    wishes = models.CharField(_("best time for a call"), max_length=100, blank=True)
    """``Customer.call_times``, as it was when the call was put on the list."""
    kind = models.CharField(_("about"), max_length=40, blank=True)
    """The kind of the message; empty for a customer's own wish."""
    reason = models.TextField(_("why"), blank=True)
    """The customer's own words."""
    text = models.TextField(_("script"), blank=True)
    """What to say, in the customer's language."""
    script = models.JSONField(default=dict, blank=True, editable=False)
    """The same part by part, with the facts of the mail: ``Outgoing.script``."""
    urgency = models.PositiveSmallIntegerField(_("how urgent"), choices=Urgency, default=Urgency.SOON)
    call_after = models.DateTimeField(_("not before"))
    call_before = models.DateTimeField(_("not after"))
    expires_at = models.DateTimeField(_("no news after"), null=True, blank=True)
    missed = models.PositiveSmallIntegerField(_("hours that passed without a call"), default=0)
    """How many slots in a row have passed in which nobody called."""
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    ending = models.CharField(_("how it ended"), max_length=15, choices=Ending, default=Ending.NONE, blank=True)
    tries = models.PositiveSmallIntegerField(_("calls made"), default=0)
    """All of them; the number of the newest ``CallTry``."""
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("taken by")
    )
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    created_at = models.DateTimeField(_("put on the list"), default=clock.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("call-back")
        verbose_name_plural = _("call-backs")
        permissions: ClassVar = [("work_call_list", _("Can work off the call list"))]
        indexes: ClassVar = [
            models.Index(fields=["state", "call_after"], name="comms_call_waiting"),
            models.Index(fields=["state", "closed_at"], name="comms_call_closed"),
        ]

    def __str__(self) -> str:
        return f"{self.name or _('no name')}: {self.about}"

    @property
    def about(self) -> str:
        """Why, in a few words."""
        return in_words(self.kind) if self.kind else str(_("asked to be called"))


class CallTry(models.Model):
    """One call, and what came of it. Rows are added and never changed."""

    class Outcome(models.TextChoices):
        REACHED = "reached", _("reached")
        NO_ANSWER = "no_answer", _("no answer")
        BUSY = "busy", _("busy")
        VOICEMAIL = "voicemail", _("voicemail left")
        AGAIN = "again", _("asked to call again")
        WRONG_NUMBER = "wrong_number", _("wrong number")

    callback = models.ForeignKey(CallbackRequest, on_delete=models.CASCADE, related_name="calls", verbose_name=_("call-back"))
    number = models.PositiveSmallIntegerField(_("try"))
    """1 for the first: what was noted twice, by a double click, is one call."""
    outcome = models.CharField(_("what came of it"), max_length=15, choices=Outcome)
    at = models.DateTimeField(_("when"), default=clock.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("who")
    )
    note = models.TextField(_("note"), blank=True)
    again_at = models.DateTimeField(_("call again at"), null=True, blank=True)
    """What the customer asked for."""

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints: ClassVar = [models.UniqueConstraint(fields=["callback", "number"], name="comms_call_once")]

    def __str__(self) -> str:
        return f"{self.number}: {self.get_outcome_display()}"
