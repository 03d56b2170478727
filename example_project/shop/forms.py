"""What visitors and staff fill in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UserCreationForm
from django.contrib.auth.models import User
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.customers import phones
from ecommerce_comms.zones import here
from example_project.shop.models import Country, NewsBy, Order

PHONE = RegexValidator(r"^\+?[0-9 ()./-]{6,30}$", _("Please write a phone number, such as +91 98300 12345."))
OFFERS = _("Tell me about new things and offers by e-mail, now and then.")
"""The words that are kept as the proof of a consent."""
CALL_TIMES = [
    ("", _("At any time")),
    ("09:00-12:00", _("In the morning")),
    ("12:00-17:00", _("In the afternoon")),
    ("17:00-20:00", _("In the evening")),
]
PAYMENTS = [
    ("now", _("Pay now with the test card")),
    ("refused", _("Pay with a card that is refused")),
    ("later", _("Pay later")),
]


def _text(label: Any, autocomplete: str, **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete, **more.pop("attrs", {})})
    return forms.CharField(label=label, widget=widget, **more)


class AddressForm(forms.Form):
    """Who orders, and where the parcel goes."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}),
                             help_text=_("For the confirmation and news of your order."))
    phone = _text(_("Phone"), "tel", required=False, validators=[PHONE], max_length=30, attrs={"type": "tel"},
                  help_text=_("For text messages and calls, if you choose them below, and if the carrier cannot find you."))
    first_name = _text(_("First name"), "given-name", max_length=100)
    last_name = _text(_("Last name"), "family-name", max_length=100, required=False)
    street = _text(_("Street and number"), "address-line1", max_length=150)
    district = _text(_("Flat, area or landmark"), "address-line2", max_length=150, required=False)
    city = _text(_("Town or city"), "address-level2", max_length=100)
    region = _text(_("State or region"), "address-level1", max_length=100, required=False)
    postcode = _text(_("PIN or postcode"), "postal-code", max_length=20)
    country = forms.ChoiceField(label=_("Country"), choices=Country, initial=Country.IN,
                                widget=forms.Select(attrs={"autocomplete": "country"}))
    news_by = forms.ChoiceField(label=_("How shall we tell you about your order?"), choices=NewsBy, initial=NewsBy.EMAIL,
                                widget=forms.RadioSelect, help_text=_("If that does not work, we write an e-mail."))
    call_times = forms.ChoiceField(label=_("When may we call?"), choices=CALL_TIMES, required=False)
    offers = forms.BooleanField(label=OFFERS, required=False)
    gift_name = _text(_("Name of the receiver"), "off", max_length=100, required=False)
    gift_email = forms.EmailField(label=_("E-mail of the receiver"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"}),
                                  help_text=_("They hear when the parcel comes and who sends it, but not what is in it or what it cost."))

    def sections(self) -> Iterator[tuple[Any, list[forms.BoundField]]]:
        """The form in parts, each with its title."""
        for title, names in SECTIONS:
            yield title, [self[name] for name in names]

    def clean(self) -> dict[str, Any]:
        """Who wants to be called has a number that can be called."""
        data = super().clean() or {}
        number = data.get("phone", "")
        if data.get("news_by") in (NewsBy.SMS, NewsBy.PHONE) and "phone" in data and not phones.e164(number, data.get("country", "")):
            self.add_error("phone", _("Please write your number with the country code, such as +91 98300 12345.") if number
                           else _("Please tell us the number."))
        if data.get("gift_name") and "gift_email" in data and not data["gift_email"]:
            self.add_error("gift_email", _("Please write an address, or leave both lines empty."))
        return data


SECTIONS = [
    (_("You"), ["email", "phone", "first_name", "last_name"]),
    (_("The address"), ["street", "district", "city", "region", "postcode", "country"]),
    (_("News of your order"), ["news_by", "call_times", "offers"]),
    (_("Is it a gift?"), ["gift_name", "gift_email"]),
]


class DeliveryForm(forms.Form):
    """How it is sent, and how it is paid."""

    shipping_option = forms.CharField()
    payment = forms.ChoiceField(label=_("Payment"), choices=PAYMENTS, initial="now", widget=forms.RadioSelect)
    shown = forms.CharField(required=False)
    """The windows that the page showed: if they have changed since, the customer is asked again."""


class LoginForm(AuthenticationForm):
    """Who comes back."""

    error_messages: ClassVar = {  # type: ignore[misc]
        "invalid_login": _("User name and password do not fit together. Please look at capital letters."),
        "inactive": _("This account is closed."),
    }


class RegisterForm(UserCreationForm):  # type: ignore[type-arg]
    """A new account."""

    error_messages: ClassVar = {  # type: ignore[misc]
        "password_mismatch": _("The two passwords are not the same."),
    }

    first_name = _text(_("First name"), "given-name", max_length=150)
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))

    class Meta:
        model = User
        fields: ClassVar = ["username", "first_name", "email"]
        help_texts: ClassVar = {"username": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password2"].help_text = ""


class DelayForm(forms.Form):
    """A new window."""

    earliest = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    latest = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label=_("Reason, as the customer reads it"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """The window does not end before it begins."""
        data = super().clean() or {}
        if data.get("earliest") and data.get("latest") and data["latest"] < data["earliest"]:
            self.add_error("latest", _("The last day is before the first."))
        if data.get("earliest") and data["earliest"] < here(clock.now()).date():
            self.add_error("earliest", _("That day has passed."))
        return data


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason, as the customer reads it"), max_length=200, required=False)


class RefundForm(forms.Form):
    """How much goes back; nothing written means everything."""

    amount = forms.DecimalField(label=_("Amount"), max_digits=10, decimal_places=2, min_value=0, required=False)


class SplitForm(forms.Form):
    """In which parcel each line leaves."""

    PARCELS: ClassVar = [("", _("not yet")), ("1", "1"), ("2", "2"), ("3", "3")]

    def __init__(self, order: Order, lines: dict[Any, int], data: Any = None) -> None:
        super().__init__(data)
        self.lines = lines
        for item, count in lines.items():
            self.fields[f"item_{item.pk}"] = forms.ChoiceField(label=f"{count} × {item.title}", choices=self.PARCELS, required=False)

    def parcels(self) -> list[dict[Any, int]]:
        """What goes into each parcel; parcels with nothing in them are left out."""
        groups: dict[str, dict[Any, int]] = {}
        for item, count in self.lines.items():
            number = self.cleaned_data[f"item_{item.pk}"]
            if number:
                groups.setdefault(number, {})[item] = count
        return [groups[number] for number in sorted(groups)]
