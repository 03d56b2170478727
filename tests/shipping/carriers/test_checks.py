"""A webhook that is open to everybody, or cannot work, is told at start-up."""

from __future__ import annotations

import pytest

from ecommerce_comms.checks.carriers import check_carriers
from ecommerce_comms.checks.values import wrong_values

GOOD = "a long secret that nobody guesses"


def use(settings, **values):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **values}


@pytest.mark.parametrize(("accounts", "expected", "says"), [
    ({"aftership": {"secret": GOOD}}, None, ""),
    ({"blue": {"provider": "aftership", "secret": [GOOD, GOOD], "site": "Blue", "time_zone": "Asia/Kolkata", "carrier": "DHL"}}, None, ""),
    ({"own": {"provider": "ecommerce_comms.shipping.carriers.providers.plain.Plain", "secret": GOOD}}, None, ""),
    ({"aftership": {"secret": ""}}, "E022", "no secret"), ({"aftership": {}}, "E022", "anybody"),
    ({"aftership": {"secret": [""]}}, "E022", ""),
    ({"aftership": {"secret": "short"}}, "W014", "guessed"), ({"aftershp": {"secret": GOOD}}, "E021", "'aftership'"),
    ({"own": {"provider": "no.such.Thing", "secret": GOOD}}, "E021", "no.such.Thing"),
    ({"own": {"provider": "django.http.HttpResponse", "secret": GOOD}}, "E021", "CarrierWebhook"),
    ({"plain": {"secret": GOOD, "time_zone": "Mars/Base"}}, "E021", "time zone"), ({"plain": {"secrt": GOOD}}, "E021", "'secrt'"),
])
def test_account(settings, accounts, expected, says):
    use(settings, CARRIER_WEBHOOKS=accounts)
    found = check_carriers()
    assert [message.id for message in found] == ([f"ecommerce_comms.{expected}"] if expected else [])
    assert all(says in f"{message.msg} {message.hint}" and message.hint for message in found)
    assert GOOD not in str(found)


@pytest.mark.parametrize("value", [[], "x", {"a b": {}}, {"ä": {}}, {1: {}}, {"plain": "secret"}, {"x" * 41: {}}])
def test_setting_of_the_wrong_form_is_told_without_its_secrets(settings, value):
    use(settings, CARRIER_WEBHOOKS=value)
    message = wrong_values()["CARRIER_WEBHOOKS"]
    assert (message.id, "a secret" in message.msg) == ("ecommerce_comms.E007", True)


@pytest.mark.parametrize("value", [["plain"], {1: {"secret": GOOD}}, {"plain": None}, {"plain": {"provider": "no.such.Thing"}}, None])
def test_account_that_cannot_be_read_refuses_everything(settings, client, db, value):
    use(settings, CARRIER_WEBHOOKS=value)
    assert client.post("/comms/carriers/plain/", b"{}", content_type="application/json").status_code in (401, 404)


def test_pollers_are_dotted_paths(settings):
    use(settings, CARRIER_POLLERS={"post": 7})
    assert wrong_values()["CARRIER_POLLERS"].id == "ecommerce_comms.E007"
