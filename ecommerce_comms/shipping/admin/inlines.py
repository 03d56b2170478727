"""What rows of one form must not say twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext as _

from ecommerce_comms.shipping.models import Rate, Service

if TYPE_CHECKING:
    RateFormSet = BaseInlineFormSet[Rate, Service, Any]
else:
    RateFormSet = BaseInlineFormSet

TOGETHER = ("zone", "currency", "weight_up_to", "value_from")
"""What tells the times and prices of one option apart."""


class RatesTogether(RateFormSet):
    """The times and prices of one option: two for the same case would leave it to chance which one counts."""

    def clean(self) -> None:
        """Refuse the second of two rows for the same case."""
        super().clean()
        seen = set()
        for form in self.forms:
            data = getattr(form, "cleaned_data", None)
            if not data or data.get("DELETE"):
                continue
            case = tuple(data.get(name) for name in TOGETHER)
            if case in seen:
                raise ValidationError(_("Two rows are for the same zone, currency, weight and order value. Keep one of them."))
            seen.add(case)
