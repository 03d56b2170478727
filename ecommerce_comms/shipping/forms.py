"""What a merchant may enter about how parcels travel; anything else is refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.shipping import words
from ecommerce_comms.shipping.models import Carrier, ClosedDay, Peak, PickupPoint, Place, Rate, Service, Warehouse, Zone
from ecommerce_comms.shipping.reach import read_countries, read_postcodes
from ecommerce_comms.shipping.widgets import CountrySelect, TimeZoneInput, WeekdaysInput
from ecommerce_comms.zones import is_zone

if TYPE_CHECKING:
    SetupModelForm = forms.ModelForm[Any]
else:
    SetupModelForm = forms.ModelForm

MOST_DAYS = 366
"""A closed time or a peak is no longer than this."""


class SetupForm(SetupModelForm):
    """Checks the fields that say where, when and on which weekdays, as far as the table has them."""

    least, most = "", ""
    """Names of the fields with a number of days, at best and at worst."""
    days: tuple[str, ...] = ()
    """Names of the fields with weekdays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widgets = {"country": CountrySelect, "time_zone": TimeZoneInput, **dict.fromkeys(self.days, WeekdaysInput)}
        for name, widget in widgets.items():
            if name in self.fields:
                self.fields[name].widget = widget()

    def clean_country(self) -> str:
        """Two letters, in capitals."""
        country = str(self.cleaned_data.get("country") or "").strip().upper()
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise ValidationError(_("Give the country as two letters, such as IN for India or GB for Britain."), code="country")
        return country

    def clean_code(self) -> str:
        """Without blanks around it."""
        return str(self.cleaned_data.get("code") or "").strip()

    def clean_currency(self) -> str:
        """Three letters, in capitals."""
        currency = str(self.cleaned_data.get("currency") or "").strip().upper()
        if currency and not words.is_currency(currency):
            text = _("There is no currency “%(word)s”. Give its three letters, such as INR or EUR.")
            raise ValidationError(text, code="currency", params={"word": currency})
        return currency

    def clean(self) -> dict[str, Any]:
        """What only makes sense together."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("region") and not data.get("country") and "country" not in self.errors:
            self.add_error("country", _("Say in which country this region lies."))
        for name in self.days:
            if data.get(name):
                self._clean_weekdays(data, name)
        least, most = data.get(self.least), data.get(self.most)
        if least is not None and most is not None and least > most:
            self.add_error(self.most, _("The worst case cannot be quicker than the best one."))
        self._clean_period(data)
        return data

    def _clean_weekdays(self, data: dict[str, Any], name: str) -> None:
        digits = data[name]
        if set(digits) <= set("1234567"):
            data[name] = "".join(sorted(set(digits)))
        else:
            self.add_error(name, _("Use the digits 1 (Monday) to 7 (Sunday), such as 12345 for Monday to Friday."))

    def _clean_period(self, data: dict[str, Any]) -> None:
        first, last = data.get("day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("This is before the first day."))
        elif first and last and (last - first).days >= MOST_DAYS:
            self.add_error("last_day", _("This is more than a year. Close a warehouse, or an option, by taking away its tick instead."))


class WarehouseForm(SetupForm):
    """Where parcels leave, and when."""

    least, most, days = "handling_days_min", "handling_days_max", ("working_days", "short_days")

    class Meta:
        model = Warehouse
        fields = "__all__"

    def clean_time_zone(self) -> str:
        """A zone that exists."""
        name = str(self.cleaned_data["time_zone"]).strip()
        if not is_zone(name):
            raise ValidationError(_("There is no time zone of that name. Write it like Asia/Kolkata or Europe/London."), code="time_zone")
        return name

    def clean(self) -> dict[str, Any]:
        """Days that end earlier, and when they do, belong together."""
        data = super().clean()
        if bool(data.get("short_days")) != bool(data.get("short_cut_off")) and not {"short_days", "short_cut_off"} & set(self.errors):
            empty = "short_cut_off" if data.get("short_days") else "short_days"
            self.add_error(empty, _("Fill in both: the days, and the time until which orders count on them. Or leave both empty."))
        return data


class CarrierForm(SetupForm):
    """Who brings the parcels."""

    # Declared here because Django 5.2 and 6 complete an address without its scheme in different ways.
    website = forms.URLField(label=_("Website"), required=False, max_length=200, assume_scheme="https")

    class Meta:
        model = Carrier
        fields = "__all__"

    def clean_tracking_url(self) -> str:
        """A page on the web with a place for the number."""
        url = str(self.cleaned_data.get("tracking_url") or "").strip()
        if url and (not url.startswith(("https://", "http://")) or "{number}" not in url):
            raise ValidationError(
                _("Write the whole address, beginning with https://, with {number} where the tracking number belongs."), code="tracking_url"
            )
        return url


class ZoneForm(SetupForm):
    """Places that cost and take the same."""

    class Meta:
        model = Zone
        fields = "__all__"

    def clean_countries(self) -> str:
        """Codes in capitals, each once."""
        known, odd = read_countries(str(self.cleaned_data.get("countries") or ""))
        if odd:
            raise ValidationError(
                _("“%(word)s” is no country. Give each as two letters, such as IN for India or GB for Britain."), code="countries",
                params={"word": odd[0]},
            )
        return ", ".join(dict.fromkeys(known))


class PlaceForm(SetupForm):
    """A part of a country."""

    class Meta:
        model = Place
        fields = "__all__"

    def clean_postcodes(self) -> str:
        """Beginnings and ranges that can be read."""
        text = str(self.cleaned_data.get("postcodes") or "").strip()
        _known, odd = read_postcodes(text)
        if odd:
            raise ValidationError(
                _("“%(word)s” cannot be read. Write the beginning of a postcode, such as 7000*, or a range of codes of the same length, "
                  "such as 110001-110096."), code="postcodes", params={"word": odd[0]},
            )
        return text


class ServiceForm(SetupForm):
    """A shipping option."""

    days = ("delivery_days",)

    class Meta:
        model = Service
        fields = "__all__"


class RateForm(SetupForm):
    """How long an option takes to a zone, and what it costs."""

    least, most, days = "transit_days_min", "transit_days_max", ("delivery_days",)

    class Meta:
        model = Rate
        fields = "__all__"


class PickupPointForm(SetupForm):
    """Where customers fetch their parcel."""

    days = ("opening_days",)

    class Meta:
        model = PickupPoint
        fields = "__all__"


class ClosedDayForm(SetupForm):
    """A time in which nothing moves."""

    class Meta:
        model = ClosedDay
        fields = "__all__"


class PeakForm(SetupForm):
    """A time in which everything takes longer."""

    class Meta:
        model = Peak
        fields = "__all__"
