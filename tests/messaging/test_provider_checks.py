"""Providers that are written down wrongly are told at start-up."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks

from ecommerce_comms.messaging.backends.provider_checks import are_entries, check_providers
from ecommerce_comms.messaging.backends.providers import rate_of

SMTP = "django.core.mail.backends.smtp.EmailBackend"
GOOD = {"name": "relay", "backend": SMTP, "options": {"host": "127.0.0.1", "timeout": 5}, "rate": "14/s"}


@pytest.fixture
def check(settings):
    """The complaints about these providers, by their short id."""

    def run(*entries):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "EMAIL_PROVIDERS": list(entries)}
        found = check_providers()
        assert all(message.hint for message in found)
        return [(message.id.partition(".")[2], message.msg) for message in found]

    return run


def test_good_providers_are_left_alone(check):
    assert check() == []
    assert check(GOOD, {**GOOD, "name": "other"}, {"name": "file", "backend": "django.core.mail.backends.locmem.EmailBackend"}) == []


@pytest.mark.parametrize(("change", "expected", "says"), [
    ({"rate": "14/day"}, "E008", "'14/day'"),
    ({"rate": 14}, "E008", "14 as its rate"),
    ({"rate": "0/s"}, "E008", "0/s"),
    ({"rates": "1/s"}, "E008", "'rates'"),
    ({"backend": ""}, "E008", "needs a backend"),
    ({"mailer": "default"}, "E008", "a mailer instead"),
    ({"backend": "", "mailer": "nowhere"}, "E008", "nowhere"),
    ({"options": ["host"]}, "E008", "options"),
    ({"options": {"fail_silently": True}}, "E008", "fail_silently"),
    ({"name": 7}, "E008", "7 as its name"),
    ({"name": ""}, "E009", "name"),
    ({"name": "x" * 51}, "E009", "name"),
    ({"backend": "no.such.Backend"}, "E010", "no"),
    ({"backend": "anymail.backends.postmark.EmailBackend", "options": {}}, "E010", "POSTMARK_SERVER_TOKEN"),
    ({"options": {"use_tls": True, "use_ssl": True, "timeout": 1}}, "E010", "exclusive"),
    ({"options": {"host": "127.0.0.1"}}, "W003", "time-out"),
])
def test_mistake_is_told(check, change, expected, says):
    ((found, message),) = check({**GOOD, **change})
    assert found == expected
    assert says in message


def test_two_providers_of_one_name_are_told_apart(check):
    assert [found for found, _ in check(GOOD, GOOD)] == ["E009", "E009"]


@pytest.mark.parametrize(("value", "good"), [([], True), ([{}], True), ((GOOD,), True), ({}, False), (["relay"], False), (None, False)])
def test_setting_is_a_list_of_dicts(value, good):
    assert are_entries(value) is good


@pytest.mark.parametrize(("text", "rate"), [("14/s", (14, 1.0)), (" 500 / m ", (500, 60.0)), ("9/h", (9, 3600.0)), ("", None)])
def test_rate_is_read(text, rate):
    assert rate_of(text) == rate


@pytest.mark.django_db(databases=["default", "other"])  # Django 6.1 opens every database for its checks
def test_misspelt_part_is_told_and_stops_no_other_check(settings):
    entry = {"name": "relay", "backned": "x", "backend": "django.core.mail.backends.smtp.EmailBackend", "options": {"timeout": 5}}
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "EMAIL_PROVIDERS": [entry]}
    found = [message for message in run_checks() if message.id == "ecommerce_comms.E008"]
    assert len(found) == 1
    assert "'backned'" in found[0].msg


@pytest.mark.django_db(databases=["default", "other"])  # Django 6.1 opens every database for its checks
def test_option_that_djangos_backend_would_swallow_is_told(settings):
    entry = {"name": "relay", "backend": "django.core.mail.backends.smtp.EmailBackend", "options": {"hots": "mail.example", "timeout": 5}}
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "EMAIL_PROVIDERS": [entry]}
    found = [message for message in run_checks() if message.id == "ecommerce_comms.E008"]
    assert len(found) == 1
    assert "hots" in found[0].msg
    assert "host" in found[0].hint
