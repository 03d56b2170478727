"""What must hold for the webhook of every provider: written once, inherited by each provider's test."""

from __future__ import annotations

import gzip
import json
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ecommerce_comms.shipping.carriers import accounts, receiving
from ecommerce_comms.shipping.models import Scan
from tests.shipping.carriers import saying
from tests.shipping.carriers.saying import SECRET, Provider

BOMBS = {
    "nested lists": b"[" * 200_000,
    "nested objects": b'{"a":' * 100_000,
    "closed nest": b"[" * 100_000 + b"]" * 100_000,
    "long number": b'{"msg": ' + b"9" * 5000 + b"}",
    "huge float": b'{"msg": 1e400}',
    "NaN": b'{"msg": NaN}',
    "Infinity": b'{"msg": -Infinity}',
    "named twice": b'{"event": "a", "event": "b"}',
    "UTF-16": '{"event": "a"}'.encode("utf-16"),
    "mark of order": b"\xef\xbb\xbf{}",
    "no UTF-8": b'{"event": "\xff\xfe"}',
    "nothing": b"",
    "null": b"null",
    "a text": b'"delivered"',
    "a number": b"17",
    "cut short": b'{"event": "tracking_up',
}


class WebhookSecurity:
    """Inherit it, name the provider, and every attack is tried against it."""

    provider: Provider

    @pytest.fixture(autouse=True)
    def _open(self, db, fake_shop, clock, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CARRIER_WEBHOOKS": saying.accounts()}
        self.settings = settings

    def use(self, **account):
        self.settings.ECOMMERCE_COMMS = {**self.settings.ECOMMERCE_COMMS, "CARRIER_WEBHOOKS": {self.provider.name: account}}

    @property
    def payload(self):
        word = self.provider.words[0]
        return self.provider.payload({"status": word, "time": "2026-03-02T04:00:00+00:00", "text": "Arrived", "place": "Pune"})

    @property
    def body(self):
        return json.dumps(self.payload).encode()

    def send(self, body=None, headers=None, method="post", **more):
        body = self.body if body is None else body
        made = {"content_type": "application/json", "headers": self.provider.headers(body) if headers is None else headers, **more}
        return getattr(Client(), method)(f"/comms/carriers/{self.provider.name}/", body, **made)

    def refused(self, answer, status=401):
        assert answer.status_code == status
        assert not Scan.objects.exists()

    def test_signed_request_is_taken_once(self):
        assert self.send().json() == {"new": 1, "known": 0, "waiting": 1, "malformed": 0}
        assert self.send().json() == {"new": 0, "known": 1, "waiting": 0, "malformed": 0}
        assert Scan.objects.count() == 1

    def test_unsigned_request_is_refused_without_a_look_at_the_database(self):
        with CaptureQueriesContext(connection) as queries:
            self.refused(self.send(headers={}))
        assert len(queries) == 1  # the assertion's own

    def test_wrong_secret_is_refused(self):
        self.refused(self.send(headers=self.provider.headers(self.body, "another secret")))

    @pytest.mark.parametrize("secret", ["", None, [], [""], "  ", ["", None], 17])
    def test_account_without_a_secret_believes_nobody(self, secret):
        self.use(secret=secret)
        self.refused(self.send(headers=self.provider.headers(self.body, "")))
        self.refused(self.send(headers=self.provider.headers(self.body, "  ")))
        self.refused(self.send(headers={}))

    @pytest.mark.parametrize("spoil", [
        lambda body: body[:-2] + b" }", lambda body: b" " + body, lambda body: body + b"\n", lambda body: b"\xef\xbb\xbf" + body,
        lambda body: json.dumps(json.loads(body), indent=1).encode(), lambda body: json.dumps(json.loads(body), sort_keys=True).encode(),
    ], ids=["a byte", "a blank", "a line", "a mark", "set anew", "sorted"])
    def test_body_that_was_changed_is_refused(self, spoil):
        if not type(self.provider_class()).signs_body:
            pytest.skip("It does not sign the body.")
        headers = self.provider.headers(self.body)
        changed = spoil(self.body)
        assert changed != self.body
        self.refused(self.send(changed, headers))

    def provider_class(self):
        return accounts.account(self.provider.name).provider

    @pytest.mark.parametrize("spoil", [
        lambda value: "é" + value, lambda value: value + "\x00", lambda value: "x" * 1_000_000, lambda value: value[:-1],
        lambda value: value.replace("hmac-sha256-hex", "hmac-sha1-hex").swapcase(), lambda value: "none", lambda value: "v0=" + value,
        lambda value: "sha1=" + value, lambda value: "", lambda value: value + "," + value, lambda value: "\ud800",
    ], ids=["é", "NUL", "1 MB", "short", "other algorithm", "none", "v0", "sha1", "empty", "twice", "surrogate"])
    def test_strange_signature_is_refused(self, spoil):
        headers = {name: spoil(value) for name, value in self.provider.headers(self.body).items()}
        self.refused(self.send(headers=headers))

    def test_both_secrets_are_believed_while_one_is_replaced(self):
        self.use(secret=["the new secret of this account", SECRET])
        assert self.send().status_code == 200
        assert self.send(headers=self.provider.headers(self.body, "the new secret of this account")).status_code == 200
        self.use(secret=["the new secret of this account"])
        assert self.send().status_code == 401
        assert self.send(headers=self.provider.headers(self.body, "the new secret of this account")).status_code == 200

    @pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(days=2), timedelta(days=365)])
    def test_request_that_is_played_again_changes_nothing(self, later, clock):
        headers = self.provider.headers(self.body)
        self.send(headers=headers)
        before = list(Scan.objects.values())
        clock.advance(seconds=later.total_seconds())
        assert self.send(headers=headers).status_code in (200, 401)
        assert list(Scan.objects.values()) == before

    def test_old_signature_is_refused_where_it_has_a_time(self, clock):
        if not type(self.provider_class()).signs_time:
            pytest.skip("It signs no time.")
        headers = self.provider.headers(self.body)
        clock.advance(days=2)
        self.refused(self.send(headers=headers))

    @pytest.mark.parametrize("kind", ["text/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""])
    def test_other_content_types_are_refused(self, kind):
        self.refused(self.send(content_type=kind), 415)

    @pytest.mark.parametrize("packing", ["gzip", "br", "deflate", "GZIP", "gzip, identity"])
    def test_packed_body_is_not_unpacked(self, packing):
        body = gzip.compress(b"0" * 1_000_000)
        self.refused(self.send(body, {**self.provider.headers(body), "Content-Encoding": packing}), 415)

    def test_size_is_counted_in_bytes_that_were_read(self):
        self.settings.ECOMMERCE_COMMS = {**self.settings.ECOMMERCE_COMMS, "WEBHOOK_MAX_BYTES": 3000}
        self.refused(self.send(self.body + b" " * 3000), 413)
        assert self.send().status_code == 200

    def test_body_larger_than_django_takes_from_a_form_is_taken(self):
        body = self.body + b" " * 3_000_000
        assert self.send(body).status_code == 200

    @pytest.mark.parametrize("name", BOMBS)
    def test_signed_nonsense_never_fails(self, name):
        began = time.perf_counter()
        answer = self.send(BOMBS[name])
        assert answer.status_code in (200, 400, 415)  # Django's test client gives an empty body no content type
        assert time.perf_counter() - began < 2.0  # in the open it is some milliseconds; a busy machine gets time
        assert not Scan.objects.exists()

    @pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 100_000, "<script>", "{{ 7 }}", "‮", "\r\n\t"])
    def test_text_that_no_database_takes_is_taken_without_it(self, text):
        scan = {"status": self.provider.words[0], "time": "2026-03-02T04:00:00+00:00", "text": f"a{text}b", "place": text}
        answer = self.send(json.dumps(self.provider.payload(scan)).encode())
        assert answer.json()["new"] == 1
        row = Scan.objects.get()
        assert row.text.startswith("a")
        assert not set(row.text) & set("\x00\ud800\r\n\t")

    @pytest.mark.parametrize("value", [None, 17, True, [], {}, "", [["x"]], {"a": {"b": 1}}, 1e18, -1])
    def test_value_of_the_wrong_kind_is_laid_aside_or_taken_as_it_is(self, value):
        for field in ("status", "time", "text", "place", "detail"):
            try:
                payload = self.provider.payload(
                    {"status": self.provider.words[0], "time": "2026-03-02T04:00:00+00:00", "text": "a", field: value})
            except (TypeError, KeyError):
                continue  # the test's own hands
            assert self.send(json.dumps(payload).encode()).status_code in (200, 400)
        answer = self.send(json.dumps(self.provider.payload({"status": "x", "time": "y"}, number=value)).encode())
        assert answer.status_code in (200, 400)

    @pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head", "options", "trace"])
    def test_other_methods_are_refused(self, method):
        if method in ("get", "head", "trace"):
            answer = getattr(Client(), method)(f"/comms/carriers/{self.provider.name}/")
        else:
            answer = self.send(method=method)
        self.refused(answer, 405)
        assert answer["Allow"] == "POST"
        assert not [name for name in answer.headers if name.startswith("Access-Control")]

    def test_unknown_account_does_not_exist(self):
        assert Client().post("/comms/carriers/nobody/", b"{}", content_type="application/json").status_code == 404

    def test_database_that_fails_is_told_later(self, monkeypatch):
        def fail(*args, **kwargs):
            raise OperationalError("gone")

        monkeypatch.setattr(receiving, "_keep", fail)
        answer = self.send()
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")

    def test_scan_that_could_be_kept_and_not_applied_is_taken(self, monkeypatch):
        def fail(*args, **kwargs):
            raise OperationalError("gone")

        monkeypatch.setattr(receiving.following, "follow", fail)
        assert self.send().status_code == 200

    def test_who_told_is_written_down(self):
        self.send(REMOTE_ADDR="203.0.113.7")
        row = Scan.objects.get()
        assert (row.source, row.told_from) == (self.provider.name, "203.0.113.7")

    def test_browser_without_a_token_against_forgery_may_call(self):
        client = Client(enforce_csrf_checks=True)
        assert self.provider.post(self.payload, client=client).status_code == 200
