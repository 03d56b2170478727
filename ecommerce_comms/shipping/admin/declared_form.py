"""The form of a declared delay: which orders, what they are told, and the reason in each language."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.shipping.delays.declaring import numbers_in
from ecommerce_comms.shipping.models import DeclaredDelay
from ecommerce_comms.shipping.widgets import CountrySelect
from ecommerce_comms.zones import here

if TYPE_CHECKING:
    Form = forms.ModelForm[DeclaredDelay]
else:
    Form = forms.ModelForm
CHOICES = ("warehouse", "carrier", "service", "country", "region", "sku", "ordered_from", "ordered_until", "numbers")
MOST_NUMBERS = 5000
MOST_BYTES = 1_000_000
MOST_LANGUAGES = 12
"""A project that lists all of Django's languages has not translated its shop into them."""


class DeclaredDelayForm(Form):
    """Says what is missing in words; nothing is told by saving it."""

    file = forms.FileField(
        label=_("Or a file of order numbers"), required=False, help_text=_("CSV: the numbers stand in its first column."),
    )

    class Meta:
        model = DeclaredDelay
        fields = ("name", *CHOICES, "later_days", "new_date", "why", "reason", "tell_again")
        widgets = {  # noqa: RUF012
            "country": CountrySelect,
            "numbers": forms.Textarea(attrs={"rows": 3, "cols": 60}), "reason": forms.Textarea(attrs={"rows": 2, "cols": 60}),
            "ordered_from": forms.DateInput(attrs={"type": "date"}), "ordered_until": forms.DateInput(attrs={"type": "date"}),
            "new_date": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (tag, title) in _languages().items():
            self.fields[name] = forms.CharField(
                label=_("Reason in %(language)s") % {"language": title}, required=False, max_length=300,
                widget=forms.Textarea(attrs={"rows": 2, "cols": 60}), initial=(self.instance.reasons or {}).get(tag, ""),
            )

    @staticmethod
    def language_fields() -> tuple[str, ...]:
        """Names of the fields for the reason in the shop's other languages."""
        return tuple(_languages())

    def clean_file(self) -> list[str]:
        """The numbers in the file."""
        given = self.cleaned_data.get("file")
        if not given:
            return []
        if given.size > MOST_BYTES:
            raise ValidationError(_("The file is larger than a megabyte; please split it."))
        try:
            rows = list(csv.reader(io.StringIO(given.read().decode("utf-8-sig"))))
        except (UnicodeDecodeError, csv.Error) as error:
            raise ValidationError(_("The file cannot be read as CSV; please save it as “CSV UTF-8”.")) from error
        return [number for row in rows if row for number in numbers_in(row[0])]

    def clean(self) -> dict[str, Any]:
        """One new date, and at least one thing by which orders are chosen."""
        data = super().clean() or self.cleaned_data
        numbers = list(dict.fromkeys([*numbers_in(data.get("numbers") or ""), *(data.get("file") or ())]))
        data["numbers"] = ", ".join(numbers)
        if len(numbers) > MOST_NUMBERS:
            self.add_error("numbers", _("These are more than 5,000 numbers; please declare them in several parts."))
        if bool(data.get("later_days")) == bool(data.get("new_date")):
            self.add_error("later_days", _("Say how many days later, or by which date; one of the two."))
        if (day := data.get("new_date")) and day <= here(clock.now()).date():
            self.add_error("new_date", _("This day is not ahead. Give the day by which it will have arrived, from tomorrow on."))
        if not any(data.get(name) for name in CHOICES):
            self.add_error(None, _("Choose orders by at least one of the fields: as it is, every customer would be meant."))
        first, last = data.get("ordered_from"), data.get("ordered_until")
        if first and last and first > last:
            self.add_error("ordered_until", _("This is before the first day."))
        return data

    def save(self, commit: bool = True) -> DeclaredDelay:
        """With the reason in each language."""
        self.instance.reasons = {tag: text for name, (tag, _title) in _languages().items() if (text := self.cleaned_data.get(name))}
        return super().save(commit)


def _languages() -> dict[str, tuple[str, str]]:
    """The shop's languages besides its own: tag and title by the name of the form's field."""
    others = [(tag, str(title)) for tag, title in settings.LANGUAGES if tag.lower() != conf.language.lower()]
    if len(others) > MOST_LANGUAGES:
        return {}
    return {f"reason_{tag.replace('-', '_')}": (tag.lower(), title) for tag, title in others}
