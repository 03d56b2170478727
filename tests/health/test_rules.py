"""What the rules lack is named at start-up, by the doctor and above their list: what, of which rule, where, and how to mend it."""

from __future__ import annotations

from io import BytesIO, StringIO

import pytest
from babel.messages.pofile import read_po, write_po
from django.conf import global_settings
from django.core.management import call_command
from django.urls import reverse

from ecommerce_comms import plugins, testing
from ecommerce_comms.checks import rules as checks
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.health import rules
from ecommerce_comms.journeys.rules import SPECS, Spec
from ecommerce_comms.messaging.backends import messengers
from ecommerce_comms.messaging.backends.sms.checks import check_gateways
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.models import OrderEvent

pytestmark = pytest.mark.django_db
SMS = "ecommerce_comms.messaging.backends.sms.SmsBackend"
MAIL = "ecommerce_comms.messaging.backends.email.EmailBackend"
CONSOLE = "ecommerce_comms.messaging.backends.console.ConsoleBackend"
APPRISE = "ecommerce_comms.messaging.backends.messengers.AppriseBackend"
LONG = "a-secret-of-a-good-length"
BRIDGE = {"name": "bridge", "gateway": "json", "options": {"url": "https://bridge.example/", "secret": LONG}}
TWILIO = {"name": "twilio", "gateway": "twilio", "options": {"account_sid": "AC1", "auth_token": LONG, "from": "+15550100"}}


@pytest.fixture
def shop(settings):
    """Changes the shop's settings."""

    def change(**values):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SHOP_URL": "https://shop.example", **values}
        plugins.forget()

    change()
    return change


def found(ids):
    """The findings with these ids."""
    return [each for each in (*rules.from_settings(), *rules.from_rows()) if each.id.rpartition(".")[2] in ids]


def translated(catalogue, *, but):
    """A catalogue in which everything is said as in English, ``but`` for what begins so (nothing if empty)."""
    book = read_po(StringIO(catalogue))
    for message in book:
        if message.id and not (but and message.context.startswith(but)):
            message.string = message.id
    written = BytesIO()
    write_po(written, book)
    return written.getvalue().decode()


def test_shop_in_order_hears_nothing(shop):
    assert (rules.from_settings(), rules.from_rows()) == ([], [])


def test_language_of_the_shop_without_texts(shop, settings):
    settings.LANGUAGES = [("en", "English"), ("ta", "தமிழ்"), ("hi-in", "हिन्दी")]
    [finding] = found({"W040"})
    assert "“ta”" in finding.what
    assert "order_delayed" in str(finding)
    assert finding.where == "LANGUAGES"


def test_language_that_is_half_translated(shop, settings, tmp_path):
    settings.LANGUAGES, settings.LOCALE_PATHS = [("en", "English"), ("ta", "தமிழ்"), ("pt-br", "Português")], [tmp_path]
    for tag, whole in (("ta", False), ("pt-BR", True)):
        call_command("comms_texts", tag, verbosity=0, stdout=StringIO())
        path = tmp_path / tag.replace("-", "_") / "LC_MESSAGES" / "comms_texts.po"
        text = path.read_text(encoding="utf-8")
        path.write_text(translated(text, but="" if whole else "order_paid."), encoding="utf-8")
    texts.forget()
    [finding] = found({"W040"})
    assert finding.rules == ("order_paid",)
    assert "“ta”" in finding.what and "“en”" in finding.what
    assert "comms_texts --check" in finding.todo


def test_djangos_own_list_of_languages_is_nobodys_choice(shop, settings):
    settings.LANGUAGES = global_settings.LANGUAGES
    assert found({"W040"}) == []


def test_rule_without_a_text(shop, monkeypatch):
    monkeypatch.setitem(SPECS, "happy_birthday", Spec(kind="happy_birthday", trigger="order_placed"))
    [finding] = found({"E040"})
    assert (finding.is_error, finding.rules) == (True, ("happy_birthday",))


def test_channel_that_the_shop_has_not(shop):
    shop(CHANNELS={"orders": ["sms", "email"], "offers": []})
    finding, *others = found({"E041", "W041"})
    assert others == []  # no rule sends offers
    assert "“sms”" in finding.what
    assert "order_shipped" in finding.rules
    assert finding.where == 'CHANNELS["orders"]'
    assert "BACKENDS" in finding.todo


@pytest.mark.parametrize("written", ["emial", "Email", "EMAIL"])
def test_misspelt_channel_is_guessed(shop, written):
    shop(CHANNELS={"orders": [written]})
    [finding] = found({"E041"})
    assert "“email”" in finding.todo


