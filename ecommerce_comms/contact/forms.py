"""What somebody writes down after a call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.contact.models import CallbackRequest, CallTry
from ecommerce_comms.contact.working import LONGEST_NOTE
from ecommerce_comms.zones import zone

Outcome = CallTry.Outcome


class OutcomeForm(forms.Form):
    """What came of a call to one item. The other time is by the customer's clock."""

    outcome = forms.ChoiceField(choices=Outcome.choices, widget=forms.HiddenInput)
    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    note = forms.CharField(label=_("Note"), required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3}))
    again_at = forms.CharField(label=_("When, by the customer's clock"), required=False, max_length=30)

    def __init__(self, item: CallbackRequest, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.item = item

    def clean_again_at(self) -> datetime | None:
        """The moment that the customer named, in UTC reckoning; ``None`` if there is none."""
        told = self.cleaned_data["again_at"].strip()
        if not told:
            return None
        try:
            return datetime.fromisoformat(told).replace(tzinfo=zone(self.item.time_zone))
        except ValueError:
            raise forms.ValidationError(_("Write day and time, such as 2026-03-02 18:30.")) from None
