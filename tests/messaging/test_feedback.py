"""What providers tell is taken once, from them alone, and about our own messages only."""

from __future__ import annotations

import itertools
import json
import logging
import threading
import time
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from anymail.webhooks.unisender_go import UnisenderGoTrackingWebhookView
from django.core.checks import ERROR
from django.db import OperationalError, connection, connections
from django.test import Client

from ecommerce_comms import checks, sweeping
from ecommerce_comms.customers import suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Consent, Suppression
from ecommerce_comms.messaging.feedback import applying, providers, receiving
from ecommerce_comms.messaging.models import Message, ProviderEvent
from tests.messaging import payloads

pytestmark = pytest.mark.django_db
State, Reason, Scope = Message.State, Message.Reason, Suppression.Scope
ASHA, BINA = "asha@customers.example", "bina@customers.example"


@pytest.fixture(autouse=True)
def shop(settings, clock):
    settings.ANYMAIL = payloads.ANYMAIL
    use(settings, WEBHOOKS=list(payloads.PLAIN))


def use(settings, **values):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **values}


def message(clock, recipient=ASHA, state=State.SENT, **values):
    uid = uuid4()
    sent = clock() if state in applying.RANKS else None
    usual = {"kind": "order_placed", "language": "en", "dedupe_key": uid.hex, "message_id": f"{uid.hex}@shop.example", "due_at": clock(),
             "sent_at": sent, "attempts": 1}
    return Message.objects.create(uid=uid, recipient=recipient, recipient_hash=address_hash(recipient), state=state, **{**usual, **values})


def post(provider, *events, client=None):
    made = payloads.request(provider, payloads.batch(provider, list(events)))
    return (client or Client()).post(f"/comms/webhooks/{provider}/", **made)


def tell(provider, what, about, recipient="", **values):
    answer = post(provider, payloads.event(provider, what, recipient=recipient or about.recipient, mark=about.uid.hex, **values))
    assert answer.status_code == 200
    about.refresh_from_db()
    return answer.json()


def scopes(address):
    return suppressions.suppressed_addresses([address]).get(address, set())


# ---- what reaches the message ------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", sorted({*payloads.WITH_METADATA} - {"mandrill"}))  # Mandrill does not tell of deliveries
def test_delivery_reaches_the_message(provider, clock):
    mail = message(clock)
    at = clock()
    clock.advance(minutes=3)
    tell(provider, "delivered", mail, at=at)
    assert (mail.state, mail.delivered_at) == (State.DELIVERED, at)
    assert not scopes(ASHA)


@pytest.mark.parametrize("provider", payloads.WITH_METADATA)
def test_hard_bounce_ends_all_mail_to_the_address(provider, clock):
    mail = message(clock)
    tell(provider, "hard", mail)
    assert mail.state == State.BOUNCED
    assert scopes("ASHA@Customers.Example ") == {Scope.ALL}
    row = Suppression.objects.get()
    assert (row.reason, row.shown, row.message_uid) == ("bounced", "a…@c….example", mail.uid)


@pytest.mark.parametrize("provider", payloads.WITH_METADATA)
def test_complaint_ends_advertising_only(provider, clock):
    mail = message(clock)
    tell(provider, "complained", mail)
    assert mail.state == State.COMPLAINED
    assert scopes(ASHA) == {Scope.MARKETING}
    consent = Consent.objects.get()
    assert (consent.granted, consent.topic, consent.address_hash) == (False, "marketing", address_hash(ASHA))


def test_unsubscribing_at_the_provider_ends_advertising_and_leaves_the_message_alone(clock):
    mail = message(clock, state=State.DELIVERED)
    tell("postmark", "unsubscribed", mail)
    assert mail.state == State.DELIVERED
    assert scopes(ASHA) == {Scope.MARKETING}


