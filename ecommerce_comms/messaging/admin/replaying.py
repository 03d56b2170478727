"""The pages on which a merchant sends something once more: nothing is sent before they have seen what and to whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.messaging import resending
from ecommerce_comms.messaging.admin.filters import midnight
from ecommerce_comms.messaging.models import Message, Provider
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.kinds import in_words
from ecommerce_comms.zones import here

_DAYS = 7
FAILURES = [reason for reason in Message.Reason if reason in (
    Message.Reason.REFUSED, Message.Reason.UNREACHABLE, Message.Reason.UNKNOWN, Message.Reason.TEMPLATE)]
"""Why a message can have been given up."""


class FailuresForm(forms.Form):
    """Which failed messages are meant: those that fit, or those that were ticked in the list."""

    since = forms.DateField(label=_("due since"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.ChoiceField(label=_("why"), required=False)
    kind = forms.ChoiceField(label=_("message"), required=False)
    provider = forms.ChoiceField(label=_("provider"), required=False)
    keys = forms.CharField(required=False, widget=forms.HiddenInput)
    """The keys of those that were ticked, with commas between them."""

    def __init__(self, data: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        every: list[tuple[str, Any]] = [("", _("all"))]
        providers = Provider.objects.order_by("name").values_list("name", flat=True)
        self._offer("reason", [*every, *((reason.value, reason.label) for reason in FAILURES)])
        self._offer("kind", [*every, *((kind, in_words(kind)) for kind in texts.KINDS)])
        self._offer("provider", [*every, *((name, name) for name in providers)])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_keys(self) -> list[int]:
        """As numbers; what is none is passed over."""
        return [int(key) for key in self.cleaned_data["keys"].split(",")[: resending.MOST] if key.isascii() and key.isdigit()]

    def selection(self) -> QuerySet[Message]:
        """The messages that are meant."""
        chosen = self.cleaned_data
        if chosen["keys"]:
            return Message.objects.filter(pk__in=chosen["keys"])
        fits = {name: chosen[name] for name in ("reason", "kind", "provider") if chosen[name]}
        return Message.objects.filter(resending.failed_since(midnight(chosen["since"])), **fits)


def beginning() -> dict[str, str]:
    """What the form holds at first: the failures of the last week."""
    return {"since": (here(clock.now()) - timedelta(days=_DAYS)).date().isoformat()}


class ConfirmForm(forms.Form):
    """A yes to what was shown."""

    digest = forms.CharField(max_length=64)
    """``Preview.digest`` of what was shown."""
    doubtful = forms.BooleanField(required=False)
    old = forms.BooleanField(required=False)


class NonceForm(forms.Form):
    """A yes that counts once, however often it is clicked."""

    nonce = forms.RegexField(r"^\w{16}$", widget=forms.HiddenInput)

    @classmethod
    def fresh(cls) -> NonceForm:
        """A form with a number of its own."""
        return cls(initial={"nonce": get_random_string(16).lower()})
