"""Phone numbers as people write them, in the one form that gateways take."""

from __future__ import annotations

import pytest

from ecommerce_comms.customers import phones
from ecommerce_comms.messaging.channels import Contact, address_of


@pytest.fixture(params=[True, False], ids=["with the extra", "without"])
def either(request, monkeypatch):
    """With phonenumberslite, and as if it were not installed."""
    if not request.param:
        monkeypatch.setattr(phones, "_numbers", None)
    return request.param


@pytest.mark.parametrize(("written", "meant"), [
    ("+919830012345", "+919830012345"), ("+91 98300-12345", "+919830012345"), ("0091 98300 12345", "+919830012345"),
    ("+44 (0)20 7946 0018", "+442079460018"), ("\u200e+91 ৯৮৩০০ ১২৩৪৫", "+919830012345"), ("＋49 30 1234567", "+49301234567"),
    ("", ""), ("+", ""), ("asha@customers.example", ""), ("+0123456789", ""), ("+1234567890123456789", ""), ("+91 98300 12345 x7", ""),
    ("+91\n98300,12345", ""), ("9" * 5000, ""), ("+" * 50, ""), ("+12", ""),
])
def test_international_number_is_understood_with_and_without_the_extra(either, written, meant):
    assert phones.e164(written) == meant


@pytest.mark.parametrize(("written", "country", "meant"), [
    ("98300 12345", "IN", "+919830012345"), ("098300 12345", "in", "+919830012345"), ("020 7946 0018", "GB", "+442079460018"),
    ("00 91 98300 12345", "GB", "+919830012345"), ("+91 98300 12345", "GB", "+919830012345"),
    ("98300 1", "GB", ""), ("98300 12345", "XX", ""), ("12345", "IN", ""), ("98300 12345", "", ""),
])
def test_national_number_belongs_to_the_country_of_the_address(written, country, meant):
    assert phones.e164(written, country) == meant


def test_shop_says_where_numbers_live_that_name_no_country(settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "PHONE_COUNTRY": "IN"}
    assert phones.e164("98300 12345") == "+919830012345"
    assert phones.e164("020 7946 0018", "GB") == "+442079460018"


def test_national_number_is_not_guessed_without_the_extra(monkeypatch):
    monkeypatch.setattr(phones, "_numbers", None)
    assert phones.e164("98300 12345", "IN") == ""


def test_channel_for_phones_takes_the_country_of_the_order(settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS,
                                "BACKENDS": {"sms": "ecommerce_comms.messaging.backends.sms.SmsBackend"}}
    contact = Contact(phone="98300 12345", country="IN")
    assert address_of("sms", contact) == "+919830012345"