@pytest.mark.parametrize("provider", ["brevo", "mailgun", "mailjet", "mandrill", "postmark", "resend", "sparkpost"])
def test_soft_bounce_suppresses_nothing(provider, clock):
    mail = message(clock)
    tell(provider, "soft", mail)
    assert mail.state == State.BOUNCED
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("said", ["550 5.7.1 blocked as spam", "552 5.2.2 mailbox full", "451 4.7.0 later", "554 5.6.0 content"])
def test_bounce_for_another_reason_than_the_address_suppresses_nothing(said, clock):
    mail = message(clock)
    post("postmark", {**payloads.event("postmark", "hard", recipient=ASHA, mark=mail.uid.hex), "Details": f"smtp; {said} (10.5.1.1)"})
    mail.refresh_from_db()
    assert mail.state == State.BOUNCED
    assert not Suppression.objects.exists()


def test_three_soft_bounces_in_a_row_end_advertising(clock):
    for number in range(3):
        assert scopes(ASHA) == set(), number
        tell("postmark", "soft", message(clock))
        clock.advance(days=2)
    assert scopes(ASHA) == {Scope.MARKETING}


def test_delivery_in_between_begins_the_count_of_soft_bounces_anew(clock):
    for what in ("soft", "soft", "delivered", "soft", "soft"):
        tell("postmark", what, message(clock))
        clock.advance(days=1)
    assert not scopes(ASHA)


def test_provider_that_refuses_a_message_later_makes_it_fail(clock):
    mail = message(clock)
    post("brevo", {**payloads.event("brevo", "hard", recipient=ASHA, mark=mail.uid.hex), "event": "blocked"})
    mail.refresh_from_db()
    assert (mail.state, mail.reason) == (State.FAILED, Reason.REFUSED)
    tell("brevo", "accepted", mail)
    assert mail.state == State.FAILED
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("order", list(itertools.permutations(("delivered", "hard", "complained"))))
def test_notices_lead_to_the_same_end_in_any_order(order, clock):
    mail = message(clock)
    times = {what: clock() + timedelta(minutes=number) for number, what in enumerate(("delivered", "hard", "complained"))}
    clock.advance(hours=1)
    for what in order:
        tell("postmark", what, mail, at=times[what])
    assert mail.state == State.COMPLAINED
    assert (mail.delivered_at, mail.bounced_at, mail.complained_at) == tuple(times.values())


def test_earlier_delivery_does_not_undo_a_bounce(clock):
    mail, at = message(clock), clock()
    clock.advance(hours=1)
    tell("sparkpost", "hard", mail)
    tell("sparkpost", "delivered", mail, at=at)
    assert (mail.state, mail.delivered_at) == (State.BOUNCED, at)


# ---- repeated, forged, foreign ------------------------------------------------------------------------------------


def test_thousand_replays_change_nothing(clock):
    mail = message(clock)
    event = payloads.event("sparkpost", "soft", recipient=ASHA, mark=mail.uid.hex)
    assert post("sparkpost", *[event] * 500).json() == {"new": 1, "known": 0, "unused": 499, "malformed": 0}
    for _time in range(50):
        assert post("sparkpost", *[event] * 10).json() == {"new": 0, "known": 1, "unused": 9, "malformed": 0}
    assert ProviderEvent.objects.count() == 1
    assert not Suppression.objects.exists()


def test_notice_takes_effect_once(clock):
    tell("postmark", "complained", message(clock))
    assert applying.apply(list(ProviderEvent.objects.values_list("pk", flat=True))) == 0
    assert Consent.objects.count() == 1


def test_event_that_provider_does_not_number_is_known_by_what_it_says(clock):
    mail = message(clock)
    event = payloads.event("brevo", "hard", recipient=ASHA, mark=mail.uid.hex)
    assert post("brevo", event).json()["new"] == 1
    assert post("brevo", dict(reversed(event.items()))).json() == {"new": 0, "known": 1, "unused": 0, "malformed": 0}


@pytest.mark.parametrize("what", ["hard", "complained", "unsubscribed", "soft"])
def test_event_about_another_recipient_than_ours_has_no_effect(what, clock):
    mail = message(clock)
    tell("postmark", what, mail, recipient=BINA)
    clock.advance(hours=100)
    receiving.catch_up()
    mail.refresh_from_db()
    assert mail.state == State.SENT
    assert ProviderEvent.objects.get().state == ProviderEvent.State.IGNORED
    assert not Suppression.objects.exists() and not Consent.objects.exists()


