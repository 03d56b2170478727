"""What a merchant may enter about how parcels travel; anything else is refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.shipping.models import ClosedDay, Service, Warehouse
from ecommerce_comms.zones import is_zone

if TYPE_CHECKING:
    PlaceModelForm = forms.ModelForm[Any]
else:
    PlaceModelForm = forms.ModelForm


class PlaceForm(PlaceModelForm):
    """Checks the fields that say where and on which weekdays."""

    least, most, days = "", "", ""
    """Names of the fields with a number of days, and with weekdays."""

    def clean_country(self) -> str:
        """Two letters, in capitals."""
        country = str(self.cleaned_data.get("country") or "").strip().upper()
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise ValidationError(_("Give the country as two letters, such as IN for India or GB for Britain."), code="country")
        return country

    def clean(self) -> dict[str, Any]:
        """What only makes sense together."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("region") and not data.get("country") and "country" not in self.errors:
            self.add_error("country", _("Say in which country this region lies."))
        if self.days and data.get(self.days):
            self._clean_weekdays(data)
        least, most = data.get(self.least), data.get(self.most)
        if least is not None and most is not None and least > most:
            self.add_error(self.most, _("The worst case cannot be quicker than the best one."))
        return data

    def _clean_weekdays(self, data: dict[str, Any]) -> None:
        digits = data[self.days]
        if set(digits) <= set("1234567"):
            data[self.days] = "".join(sorted(set(digits)))
        else:
            self.add_error(self.days, _("Use the digits 1 (Monday) to 7 (Sunday), such as 12345 for Monday to Friday."))


class WarehouseForm(PlaceForm):
    """Where parcels leave, and when."""

    least, most, days = "handling_days_min", "handling_days_max", "working_days"

    class Meta:
        model = Warehouse
        fields = "__all__"

    def clean_time_zone(self) -> str:
        """A zone that exists."""
        name = str(self.cleaned_data["time_zone"]).strip()
        if not is_zone(name):
            raise ValidationError(_("There is no time zone of that name. Write it like Asia/Kolkata or Europe/London."), code="time_zone")
        return name


class ServiceForm(PlaceForm):
    """A shipping option."""

    least, most, days = "transit_days_min", "transit_days_max", "delivery_days"

    class Meta:
        model = Service
        fields = "__all__"

    def clean_currency(self) -> str:
        """Three letters, in capitals."""
        currency = str(self.cleaned_data.get("currency") or "").strip().upper()
        if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise ValidationError(_("Give the currency as three letters, such as INR or EUR."), code="currency")
        return currency


class ClosedDayForm(PlaceForm):
    """A day on which nothing moves."""

    class Meta:
        model = ClosedDay
        fields = "__all__"
