"""Whoever looks changes nothing, whoever posts is heard at once, and no link ever raises a consent."""

from __future__ import annotations

import json
import re
import socket
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as hypothesis_settings
from pytest_django.asserts import assertNumQueries

from ecommerce_comms.customers import consents
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Consent
from ecommerce_comms.messaging import unsubscribe
from ecommerce_comms.messaging.unsubscribe import Subscription
from ecommerce_comms.messaging.writing import texts
from tests.messaging.offers import ASHA, agree, offer, send_one

pytestmark = pytest.mark.django_db
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """The time stands still."""


@pytest.fixture
def browser():
    """Somebody without cookies, to whom the CSRF protection is not relaxed."""
    return Client(enforce_csrf_checks=True)


def path(topic="marketing", language="en", **changes):
    """The path of Asha's link."""
    token = unsubscribe.token(Subscription(**{"address_hash": address_hash(ASHA), "topic": topic, "language": language, **changes}))
    return f"/comms/unsubscribe/{token}/"


def post(browser, to, body=ONE_CLICK, content_type=FORM, **extra):
    """Post as a mail program does."""
    return browser.generic("POST", to, body, content_type=content_type, **extra)


class TestOneClick:
    def test_mail_program_unsubscribes_without_cookie_or_redirect(self, browser):
        agree()
        answer = post(browser, path())
        assert (answer.status_code, answer.content.decode()) == (200, "You are unsubscribed")
        assert not answer.cookies
        assert not consents.has(ASHA, "marketing")

    def test_multipart_is_as_good(self, browser):
        agree()
        assert browser.post(path(), {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert not consents.has(ASHA, "marketing")

    @pytest.mark.parametrize("charset", ["UTF-8", "utf8", "us-ascii", "iso-8859-1", "klingon"])
    def test_name_of_the_charset_does_not_matter(self, browser, charset):
        post(browser, path(), ONE_CLICK, f"{FORM}; charset={charset}")
        assert Consent.objects.get().granted is False

    def test_repeating_it_changes_neither_answer_nor_record(self, browser):
        first, second = post(browser, path()), post(browser, path())
        assert (first.status_code, first.content) == (second.status_code, second.content)
        assert Consent.objects.count() == 1

    def test_it_holds_although_it_was_said_before(self, browser, clock):
        post(browser, path())
        clock.advance(days=1)
        agree()
        clock.advance(days=1)
        post(browser, path())
        assert not consents.has(ASHA, "marketing")

    def test_no_that_is_repeated_later_is_newer_than_a_yes_that_is_imported_between(self, browser, clock):
        post(browser, path())
        clock.advance(days=2)
        post(browser, path())
        consents.grant(ASHA, topic="marketing", where="import", words="Yes.", at=clock() - timedelta(days=1))
        assert not consents.has(ASHA, "marketing")

    def test_what_is_queued_is_not_sent_any_more(self, browser):
        agree()
        waiting = offer()
        post(browser, path())
        assert send_one(waiting) == ("skipped", "no_consent")

    def test_record_says_where_and_nothing_about_the_browser(self, browser):
        post(browser, path(), HTTP_USER_AGENT="Mozilla/5.0", REMOTE_ADDR="192.0.2.7")
        proof = Consent.objects.get()
        assert (proof.granted, proof.where, proof.topic, proof.evidence) == (False, "one-click", "marketing", {})

    def test_only_the_topic_of_the_mail_ends(self, browser):
        agree()
        post(browser, path("service"))
        assert consents.has(ASHA, "marketing")
        assert send_one(offer(purpose="service")) == ("skipped", "no_consent")

    @pytest.mark.django_db(transaction=True)
    def test_over_http_1_0_without_any_header_that_could_be_missing(self, live_server):
        host = urlsplit(live_server.url)
        request = f"POST {path()} HTTP/1.0\r\nContent-Type: {FORM}\r\nContent-Length: {len(ONE_CLICK)}\r\n\r\n{ONE_CLICK}"
        with socket.create_connection((host.hostname, host.port), timeout=10) as connection:
            connection.sendall(request.encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        assert re.match(r"HTTP/1\.[01] 200 ", answer)
        assert answer.endswith("You are unsubscribed")
        assert Consent.objects.filter(granted=False).count() == 1


BODIES = {
    "nothing": ("", FORM),
    "other word": ("List-Unsubscribe=Two-Click", FORM),
    "other case": ("list-unsubscribe=One-Click", FORM),
    "with more": (f"{ONE_CLICK}&topic=service", FORM),
    "twice": (f"{ONE_CLICK}&{ONE_CLICK}", FORM),
    "json": (json.dumps({"List-Unsubscribe": "One-Click"}), "application/json"),
    "plain text": (ONE_CLICK, "text/plain"),
    "no boundary": (ONE_CLICK, "multipart/form-data"),
    "broken multipart": ("--x\r\nnonsense", "multipart/form-data; boundary=x"),
    "with a file": ('--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x\r\n'
                    'Content-Disposition: form-data; name="f"; filename="f"\r\n\r\nf\r\n--x--\r\n', "multipart/form-data; boundary=x"),
    "utf-16": (ONE_CLICK.encode("utf-16"), f"{FORM}; charset=utf-16"),
    "garbage": (bytes(range(256)), FORM),
    "too many fields": ("&".join(f"a{n}=1" for n in range(1500)), FORM),
    "five megabytes": (f"{ONE_CLICK}&a={'a' * 5_000_000}", FORM),
    "five megabytes of multipart": (b"--x\r\n" + b"a" * 5_000_000, "multipart/form-data; boundary=x"),
}


@pytest.mark.parametrize("body", BODIES)
def test_any_other_body_shows_the_page_and_changes_nothing(browser, body):
    answer = post(browser, path(), *BODIES[body])
    assert answer.status_code == 200
    assert "<button" in answer.content.decode()
    assert not Consent.objects.exists()


@pytest.mark.parametrize("length", ["", "-1", "12 monkeys", "9" * 400])
def test_odd_content_length_is_no_error(browser, length):
    assert post(browser, path(), CONTENT_LENGTH=length).status_code == 200


class TestPage:
    def test_looking_changes_nothing_however_often(self, browser):
        agree()
        for agent in ("Mozilla/5.0", "bingbot", "Barracuda", "", "curl"):
            for method in (browser.get, browser.head):
                answer = method(path(), HTTP_USER_AGENT=agent)
                assert (answer.status_code, answer.cookies) == (200, {})
        assert consents.has(ASHA, "marketing")
        assert Consent.objects.count() == 1

    def test_looking_asks_the_database_nothing(self, browser):
        with assertNumQueries(0):
            browser.get(path())

    def test_button_posts_what_counts_and_the_answer_is_a_page(self, browser):
        page = browser.get(path()).content.decode()
        action = re.search(r'<form method="post" action="([^"]*)"', page)[1]
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', page))
        answer = browser.post(path() + action, fields)
        assert "You are unsubscribed" in answer.content.decode()
        assert "<form" not in answer.content.decode()
        assert Consent.objects.get().where == "unsubscribe page"

    def test_page_says_what_ends_and_what_still_comes(self, browser):
        marketing, service = (browser.get(path(topic)).content.decode() for topic in ("marketing", "service"))
        assert "advertising" in marketing and "reviews" in service
        assert "You will still get e-mails about your orders" in marketing and "You will still get e-mails about your orders" in service

    def test_there_is_no_way_back_by_link(self, browser):
        post(browser, path())
        page = post(browser, path() + "?page").content.decode()
        assert "help@shop.example" in page
        assert not re.search(r"<form|<button|<input", page)

    @pytest.mark.parametrize("language", texts.languages())
    def test_page_speaks_the_language_of_the_mail(self, browser, language):
        answer = browser.get(path(language=language), HTTP_ACCEPT_LANGUAGE="de")
        assert answer["Content-Language"] == language
        assert f'<html lang="{language}" dir="ltr">' in answer.content.decode()
        assert texts.labels(language)["leave_title"] in answer.content.decode()
        assert texts.labels(language)["left_title"] == post(browser, path(language=language)).content.decode()

    def test_page_of_an_unknown_language_speaks_the_shops_own(self, browser, settings):
        settings.LANGUAGE_CODE = "bn"
        assert browser.get(path(language="")).headers["Content-Language"] == "bn"

    @pytest.mark.parametrize("method, to", [("GET", ""), ("HEAD", ""), ("POST", ""), ("POST", "?page")])
    def test_no_cache_keeps_it_no_engine_lists_it_no_page_hears_of_it(self, browser, method, to):
        answer = browser.generic(method, path() + to, ONE_CLICK if method == "POST" else "", content_type=FORM)
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["X-Robots-Tag"] == "noindex"
        assert answer["Referrer-Policy"] == "no-referrer"

    def test_it_is_not_kept_by_a_cache_of_the_whole_site(self, browser, settings):
        cache.clear()
        settings.MIDDLEWARE = ["django.middleware.cache.UpdateCacheMiddleware", *settings.MIDDLEWARE,
                               "django.middleware.cache.FetchFromCacheMiddleware"]
        with_name = browser.get(path()).content.decode()
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SHOP_NAME": "Another"}
        assert "Plain Goods" in with_name and "Another" in browser.get(path()).content.decode()

    def test_page_needs_no_script_no_inline_style_and_nobody_else(self, browser):
        answer = browser.get(path())
        page = answer.content.decode()
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|<img|<iframe|url\(", page)
        assert re.findall(r'(?:src|href)="(https?:[^"]+)"', page) == ["https://shop.example/"]
        assert "default-src 'none'; style-src 'self'" in answer["Content-Security-Policy"]

    def test_style_sheet_of_another_host_is_allowed_by_name(self, browser, settings):
        settings.STATIC_URL = "https://static.example/"
        assert "style-src 'self' https://static.example;" in browser.get(path())["Content-Security-Policy"]

    @pytest.mark.parametrize("root", [True, False])
    def test_page_comes_plain_where_static_files_were_not_collected(self, browser, settings, tmp_path, root):
        hashed = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": hashed}}
        settings.DEBUG, settings.STATIC_ROOT = False, str(tmp_path) if root else None
        answer = browser.get(path())
        assert answer.status_code == 200
        assert "stylesheet" not in answer.content.decode()

    def test_names_of_a_shop_are_text_not_html(self, browser, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SHOP_NAME": "<b>Mugs & More</b>"}
        assert "&lt;b&gt;Mugs &amp; More" in browser.get(path()).content.decode()

    @pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
    def test_other_methods_are_refused(self, browser, method):
        assert getattr(browser, method)(path()).status_code == 405

    def test_shop_that_demands_a_login_everywhere_does_not_demand_it_here(self, browser, settings):
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
        assert browser.get(path()).status_code == post(browser, path()).status_code == 200


class TestTokens:
    def test_link_does_not_show_the_address(self):
        address = unsubscribe.link(offer())
        assert "asha" not in address.lower() and "%40" not in address and "@" not in address

    def test_old_key_still_reads_until_it_is_forgotten(self, browser, settings):
        link, old = path(), settings.SECRET_KEY
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [old]
        agree()
        assert post(browser, link).status_code == 200
        assert not consents.has(ASHA, "marketing")
        settings.SECRET_KEY_FALLBACKS = []
        assert browser.get(link).status_code == 404

    @pytest.mark.parametrize("change", [
        lambda token: token[:-1], lambda token: token + "=", lambda token: token + "A", lambda token: token.swapcase(),
        lambda token: "." + token, lambda token: token.replace(".", ":"), lambda token: token + "/page.css", lambda token: "",
        lambda token: signing.dumps(["x", "marketing", "email", "en"]), lambda token: token.partition(".")[0], lambda token: "%00" + token,
        lambda token: signing.Signer(sep=".", salt="another").sign_object([address_hash(ASHA), "marketing", "email", "en"]),
    ])
    def test_changed_token_leads_nowhere(self, browser, change):
        token = path().split("/")[3]
        for method in (browser.get, lambda to: post(browser, to)):
            assert method(f"/comms/unsubscribe/{change(token)}/").status_code == 404
        assert not Consent.objects.exists()

    @hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(junk=strategies.one_of(strategies.text(max_size=200), strategies.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
                                  strategies.from_regex(r"\A\.?[A-Za-z0-9_=-]{1,80}\.[A-Za-z0-9_=-]{1,60}\Z")))
    def test_junk_is_no_token_and_no_error(self, junk):
        with pytest.raises(ValueError):
            unsubscribe.read(junk)

    def test_signed_thing_of_another_shape_is_no_token(self):
        with pytest.raises(ValueError):
            unsubscribe.read(unsubscribe._signer().sign_object({"a": 1}))
        with pytest.raises(ValueError):
            unsubscribe.read(unsubscribe._signer().sign_object(["a"]))


class TestHeaders:
    @pytest.mark.parametrize("purpose", ["marketing", "service"])
    def test_mail_of_free_will_carries_both_headers(self, browser, purpose):
        headers = unsubscribe.headers(offer(purpose=purpose))
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = re.fullmatch(r"<https://shop\.example(/comms/unsubscribe/[\w.=-]+/)>", headers["List-Unsubscribe"])[1]
        assert post(browser, link).status_code == 200
        assert Consent.objects.get().topic == purpose

    def test_order_mail_carries_none(self):
        mail = offer(purpose="transactional", facts={"shop": {"name": "Plain Goods"}})
        assert (unsubscribe.headers(mail), unsubscribe.facts_with_link(mail)) == ({}, mail.facts)

    def test_header_fits_into_a_line_of_mail(self):
        assert max(len(f"{name}: {value}") for name, value in unsubscribe.headers(offer()).items()) < 400

    def test_header_for_http_does_not_promise_one_click(self, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SHOP_URL": "http://shop.example"}
        assert list(unsubscribe.headers(offer())) == ["List-Unsubscribe"]

    def test_without_shop_url_there_is_no_link(self, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SHOP_URL": ""}
        assert (unsubscribe.headers(offer()), unsubscribe.is_possible()) == ({}, False)

    def test_shop_that_does_not_include_our_urls_has_no_link(self, settings):
        settings.ROOT_URLCONF = "tests.messaging.no_urls"
        assert (unsubscribe.headers(offer()), unsubscribe.is_possible()) == ({}, False)

    def test_address_with_line_breaks_reaches_no_header(self):
        headers = unsubscribe.headers(offer("asha@customers.example\r\nBcc: eve@evil.example"))
        assert not any(sign in value for value in headers.values() for sign in "\r\n")