def test_event_about_a_message_that_we_never_sent_has_no_effect(clock):
    foreign = payloads.event("postmark", "hard", recipient=ASHA, mark=uuid4().hex)
    assert post("postmark", foreign).status_code == 200
    assert post("brevo", payloads.event("brevo", "complained", recipient=ASHA, message_id="<elsewhere@shop.example>")).status_code == 200
    receiving.catch_up()
    clock.advance(hours=73)
    receiving.catch_up()
    assert set(ProviderEvent.objects.values_list("state", flat=True)) == {ProviderEvent.State.IGNORED}
    assert not Suppression.objects.exists()


def test_address_in_another_spelling_is_the_same_recipient(clock):
    mail = message(clock, recipient="Asha@Bücher.example")
    tell("postmark", "hard", mail, recipient="asha@XN--BCHER-KVA.example")
    assert mail.state == State.BOUNCED
    assert scopes("ASHA@bücher.example") == {Scope.ALL}


def test_old_events_are_no_news(clock):
    mail = message(clock)
    at = clock()
    clock.advance(days=8)
    assert tell("sparkpost", "hard", mail, at=at)["unused"] == 1
    assert mail.state == State.SENT and not Suppression.objects.exists()


def test_event_of_the_future_happened_now(clock):
    mail = message(clock)
    tell("sparkpost", "delivered", mail, at=clock() + timedelta(days=30))
    assert mail.delivered_at == clock()


def test_lifted_address_is_suppressed_again_by_a_new_bounce_and_not_by_an_old_one(clock):
    first, second, third, at = message(clock), message(clock), message(clock), clock()
    clock.advance(hours=1)
    tell("postmark", "hard", first)
    clock.advance(hours=1)
    assert suppressions.lift(Suppression.objects.get().pk, "Meera") and not scopes(ASHA)
    clock.advance(hours=1)
    tell("postmark", "hard", second, at=at)
    assert not scopes(ASHA)
    tell("postmark", "hard", third)
    assert scopes(ASHA) == {Scope.ALL}
    assert "Meera" in Suppression.objects.get().detail


# ---- early, unknown, being sent -----------------------------------------------------------------------------------


def test_event_that_comes_before_the_provider_s_number_is_known_waits_for_it(clock):
    mail = message(clock, message_id="")
    assert post("mailersend", payloads.event("mailersend", "hard", recipient=ASHA, message_id="ms-77")).status_code == 200
    assert receiving.catch_up() == 0
    Message.objects.filter(pk=mail.pk).update(provider_message_id="ms-77")
    assert receiving.catch_up() == 1
    mail.refresh_from_db()
    assert mail.state == State.BOUNCED and scopes(ASHA) == {Scope.ALL}


def test_early_event_with_a_number_of_ours_but_another_recipient_is_dropped(clock):
    mail = message(clock, message_id="")
    post("mailersend", payloads.event("mailersend", "hard", recipient=BINA, message_id="ms-77"))
    Message.objects.filter(pk=mail.pk).update(provider_message_id="ms-77")
    assert receiving.catch_up() == 0
    assert ProviderEvent.objects.get().state == ProviderEvent.State.IGNORED and not Suppression.objects.exists()


def test_provider_s_number_may_stand_in_angle_brackets(clock):
    mail = message(clock, provider_message_id="<2026.77@smtp-relay.mailin.fr>")
    post("brevo", payloads.event("brevo", "delivered", recipient=ASHA, message_id="<2026.77@smtp-relay.mailin.fr>"))
    mail.refresh_from_db()
    assert mail.state == State.DELIVERED


def test_event_about_a_message_that_is_being_sent_waits_for_the_worker(clock):
    mail = message(clock, state=State.SENDING, lease_token="worker")
    tell("postmark", "delivered", mail)
    assert mail.state == State.SENDING and receiving.catch_up() == 0
    Message.objects.filter(pk=mail.pk).update(state=State.SENT, sent_at=clock(), lease_token="")
    assert receiving.catch_up() == 1
    mail.refresh_from_db()
    assert mail.state == State.DELIVERED


