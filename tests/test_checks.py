"""A misconfigured shop is told at start-up what to mend; a well-configured one hears nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from celery import Celery
from django.core.checks import run_checks
from django.utils.translation import gettext_lazy

from ecommerce_comms import plugins
from ecommerce_comms.checks import services
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


@pytest.mark.parametrize(("name", "value", "why", "hint"), [
    ("BATCH_SIZE", "50", "no whole number", "without quotes, such as 100"),
    ("BATCH_SIZE", 0, "less than 1", "above 0"),
    ("MAX_ATTEMPTS", True, "no whole number", "such as 8"),
    ("STALE_AFTER_DAYS", -1, "less than 0", "0 or more"),
    ("MARKETING_PER_DAY", -1, "less than 0", "For no limit write 0"),
    ("RETRY_SECONDS", 0.5, "no whole number", "such as 30"),
    ("SHOP_NAME", 7, "no text", "text in quotes"),
    ("ORDER_MODEL", None, "no text", "text in quotes"),
    ("ORDER_ADAPTER", plugins, "no text", "text in quotes"),
    ("BACKENDS", ["email"], "no dict", '{"email": "ecommerce_comms.'),
    ("BACKENDS", {"email": plugins}, "in it is no text", '{"email": "ecommerce_comms.'),
    ("BACKENDS", {"sms,email": "x.Y"}, "'sms,email' in it is no name of at most 20", '{"email": "ecommerce_comms.'),
    ("BACKENDS", {"text_messages_by_bridge": "x.Y"}, "in it is no name of at most 20", '{"email": "ecommerce_comms.'),
    ("TIME_ZONE", "Asia/Calcuta", "no time zone of that name", "Asia/Kolkata"),
    ("LANGUAGE", "English (UK)", "no tag of a language", "pt-BR"),
    ("LANGUAGE", "xx", "knows this language", "pt-BR"),
    ("LANGUAGE", "qq-DE", "knows this language", "pt-BR"),
    ("WAKER", "on", "none of thread, notify, off", '"thread", "notify" or "off"'),
    ("WAKER", False, "none of", '"thread", "notify" or "off"'),
    ("WAKER", ["off"], "none of", '"thread", "notify" or "off"'),
    ("SHOP_URL", "shop.example", "no whole address", "https://"),
    ("SHOP_URL", "https://", "no whole address", "https://shop.example"),
    ("SHOP_URL", "https://[shop", "no whole address", "https://shop.example"),
    ("SHOP_URL", None, "no whole address", '""'),
    ("SHOP_EMAIL", "help at shop.example", "no e-mail address", "help@shop.example"),
    ("SHOP_EMAIL", "Lotus House <help@shop.example>", "no e-mail address", "address alone"),
    ("QUIET_HOURS", "21:00-21:00", "it leaves less than an hour of day", "21:00-08:00"),
    ("QUIET_HOURS", "at night", "it is not written like 21:00-08:00", "21:00-08:00"),
    ("CALL_HOURS", {"monday": "09:00-18:00"}, "'monday' is no day such as mon", "mon-fri"),
    ("CALL_HOURS", "9 to 5", "'9 to 5' is not written like 09:00-18:00", "mon-fri"),
    ("CALL_HOURS", {"mon": 9}, "neither a text nor a dict of texts", "mon-fri"),
    ("CALL_HOURS", {}, "no day in it has hours", "mon-fri"),
    ("CALL_TRIES", 0, "this is less than 1", "above 0"),
    ("RETENTION_DAYS", {"mails": 7}, "there is no kind 'mails'", "messages"),
    ("RETENTION_DAYS", {"messages": -7}, "for 'messages', this is less than 0", "messages"),
    ("SNS_TOPICS", ["bounces"], "'bounces' in it is no ARN", "arn:aws:sns:"),
    ("WEBHOOKS", "postmark", "no list", '["postmark"]'),
    ("PROMISE_LEVEL", 90, "no number with a point", "a share, such as 0.9"),
    ("PROMISE_LEVEL", 1.0, "not between 0.5 and 0.99", "nine of ten"),
    ("LEARN_AT", "3am", "no time of day", '"03:00"'),
    ("LEARN_AT", 3, "no time of day", '"03:00"'),
    ("LEARN_DAYS", 0, "less than 1", "730"),
    ("MESSAGE_KINDS", ["spring_offer"], "no dict", '{"spring_offer": {"label"'),
    ("MESSAGE_KINDS", {"Spring offer": {}}, "'Spring offer' in it is no name of at most 40", "small letters"),
    ("MESSAGE_KINDS", {"order_paid": {}}, "'order_paid' in it is a kind that the app has already", "small letters"),
    ("MESSAGE_KINDS", {"spring_offer": "Spring"}, "'spring_offer' in it is no dict", "spring_offer"),
    ("MESSAGE_KINDS", {"spring_offer": {"name": "Spring"}}, "has no part 'name', only label, purpose and facts", "spring_offer"),
    ("MESSAGE_KINDS", {"spring_offer": {"label": ""}}, "has a label that is no text", "spring_offer"),
    ("MESSAGE_KINDS", {"spring_offer": {"purpose": "ads"}}, "none of transactional, service, marketing", "spring_offer"),
    ("MESSAGE_KINDS", {"spring_offer": {"facts": "name"}}, "has facts that are no list", "spring_offer"),
    ("MESSAGE_KINDS", {"spring_offer": {"facts": ["customer.firstname"]}}, "perhaps 'customer.first_name' is meant", "spring_offer"),
    ("MESSAGE_KINDS", {"spring_offer": {"facts": ["points"]}}, "the fact 'points', which is not written like", "spring_offer"),
])
def test_value_of_the_wrong_type_or_meaning_is_told_alone_with_what_is_wrong(check, name, value, why, hint):
    found = check(comms={name: value})
    assert set(found) == {"E007"}
    says = found["E007"].msg
    assert says.startswith(f'ECOMMERCE_COMMS["{name}"] is {value!r}: ')
    assert why in says
    assert hint in found["E007"].hint


@pytest.mark.parametrize(("name", "value"), [
    ("HASH_KEY", b"geheim"), ("HEALTH_TOKEN", ["geheim"]), ("EMAIL_PROVIDERS", {"options": {"password": "geheim"}}),
])
def test_wrong_secret_is_not_quoted(check, name, value):
    found = check(comms={name: value})
    assert set(found) == {"E007"}
    assert "geheim" not in str(found["E007"])


@pytest.mark.parametrize("comms", [
    DEFAULTS | {"ORDER_MODEL": "plain.PlainOrder", "SHOP_NAME": "Plain", "SHOP_URL": "https://shop.example"},
    {"DELAY_NOTICES": 0, "RECONCILE_MINUTES": 0},
    {"SHOP_NAME": gettext_lazy("Plain Goods"), "SHOP_URL": "http://localhost:8000", "LANGUAGE": "zh_Hant-TW", "TIME_ZONE": "UTC"},
    {"SHOP_EMAIL": "hilfe@bücher.example", "LANGUAGE": "sw", "QUIET_HOURS": "", "MARKETING_PER_DAY": 0, "LEASE_SECONDS": 90},
    {"SHOP_EMAIL": gettext_lazy("help@shop.example"), "LANGUAGE": "en-GB", "HEALTH_TOKEN": "a token of 22 letters."},
], ids=["defaults", "zeros", "unusual but right", "at the edge", "translated"])
def test_value_that_fits_is_not_told(check, comms):
    assert set(check(comms=comms)) <= {"W040"}  # that there are no texts in a language is another matter


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


# ---- what fits by itself and not together -----------------------------------------------------------------------------


@pytest.mark.parametrize(("comms", "expected", "says", "hint"), [
    ({"LEASE_SECONDS": 89}, "W011", "89, less than three times SEND_SECONDS (30)", "90 or more"),
    ({"SEND_SECONDS": 41}, "W011", "another worker could take over", "123 or more"),
    ({"HEALTH_TOKEN": "fifteen letters"}, "W013", "fewer than 16", "token_urlsafe"),
])
def test_settings_that_do_not_fit_together_or_their_purpose(check, comms, expected, says, hint):
    found = check(comms=comms)
    assert set(found) == {expected}
    assert says in found[expected].msg
    assert hint in found[expected].hint


class TestDatabase:
    @pytest.fixture
    def database(self, monkeypatch):
        """The checks' database is of this vendor, with these options, in a file."""

        def be(vendor="sqlite", **options):
            wrapper = SimpleNamespace(vendor=vendor, display_name=vendor.title(), alias="default", settings_dict={"OPTIONS": options},
                                      is_in_memory_db=lambda: False)
            monkeypatch.setattr(services, "_database", lambda: wrapper)

        return be

    @pytest.mark.parametrize(("options", "hint", "not_there"), [
        ({}, "'transaction_mode': 'IMMEDIATE', 'timeout': 20", "{"),
        ({"timeout": 30}, "'transaction_mode': 'IMMEDIATE'", "timeout"),
        ({"transaction_mode": "DEFERRED", "timeout": 30}, "'transaction_mode': 'IMMEDIATE'", "timeout"),
        ({"transaction_mode": "immediate"}, "'timeout': 20", "transaction_mode"),
        ({"transaction_mode": "IMMEDIATE", "timeout": 9}, "'timeout': 20", "transaction_mode"),
    ])
    def test_sqlite_whose_writers_do_not_wait_for_each_other_is_told(self, check, database, options, hint, not_there):
        database(**options)
        found = check()
        assert set(found) == {"W010"}
        assert "database is locked" in found["W010"].msg
        assert hint in found["W010"].hint and not_there not in found["W010"].hint

    @pytest.mark.parametrize("mode", ["IMMEDIATE", "immediate", "EXCLUSIVE"])
    def test_sqlite_whose_writers_wait_is_fine(self, check, database, mode):
        database(transaction_mode=mode, timeout=10)
        assert check() == {}

    def test_sqlite_in_memory_and_other_databases_need_neither(self, check, database):
        assert check() == {}
        database("postgresql")
        assert check() == {}

    @pytest.mark.parametrize("vendor", ["sqlite", "mysql"])
    def test_wake_up_by_postgresql_where_there_is_none_is_told(self, check, database, vendor):
        database(vendor, transaction_mode="IMMEDIATE", timeout=20)
        found = check(comms={"WAKER": "notify"})
        assert set(found) == {"W012"}
        assert vendor.title() in found["W012"].msg and '"WAKER": "off"' in found["W012"].hint

    def test_wake_up_by_postgresql_is_fine_on_postgresql(self, check, database):
        database("postgresql")
        assert check(comms={"WAKER": "notify"}) == {}


# ---- webhooks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "hint"), [("postmrak", "Did you mean 'postmark'?"), ("Amazon-SES", "Did you mean 'amazon_ses'?"),
                                            ("pigeon", "may name amazon_ses, brevo")])
def test_misspelt_webhook_is_told_with_the_nearest_name(check, name, hint):
    found = check(comms={"WEBHOOKS": [name]})
    assert set(found) == {"E020"}
    assert name in found["E020"].msg
    assert hint in found["E020"].hint


@pytest.mark.parametrize(("secret", "says"), [
    ("no-colon", "has no colon"), (["no-colon", ""], "has no colon"), ("provider:", "no password after the colon"),
    ("", "anybody could report bounces and complaints."),
])
def test_secret_that_is_none_is_told_and_not_quoted(check, secret, says):
    found = check({"ANYMAIL": {"WEBHOOK_SECRET": secret}}, comms={"WEBHOOKS": ["postmark"]})
    assert set(found) == {"E020"}
    assert found["E020"].msg.endswith(says) or says in found["E020"].msg
    assert "no-colon" not in found["E020"].msg
    assert "name:password" in found["E020"].hint
