"""What a merchant may choose on the page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.insights.chosen import FIRST, LAST, WAYS, Chosen
from ecommerce_comms.insights.labels import TITLES, Names, month
from ecommerce_comms.insights.models import Tally

MONTHS = 12
"""So many are shown unless others are chosen, this one included."""
_BLANK = "-"
"""Stands for an empty value in an address, where an empty parameter means all."""


class ChoiceForm(forms.Form):
    """The period, the grouping and the filters. What is not chosen, or makes no sense, is as it is at first."""

    by = forms.ChoiceField(label=_("Put together by"), choices=list(TITLES.items()), required=False)
    since = forms.ChoiceField(label=_("from"), required=False)
    until = forms.ChoiceField(label=_("until"), required=False)
    judged = forms.ChoiceField(
        label=_("Which date counts"), required=False,
        choices=[(FIRST, _("the first that the customer was told")), (LAST, _("the last that the customer was told"))],
    )
    carrier = forms.ChoiceField(label=_("Carrier"), required=False)
    service = forms.ChoiceField(label=_("Shipping option"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)

    def __init__(self, data: Any, today: date, names: Names) -> None:
        months = _months(today)
        self.usual = {"by": "carrier", "judged": FIRST, "since": f"{months[min(MONTHS, len(months)) - 1]:%Y-%m}", "until": f"{today:%Y-%m}"}
        super().__init__({**self.usual, **{name: value for name, value in data.items() if value}})
        for name in ("since", "until"):
            self._offer(name, [(f"{day:%Y-%m}", month(day)) for day in months])
        for name in WAYS:
            found = Tally.objects.filter(judged=FIRST, kind=Tally.Kind.WAY).order_by(name).values_list(name, flat=True).distinct()
            self._offer(name, [("", _("all")), *((value or _BLANK, names.label(name, (value,))) for value in found)])

    def chosen(self) -> tuple[str, Chosen]:
        """The grouping, and what is chosen."""
        self.is_valid()
        given = {name: self.cleaned_data.get(name) or usual for name, usual in self.usual.items()}
        since, until = sorted(date.fromisoformat(f"{given[name]}-01") for name in ("since", "until"))
        ways = {name: value.replace(_BLANK, "") if value == _BLANK else value for name in WAYS if (value := self.cleaned_data.get(name))}
        return given["by"], Chosen(since=since, until=until, judged=given["judged"], ways=ways)

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def _months(today: date) -> list[date]:
    """Every month from this one back to the first of which there is something, the newest first; at least the last twelve."""
    first = Tally.objects.filter(judged=FIRST, kind=Tally.Kind.WAY).order_by("month").values_list("month", flat=True).first()
    days = [today.replace(day=1)]
    while len(days) < MONTHS or (first and days[-1] > first):
        days.append((days[-1] - timedelta(days=1)).replace(day=1))
    return days