@pytest.mark.parametrize("before", [
    {"state": State.FAILED, "reason": Reason.UNKNOWN}, {"state": State.QUEUED}, {"state": State.FAILED, "reason": Reason.UNREACHABLE},
])
@pytest.mark.parametrize("what, after", [("accepted", State.SENT), ("deferred", State.SENT), ("delivered", State.DELIVERED)])
def test_notice_settles_what_nobody_knew_and_the_message_is_not_sent_again(before, what, after, clock):
    mail = message(clock, possible_duplicate=True, last_error="The connection broke.", **before)
    tell("brevo", what, mail)
    assert (mail.state, mail.reason, mail.last_error, mail.sent_at, mail.possible_duplicate) == (after, "", "", clock(), False)


def test_message_that_waits_for_its_first_try_is_not_settled_by_a_notice(clock):
    mail = message(clock, state=State.QUEUED, attempts=0)
    tell("brevo", "delivered", mail)
    assert mail.state == State.QUEUED


def test_sweep_does_what_waited(clock, fake_shop, settings):
    use(settings, WEBHOOKS=list(payloads.PLAIN))
    mail = message(clock, state=State.SENDING, lease_token="worker")
    tell("postmark", "delivered", mail)
    Message.objects.filter(pk=mail.pk).update(state=State.SENT, lease_token="")
    assert sweeping.PARTS["feedback"]() == 1


# ---- batches --------------------------------------------------------------------------------------------------------


BROKEN = {
    "mailjet": [{"event": []}, 7, "x"], "mailtrap": [{"event": "bounce"}, {"event": None}, None],
    "mandrill": [{"msg": 3, "event": {}}, 5, []],
    "sparkpost": [{"msys": {"a": 1, "b": 2}}, {"msys": None}, {}],
    "unisender_go": [{"event_name": 5}, {"event_name": "transactional_email_status", "event_data": {}}, None],
}


@pytest.mark.parametrize("provider", sorted(BROKEN))
def test_malformed_events_of_a_batch_are_laid_aside_and_the_others_applied(provider, clock, caplog):
    mails = [message(clock, recipient=f"person{number}@customers.example") for number in range(5)]
    events = [payloads.event(provider, "hard", recipient=mail.recipient, mark=mail.uid.hex) for mail in mails]
    answer = post(provider, *events[:2], *BROKEN[provider], *events[2:])
    assert answer.status_code == 200
    assert (answer.json()["new"], answer.json()["malformed"]) == (5, 3)
    assert Message.objects.filter(state=State.BOUNCED).count() == 5
    assert "malformed" in caplog.text and "@" not in caplog.text
    assert post(provider, *events[:2], *BROKEN[provider], *events[2:]).json()["known"] == 5


def test_batch_of_a_thousand_is_applied_soon_and_its_one_malformed_event_laid_aside(clock):
    Message.objects.bulk_create([
        Message(uid=uuid4(), kind="order_placed", language="en", recipient=f"p{number}@customers.example", due_at=clock(), sent_at=clock(),
                recipient_hash=address_hash(f"p{number}@customers.example"), dedupe_key=str(number), state=State.SENT)
        for number in range(999)
    ])
    events = [payloads.event("sparkpost", "delivered", recipient=mail.recipient, mark=mail.uid.hex) for mail in Message.objects.all()]
    answer = post("sparkpost", *events[:500], {"msys": 1}, *events[500:])
    assert answer.json() == {"new": 999, "known": 0, "unused": 0, "malformed": 1}
    assert Message.objects.filter(state=State.DELIVERED).count() == 999


