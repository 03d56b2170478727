"""A misconfigured shop is told at start-up what to mend; a well-configured one hears nothing."""

from __future__ import annotations

import pytest
from celery import Celery
from django.core.checks import run_checks
from django.utils.translation import gettext_lazy

from ecommerce_comms import plugins
from ecommerce_comms.conf import DEFAULTS
from ecommerce_comms.orders import waker

pytestmark = pytest.mark.django_db(databases=["default", "other"])  # Django 6.1 opens every database for its checks
CLEAN = {
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_TIMEOUT": 10, "DEBUG": False, "USE_TZ": True,
    "DEFAULT_FROM_EMAIL": "orders@shop.example",
}
REDIS = {"broker_url": "redis://127.0.0.1:6379/0", "broker_transport_options": {"socket_timeout": 3, "socket_connect_timeout": 1}}


@pytest.fixture
def check(settings, monkeypatch):
    """Runs the app's checks in a clean shop with these changes; returns the messages by their short id."""

    def run(changes=None, *, comms=None, celery=None):
        for name, value in {**CLEAN, **(changes or {})}.items():
            setattr(settings, name, value)
        settings.ECOMMERCE_COMMS = comms if isinstance(comms, list) else {**settings.ECOMMERCE_COMMS, "WAKER": "thread", **(comms or {})}
        app = Celery("shop", set_as_current=False)
        app.conf.update({**REDIS, "task_ignore_result": True, **(celery or {})})
        monkeypatch.setattr(waker, "_shops_app", app)
        plugins.forget()
        found = [message for message in run_checks() if str(message.id).startswith("ecommerce_comms.")]
        assert all(message.hint for message in found)
        return {message.id.partition(".")[2]: message for message in found}

    return run


def test_clean_shop_hears_nothing(check):
    assert check() == {}


@pytest.mark.parametrize(("comms", "expected", "says", "hint"), [
    ({"ORDER_MODEL": "shop.Nothing"}, "E002", "shop.Nothing", "ORDER_ADAPTER"),
    ({"ORDER_FIELDS": {"numbr": "order_no"}}, "E003", "numbr", "'number'"),
    ({"ORDER_FIELDS": {"number": 17}}, "E003", "17", "path"),
    ({"ORDER_FIELDS": {"number": "ordre_no"}}, "E004", "ordre_no", "'order_no'"),
    ({"ORDER_ADAPTER": "shop.nowhere.Adapter"}, "E005", "shop.nowhere.Adapter", "dotted path"),
    ({"BACKENDS": {"email": "django.db.models.Model"}}, "E005", "MessageBackend", "dotted path"),
    ({"ESTIMATOR": "no.such.Estimator"}, "E005", "no.such.Estimator", "dotted path"),
    ({"SHOP_NAMES": "Plain"}, "W001", "SHOP_NAMES", "'SHOP_NAME'"),
    ({"FROM_EMAIL": "nobody"}, "W002", "nobody", "DEFAULT_FROM_EMAIL"),
    ({"SHOP_NAME": ""}, "W004", "no name", "SHOP_NAME"),
])
def test_setting_of_ours_that_does_not_fit(check, comms, expected, says, hint):
    found = check(comms=comms)
    assert set(found) == {expected}
    assert says in found[expected].msg
    assert hint in found[expected].hint


@pytest.mark.parametrize(("name", "value", "hint"), [
    ("BATCH_SIZE", "50", "without quotes, such as 100"),
    ("BATCH_SIZE", 0, "above 0"),
    ("MAX_ATTEMPTS", True, "such as 8"),
    ("STALE_AFTER_DAYS", -1, "whole number"),
    ("RETRY_SECONDS", 0.5, "such as 30"),
    ("SHOP_NAME", 7, "text in quotes"),
    ("ORDER_MODEL", None, "text in quotes"),
    ("ORDER_ADAPTER", plugins, "text in quotes"),
    ("BACKENDS", ["email"], '{"email": "ecommerce_comms.'),
    ("BACKENDS", {"email": plugins}, '{"email": "ecommerce_comms.'),
    ("TIME_ZONE", "Asia/Calcuta", "Asia/Kolkata"),
    ("LANGUAGE", "English (UK)", "pt-BR"),
    ("WAKER", "on", '"thread", "notify" or "off"'),
    ("WAKER", False, '"thread", "notify" or "off"'),
    ("WAKER", ["off"], '"thread", "notify" or "off"'),
    ("SHOP_URL", "shop.example", "https://"),
    ("SHOP_URL", "https://", "https://shop.example"),
    ("SHOP_URL", "https://[shop", "https://shop.example"),
    ("SHOP_URL", None, '""'),
])
def test_value_of_the_wrong_type_or_meaning_is_told_alone(check, name, value, hint):
    found = check(comms={name: value})
    assert set(found) == {"E007"}
    assert found["E007"].msg == f'ECOMMERCE_COMMS["{name}"] is {value!r}.'
    assert hint in found["E007"].hint