def test_topic_without_a_channel(shop):
    shop(CHANNELS={"orders": [], "offers": []})
    [finding] = found({"W041"})
    assert "order_placed" in finding.rules


def test_channel_for_phones_and_orders_without_numbers(shop):
    texting = {"BACKENDS": {"email": MAIL, "sms": SMS}, "SMS_GATEWAYS": [TWILIO], "CHANNELS": {"orders": ["sms", "email"], "offers": []}}
    shop(**texting, ORDER_FIELDS={"customer.phone": "no_such_field"})
    [finding] = found({"W043"})
    assert finding.where == 'ORDER_FIELDS["customer.phone"]'
    shop(**texting, ORDER_FIELDS={"customer.phone": "telephone"})
    assert found({"W043"}) == []
    shop(**texting, ORDER_ADAPTER=testing.SETTINGS["ORDER_ADAPTER"])
    assert found({"W043"}) == []  # it reads by code of its own


@pytest.mark.parametrize(("sender", "debug", "is_told"), [
    ("Shop <orders@example.com>", False, True), ("orders@mail.example.org", False, True), ("orders@shop.example", False, False),
    ("orders@example.com", True, False),
])
def test_sender_at_a_domain_for_examples(shop, settings, sender, debug, is_told):
    settings.DEBUG = debug
    shop(FROM_EMAIL=sender, BACKENDS={"email": MAIL})
    assert bool(found({"W042"})) is is_told


def test_own_words_that_are_broken(shop):
    Template.objects.create(kind="order_delayed", language="en", subject="{{ oder.number }}", body="b")
    [broken] = found({"text_broken"})
    assert (broken.rules, broken.is_error) == (("order_delayed",), True)
    assert "oder.number" in broken.what
    assert rules.from_rows(lint=False) == []


def tell(kinds, clock):
    OrderEvent.objects.bulk_create([
        OrderEvent(kind=kind, order_key=f"{kind}{number}", event_key=f"{kind}{number}", occurred_at=clock())
        for kind in kinds for number in range(rules.LEAST_FACTS)])


def test_fact_that_nobody_tells(shop, clock):
    assert found({"never_told"}) == []
    tell(["order_placed", "order_delivered"], clock)
    [finding] = found({"never_told"})
    assert (finding.where, finding.rules) == ("signals.order_shipped", ("order_shipped",))
    tell(["order_shipped"], clock)
    assert found({"never_told"}) == []


def test_channels_that_customers_chose_and_that_are_gone(shop):
    for number, chosen in enumerate([{}, {"orders": ["email"]}, {"orders": ["fax", "email"]}, {"orders": ["fax"], "offers": ["fax"]}]):
        Customer.objects.create(key=f"account:{number}", channels=chosen)
    [finding] = found({"channel_lost"})
    assert finding.what == "2 customers have chosen the channel “fax”, which there is no more."


def test_doctor_and_list_of_rules_say_the_same(shop, admin_client, capsys, clock):
    shop(CHANNELS={"orders": ["fax"], "offers": []})
    Customer.objects.create(key="account:1", channels={"orders": ["pigeon"]})
    tell(["order_placed", "order_delivered"], clock)
    with pytest.raises(SystemExit):
        call_command("comms_doctor", "--no-network", no_color=True)
    said = capsys.readouterr().out
    page = admin_client.get(reverse("admin:ecommerce_comms_rule_changelist")).content.decode()
    for text in (said, page):
        assert "CHANNELS names the channel “fax”" in text
        assert "has chosen the channel “pigeon”" in text
    assert page.index("“fax”") < page.index("“pigeon”")  # errors first
    assert "Order shipped." in page


def test_draft_and_text_switched_off_on_purpose_are_no_lack(shop, admin_client):
    Template.objects.create(kind="order_shipped", language="hi", subject="s", body="b", is_active=False)
    assert "comms-findings" not in admin_client.get(reverse("admin:ecommerce_comms_rule_changelist")).content.decode()


def test_settings_that_cannot_be_read_do_not_break_the_list(shop, admin_client):
    shop(CHANNELS="sms")
    assert admin_client.get(reverse("admin:ecommerce_comms_rule_changelist")).status_code == 200


def test_list_of_rules_without_findings_is_as_ever(shop, admin_client):
    assert "comms-findings" not in admin_client.get(reverse("admin:ecommerce_comms_rule_changelist")).content.decode()


def ids(messages):
    return {message.id.partition(".")[2] for message in messages}