def test_notice_that_cannot_be_applied_waits_and_does_not_hold_up_the_others(clock, monkeypatch):
    good, bad = message(clock), message(clock, recipient=BINA)
    change = applying.change

    def fails(mail, event):
        if mail.recipient == BINA:
            raise RuntimeError
        return change(mail, event)

    monkeypatch.setattr(applying, "change", fails)
    events = [payloads.event("sparkpost", "delivered", recipient=each.recipient, mark=each.uid.hex) for each in (bad, good)]
    assert post("sparkpost", *events).status_code == 200
    monkeypatch.undo()
    good.refresh_from_db()
    assert good.state == State.DELIVERED
    assert receiving.catch_up() == 1


# ---- who may come in --------------------------------------------------------------------------------------------------


def test_password_is_needed_and_asked_for(clock):
    made = payloads.request("postmark", payloads.event("postmark", "hard", recipient=ASHA))
    for header in (None, "Basic ", "Basic !!!", "Basic cHJvdmlkZXI6d3Jvbmc=", "Bearer x", "Basic gICA"):
        headers = {"Authorization": header} if header is not None else {}
        answer = Client().post("/comms/webhooks/postmark/", **{**made, "headers": headers})
        assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Basic ")
    assert not ProviderEvent.objects.exists()


def test_old_and_new_password_both_open_while_one_is_replaced(settings, clock):
    settings.ANYMAIL = {**payloads.ANYMAIL, "WEBHOOK_SECRET": ["provider:new-one", payloads.PASSWORD]}
    assert post("postmark", payloads.event("postmark", "hard", recipient=ASHA)).status_code == 200
    settings.ANYMAIL = {**payloads.ANYMAIL, "WEBHOOK_SECRET": ["provider:new-one"]}
    assert post("postmark", payloads.event("postmark", "hard", recipient=ASHA)).status_code == 401


@pytest.mark.parametrize("secret", ["", [], None, [""], ["", ":"], "provider:", "no-colon", [None], ["provider: "]])
def test_webhook_without_a_real_secret_stays_shut(secret, settings, caplog):
    settings.ANYMAIL = {"WEBHOOK_SECRET": secret}
    use(settings, WEBHOOKS=["postmark"])
    for headers in ({}, {"Authorization": "Basic "}, {"Authorization": "Basic Og=="}):
        answer = Client().post("/comms/webhooks/postmark/", data=b"{}", content_type="application/json", headers=headers)
        assert answer.status_code == 503
    assert [found.id for found in checks.check_webhooks()] == ["ecommerce_comms.E020"]
    assert checks.check_webhooks()[0].level == ERROR


@pytest.mark.parametrize("provider", ["mailgun", "mailersend", "mandrill", "mailtrap", "unisender_go"])
def test_empty_key_of_a_signature_protects_nothing(provider, settings):
    settings.ANYMAIL = dict.fromkeys(payloads.KEYS, "")
    use(settings, WEBHOOKS=[provider])
    assert Client().post(f"/comms/webhooks/{provider}/", data=b"{}", content_type="application/json").status_code == 503
    assert [found.id for found in checks.check_webhooks()] == ["ecommerce_comms.E020"]


@pytest.mark.parametrize("provider", ["mailgun", "mailersend", "mandrill", "mailtrap", "unisender_go"])
def test_signature_alone_is_enough_and_a_wrong_one_is_not(provider, settings, clock):
    settings.ANYMAIL = {name: value for name, value in payloads.ANYMAIL.items() if name != "WEBHOOK_SECRET"}
    made = payloads.request(provider, payloads.batch(provider, [payloads.event(provider, "hard", recipient=ASHA)]))
    del made["headers"]["Authorization"]
    assert Client().post(f"/comms/webhooks/{provider}/", **made).status_code == 200
    settings.ANYMAIL = {**settings.ANYMAIL, **dict.fromkeys(payloads.KEYS, "another key")}
    assert Client().post(f"/comms/webhooks/{provider}/", **made).status_code == 400


def test_every_provider_is_checked_and_each_hint_says_what_to_set(settings):
    settings.ANYMAIL = {}
    use(settings, WEBHOOKS=[*providers.WEBHOOKS, "pigeon"])
    found = checks.check_webhooks()
    assert len(found) == len(providers.WEBHOOKS) + 1
    assert all("WEBHOOK_SECRET" in each.hint or "SNS_TOPICS" in each.hint for each in found[:-1])
    assert "postmark" in found[-1].hint