@pytest.mark.parametrize("comms", [
    DEFAULTS | {"ORDER_MODEL": "plain.PlainOrder", "SHOP_NAME": "Plain", "SHOP_URL": "https://shop.example"},
    {"DELAY_NOTICES": 0, "RECONCILE_MINUTES": 0},
    {"SHOP_NAME": gettext_lazy("Plain Goods"), "SHOP_URL": "http://localhost:8000", "LANGUAGE": "zh_Hant-TW", "TIME_ZONE": "UTC"},
], ids=["defaults", "zeros", "unusual but right"])
def test_value_that_fits_is_not_told(check, comms):
    assert check(comms=comms) == {}


def test_wrong_value_hides_no_other_complaint(check):
    assert set(check({"USE_TZ": False}, comms={"BACKENDS": "email", "SHOP_NAME": ""})) == {"E007", "E006", "W004"}


@pytest.mark.parametrize(("changes", "expected", "hint"), [
    ({"USE_TZ": False}, "E006", "USE_TZ = True"),
    ({"DEFAULT_FROM_EMAIL": "webmaster@localhost"}, "W002", "FROM_EMAIL"),
    ({"EMAIL_TIMEOUT": None}, "W003", "EMAIL_TIMEOUT = 10"),
])
def test_setting_of_djangos_that_does_not_fit(check, changes, expected, hint):
    found = check(changes)
    assert set(found) == {expected}
    assert hint in found[expected].hint


def test_settings_that_are_no_dict_are_the_only_complaint_needed(check):
    found = check(comms=["ORDER_MODEL"])
    assert set(found) == {"E001"}
    assert "ECOMMERCE_COMMS = {" in found["E001"].hint


@pytest.mark.parametrize(("celery", "expected", "hint"), [
    ({"broker_url": "memory://"}, "W005", "comms_sweep"),
    ({"broker_url": "redis://h/0", "broker_transport_options": {}}, "W006", "CELERY_BROKER_TRANSPORT_OPTIONS = {'socket_timeout': 3"),
    ({"broker_url": "rediss://h/0", "broker_transport_options": {"socket_timeout": 3}}, "W006", "'socket_connect_timeout': 1"),
    ({"broker_url": "amqp://h//", "broker_transport_options": {"confirm_publish": True}}, "W006", "'read_timeout': 3"),
    ({"result_backend": "redis://h/1", "task_ignore_result": False}, "W007", "CELERY_TASK_IGNORE_RESULT"),
])
def test_broker_that_does_not_fit(check, celery, expected, hint):
    found = check(celery=celery)
    assert set(found) == {expected}
    assert hint in found[expected].hint


@pytest.mark.parametrize(("changes", "comms", "celery"), [
    ({"DEBUG": True}, {}, {"broker_url": "memory://"}),
    ({}, {"WAKER": "off"}, {"broker_url": "memory://"}),
    ({}, {}, {"broker_url": "memory://", "task_always_eager": True}),
    ({}, {}, {"broker_url": None, "broker_transport_options": {}}),
    ({}, {}, {"broker_url": "sqs://", "broker_transport_options": {}}),
    ({}, {}, {"result_backend": "redis://h/1"}),
], ids=["while developing", "swept only", "eager", "no Celery", "another broker", "results ignored"])
def test_broker_that_fits(check, changes, comms, celery):
    assert check(changes, comms=comms, celery=celery) == {}