@pytest.mark.parametrize(("entries", "expected"), [
    ([BRIDGE, TWILIO], set()), ([], {"E033"}), ([BRIDGE, BRIDGE], {"E031"}), ([{**BRIDGE, "name": "a b"}], {"E031"}),
    ([{**BRIDGE, "name": "default"}], {"E031"}), ([{**BRIDGE, "gatewy": 1}], {"E030"}), ([{**BRIDGE, "rate": "many"}], {"E030"}),
    ([{**BRIDGE, "gateway": "no.such.Gateway"}], {"E030"}), ([{**BRIDGE, "gateway": "django.db.models.Model"}], {"E030"}),
    ([{**BRIDGE, "options": {}}], {"E030"}), ([{**BRIDGE, "options": {**BRIDGE["options"], "secret": "short"}}], {"E032"}),
    ([{**BRIDGE, "options": {**BRIDGE["options"], "url": "http://bridge.example/"}}], {"E030"}),
    ([{**BRIDGE, "options": {**BRIDGE["options"], "url": "https://user:shh@bridge.example/"}}], {"E030"}),
    ([{**BRIDGE, "options": {**BRIDGE["options"], "url": "http://localhost:99999/"}}], {"E030"}),
    ([{**BRIDGE, "options": {**BRIDGE["options"], "url": "http://127.0.0.1:8000/"}}], set()),
    ([{**BRIDGE, "options": {**BRIDGE["options"], "remembers_seconds": "1"}}], {"E030"}),
    ([{**TWILIO, "options": {**TWILIO["options"], "auth_token": ""}}], {"E030"}),
    ([{**TWILIO, "options": {**TWILIO["options"], "from": ""}}], {"E030"}),
    ([{**TWILIO, "options": {**TWILIO["options"], "tokn": ""}}], {"E030"}),
    ([{**TWILIO, "options": {**TWILIO["options"], "api_key": "SK"}}], {"E030"}),
])
def test_gateways_are_checked(shop, entries, expected):
    shop(BACKENDS={"sms": SMS}, SMS_GATEWAYS=entries)
    found_messages = check_gateways()
    assert ids(found_messages) == expected
    assert all(message.hint for message in found_messages)
    assert LONG not in str(found_messages)


def test_without_the_shops_address_no_stop_is_heard(shop):
    shop(BACKENDS={"sms": SMS}, SMS_GATEWAYS=[BRIDGE], SHOP_URL="")
    assert ids(check_gateways()) == {"W031"}


def test_console_is_for_developers(shop, settings):
    shop(BACKENDS={"email": CONSOLE})
    assert ids(checks.check_messengers()) == {"W032"}
    settings.DEBUG = True
    assert checks.check_messengers() == []


@pytest.mark.parametrize(("entry", "says", "hint"), [
    ({**BRIDGE, "gateway": "jsn"}, "there are twilio, json", "twilio"),
    ({**BRIDGE, "gateway": "shop.gateways.Mine"}, "cannot be imported: No module named 'shop", "send-sms.md"),
    ({**BRIDGE, "options": {"url": "https://bridge.example/"}}, "lacks secret", '"gateway": "json", "options": {"url"'),
])
def test_gateway_that_cannot_be_made_is_shown_as_it_should_be(shop, entry, says, hint):
    shop(BACKENDS={"sms": SMS}, SMS_GATEWAYS=[entry])
    [message] = check_gateways()
    assert says in message.msg
    assert hint in message.hint


@pytest.mark.skipif(not messengers.IS_AVAILABLE, reason="the extra messengers is not installed")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("urls", "expected"), [
    ({"own": "json://127.0.0.1/{phone}"}, set()), ({}, {"E034"}), ({"own": "json://{phone}"}, {"E034"}),
    ({"own": "nosuch://h/{phone}"}, {"E034"}),
    ({"own": "json://127.0.0.1/{phone}", "other": "json://127.0.0.1/"}, {"W034"}),
    ({"own": "json://127.0.0.1/"}, {"W035"}),
])
def test_messengers_are_checked(shop, urls, expected):
    shop(BACKENDS={"own": APPRISE}, MESSENGERS=urls)
    assert ids(checks.check_messengers()) == expected


def test_messengers_without_their_extra(shop, monkeypatch):
    shop(BACKENDS={"own": APPRISE}, MESSENGERS={"own": "json://127.0.0.1/"})
    monkeypatch.setattr(messengers, "IS_AVAILABLE", False)
    [message] = checks.check_messengers()
    assert "pip install" in message.msg