@pytest.mark.parametrize("values, names", [
    ({"EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend"}, ["postmark"]),
    ({"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}, []),
    ({"EMAIL_BACKEND": "tests.messaging.payloads.OwnBackend"}, ["brevo"]),
    ({"EMAIL_BACKEND": "no.such.Backend"}, []),
])
def test_webhooks_of_the_providers_in_use_are_open(values, names, settings):
    for name, value in values.items():
        setattr(settings, name, value)
    use(settings, WEBHOOKS=None, EMAIL_PROVIDERS=[])
    assert list(providers.open_names()) == names
    use(settings, WEBHOOKS=None, EMAIL_PROVIDERS=[{"name": "second", "backend": "anymail.backends.mailjet.EmailBackend"}])
    assert list(providers.open_names()) == ["mailjet"]
    use(settings, WEBHOOKS=[])
    assert checks.check_webhooks() == []


def test_webhook_that_is_not_open_does_not_exist(settings):
    use(settings, WEBHOOKS=["postmark"])
    assert Client().post("/comms/webhooks/brevo/").status_code == 404
    assert Client().post("/comms/webhooks/nonsense/").status_code == 404


def test_methods():
    assert Client().head("/comms/webhooks/postmark/").status_code == 200
    assert Client().get("/comms/webhooks/unisender_go/").status_code == 200
    for method in ("get", "put", "delete", "patch", "options", "trace"):
        answer = getattr(Client(), method)("/comms/webhooks/postmark/")
        assert answer.status_code == 405
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_shop_s_forms_protection_does_not_stand_in_the_way(clock):
    assert post("postmark", payloads.event("postmark", "hard", recipient=ASHA), client=Client(enforce_csrf_checks=True)).status_code == 200


# ---- Mailgun signs a token, not the event -------------------------------------------------------------------------------


def test_caught_token_of_mailgun_cannot_sign_another_event(clock):
    mail, other = message(clock), message(clock, recipient=BINA)
    first = payloads.event("mailgun", "delivered", recipient=ASHA, mark=mail.uid.hex)
    forged = {**payloads.event("mailgun", "hard", recipient=BINA, mark=other.uid.hex), "signature": first["signature"]}
    assert post("mailgun", first).json()["new"] == 1
    assert post("mailgun", forged).json() == {"new": 0, "known": 1, "unused": 0, "malformed": 0}
    assert not Suppression.objects.exists()


def test_token_of_an_event_that_does_not_interest_us_is_used_up_too(clock):
    mail = message(clock)
    opened = payloads.event("mailgun", "delivered", recipient=ASHA, mark=mail.uid.hex)
    opened["event-data"]["event"] = "opened"
    assert post("mailgun", opened).json()["new"] == 1
    forged = {**payloads.event("mailgun", "hard", recipient=ASHA, mark=mail.uid.hex), "signature": opened["signature"]}
    assert post("mailgun", forged).json()["new"] == 0
    assert not Suppression.objects.exists()


def test_mailgun_s_repetitions_of_eight_hours_are_taken_and_older_signatures_are_not(clock):
    made = [payloads.event("mailgun", "delivered", recipient=ASHA) for _time in range(2)]
    clock.advance(hours=8)
    assert post("mailgun", made[0]).status_code == 200
    clock.advance(hours=17)
    assert post("mailgun", made[1]).status_code == 400


@pytest.mark.parametrize("mark", ["", "a", "A" * 32, "0" * 33, None, 7, {}])
def test_mark_of_unisender_go_that_is_none_is_not_replaced_in_the_whole_text(mark, monkeypatch):
    monkeypatch.setattr(UnisenderGoTrackingWebhookView, "run_validators", lambda *_args: pytest.fail("It was."))
    assert raw("unisender_go", json.dumps({"auth": mark, "event_name": "x"}).encode()).status_code == 400


def test_mailgun_timestamps_that_are_none(clock):
    for stamp in ("nan", "inf", "1e400", "", "x", "-1", "9" * 400):
        event = payloads.event("mailgun", "hard", recipient=ASHA)
        event["signature"]["timestamp"] = stamp
        assert post("mailgun", event).status_code == 400


# ---- what is not even read -----------------------------------------------------------------------------------------------


def raw(provider, body, content_type="application/json", **headers):
    return Client().post(f"/comms/webhooks/{provider}/", data=body, content_type=content_type,
                         headers={"Authorization": payloads.AUTHORIZATION, **headers})


def test_too_large_a_body_is_not_read(settings):
    use(settings, WEBHOOK_MAX_BYTES=1000)
    assert raw("postmark", b"x" * 1001).status_code == 413
    assert raw("postmark", json.dumps({"x": "y" * 900}).encode()).status_code == 200


def test_body_larger_than_a_form_may_be_is_read(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert raw("postmark", json.dumps({"x": "y" * 5000}).encode()).status_code == 200


@pytest.mark.parametrize("kind", ["application/xml", "text/xml", "text/html", "application/octet-stream", "image/png"])
def test_nothing_but_json_and_forms_is_read(kind):
    assert raw("postmark", b"<a/>", content_type=kind).status_code == 415


@pytest.mark.parametrize("provider", payloads.PLAIN)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"])
def test_each_provider_is_read_as_it_posts_and_not_otherwise(provider, kind, clock):
    made = payloads.request(provider, payloads.batch(provider, [payloads.event(provider, "hard", recipient=ASHA)]))
    own = {"mandrill": {"application/x-www-form-urlencoded"}, "mailgun": {"application/json", "multipart/form-data; boundary=x",
           "application/x-www-form-urlencoded"}}.get(provider, {"application/json"})
    if kind not in own and not (provider == "mandrill" and kind.startswith("multipart")):
        assert Client().post(f"/comms/webhooks/{provider}/", **{**made, "content_type": kind}).status_code == 415
    assert Client().post(f"/comms/webhooks/{provider}/", **made).json()["new"] == 1


def post_as_it_is(provider, payload):
    return Client().post(f"/comms/webhooks/{provider}/", **payloads.request(provider, payload))


LISTS = ("mailjet", "mandrill", "sparkpost")


@pytest.mark.parametrize("payload", [[], None, 7, "x", [[]], [{}]], ids=repr)
@pytest.mark.parametrize("provider", sorted({*payloads.PLAIN} - {*LISTS}))
def test_what_is_no_event_is_refused(provider, payload, clock):
    assert post_as_it_is(provider, payload).status_code == 400
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize("payload", [None, 7, "x"], ids=repr)
@pytest.mark.parametrize("provider", LISTS)
def test_what_is_no_list_of_events_is_refused(provider, payload, clock):
    assert post_as_it_is(provider, payload).status_code == 400


@pytest.mark.parametrize(("provider", "payload"), [
    ("mandrill", []), ("sparkpost", []), ("mailjet", []), ("sparkpost", [{"msys": {}}]), ("mailtrap", {"events": []}),
])
def test_knock_with_an_empty_list_is_answered_kindly(provider, payload, clock):
    answer = post_as_it_is(provider, payload)
    assert answer.status_code == 200
    assert (answer.json()["new"], answer.json()["known"]) == (0, 0)


def test_list_in_an_object_may_not_be_missing(clock):
    assert post_as_it_is("mailtrap", {}).status_code == 400
    assert post_as_it_is("mailtrap", {"events": {}}).status_code == 400


def test_log_says_why_a_request_was_refused(clock, caplog):
    post_as_it_is("postmark", [])
    raw("postmark", b"{}", content_type="text/plain")
    assert "no event at all: not an object" in caplog.text
    assert "'text/plain' is not what it posts" in caplog.text


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br", "identity, gzip"])
def test_packed_bodies_are_not_unpacked(packing):
    assert raw("postmark", b"{}", **{"Content-Encoding": packing}).status_code == 415


NASTY = {
    "nothing": b"", "nesting": b"[" * 500_000, "deep objects": b'{"a":' * 200_000, "a huge number": b'{"ID": ' + b"9" * 50_000 + b"}",
    "infinity": b'{"RecordType": "Bounce", "Type": "HardBounce", "ID": 1e400}',
    "NaN": b'{"BouncedAt": NaN}', "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a mark": b"\xef\xbb\xbf{}", "no UTF-8": b'{"Email": "\xff\xfe"}', "garbage": b"\x00\xff" * 2_500_000, "spaces": b" " * 5_000_000,
    "twice": b'{"Email": "a@b.example", "Email": 7, "Metadata": {}, "Metadata": []}', "a text": b'"x"', "null": b"null", "list": b"[[[]]]",
    "NUL": b'{"RecordType": "Bounce", "Type": "HardBounce", "Email": "a\\u0000@b.example", "MessageID": "\\u0000", "Details": "\\u0000"}',
    "surrogates": b'{"RecordType": "Bounce", "Email": "\\ud800@b.example", "MessageID": "\\udfff", "Details": "\\ud800"}',
    "long": b'{"RecordType": "Bounce", "Email": "' + b"a" * 4_000_000 + b'@b.example", "MessageID": "' + b"x@" * 400_000
            + b'", "Details": "' + b"5." * 400_000 + b'"}',
}


@pytest.mark.parametrize("provider", payloads.PLAIN)
@pytest.mark.parametrize("body", NASTY.values(), ids=list(NASTY))
def test_nasty_bodies_are_answered_quickly_and_do_no_harm(provider, body, clock):
    began = time.process_time()
    form = urlencode({"mandrill_events": body}).encode()
    answer = raw(provider, form, content_type="application/x-www-form-urlencoded") if provider == "mandrill" else raw(provider, body)
    assert answer.status_code in (200, 400, 413)
    assert time.process_time() - began < 10  # a hundredth of that, really; a quadratic search takes minutes
    assert not Suppression.objects.exists()


# ---- the database ----------------------------------------------------------------------------------------------------------


def test_yes_is_said_only_after_the_commit(clock, monkeypatch):
    def fails(*_args, **_kwargs):
        raise OperationalError

    mail = message(clock)
    event = payloads.event("postmark", "hard", recipient=ASHA, mark=mail.uid.hex)
    monkeypatch.setattr(receiving, "_keep", fails)
    answer = post("postmark", event)
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    monkeypatch.undo()
    assert post("postmark", event).json()["new"] == 1
    mail.refresh_from_db()
    assert mail.state == State.BOUNCED


def test_webhook_commits_by_itself_in_a_shop_with_atomic_requests():
    from ecommerce_comms.messaging.feedback.views import provider_webhook
    assert provider_webhook._non_atomic_requests == {"default"}


def test_refusals_say_nothing_about_people(clock, caplog):
    caplog.set_level(logging.DEBUG, "ecommerce_comms")
    event = payloads.event("brevo", "hard", recipient=ASHA, mark=message(clock).uid.hex)
    post("brevo", {**event, "ts_epoch": {}, "reason": f"<{ASHA}> unknown"})
    post("brevo", {**event, "reason": f"<{ASHA}> unknown"})
    assert ASHA not in caplog.text
    assert ASHA not in ProviderEvent.objects.get().detail and "a…@c….example" in ProviderEvent.objects.get().detail


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="needs a database that several may write to")
def test_same_batch_that_comes_six_times_at_once_is_taken_once(clock):
    mails = [message(clock, recipient=f"p{number}@customers.example") for number in range(20)]
    events = [payloads.event("sparkpost", "complained", recipient=mail.recipient, mark=mail.uid.hex) for mail in mails]
    start, answers = threading.Barrier(6), []

    def call(mixed):
        start.wait()
        try:
            answers.append(post("sparkpost", *mixed).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call, args=(events[::-1] if number % 2 else events,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    receiving.catch_up()
    assert answers == [200] * 6
    assert (ProviderEvent.objects.count(), Suppression.objects.count(), Consent.objects.count()) == (20, 20, 20)
    assert Message.objects.filter(state=State.COMPLAINED).count() == 20
