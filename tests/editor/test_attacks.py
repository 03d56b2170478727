"""What a hostile page, or a hostile colleague, posts to the editor is answered with a sentence and never with a failure."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.messaging.editing import versions
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.writing.texts import Text

pytestmark = pytest.mark.django_db
KIND = "order_shipped"
HALF = "\ud800"


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    testing.tell("order_placed", testing.order("1001"))
    testing.tell(KIND, testing.order("1001"))


@pytest.fixture
def merchant(client):
    client.force_login(User.objects.create_superuser("mira", "mira@shop.example"))
    return client


def address(page, *more, kind=KIND, language="en"):
    return reverse(f"admin:ecommerce_comms_template_{page}", args=[kind, language, *more])


def ask(client, told):
    body = told if isinstance(told, (bytes, str)) else json.dumps(told)
    return client.post(address("preview"), body, content_type="application/json").status_code


GOOD = {"subject": "x", "body": "x"}


@pytest.mark.parametrize("told", [
    b"", b"\x00", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 30_000, b"9" * 5_000, b"NaN", b"null", b"[]", b'""', b'{"text":null}',
    b'{"text":[]}',
    {"text": {"subject": 1}}, {"text": {"body": None}}, {"text": {"body": ["x"]}}, {"text": {"body": {}}}, {"text": GOOD, "about": 7},
    {"text": GOOD, "about": "order:" + "9" * 30}, {"text": GOOD, "about": "order:-1"}, {"text": GOOD, "about": "order:１"}, {"text": GOOD,
    "about": HALF},
    {"text": GOOD, "about": "sample:__class__"}, {"text": GOOD, "tongue": []}, {"text": GOOD, "tongue": "xx" * 999}, {"text": GOOD,
    "tongue": "../etc"},
    {"text": {"body": "x" * 40_001}}, b"x" * 256_001,
])
def test_odd_question_is_refused_with_a_sentence(merchant, told):
    assert ask(merchant, told) in (400, 404, 413)


@pytest.mark.parametrize("more", [
    {"search": HALF}, {"search": "\x00"}, {"search": f"{HALF}@x.example"}, {"search": "\x00@x.example"}, {"search": "%" * 999},
    {"search": "' OR 1=1 --"},
    {"search": []}, {"now": "yes"}, {"dark": []}, {"plain": {}}, {"zzz": HALF},
    {"text": {"subject": HALF, "body": HALF}}, {"text": {"subject": "\x00", "body": "\x00"}},
    {"text": {"subject": "x", "body": "{% for forloop in order.lines %}{{ forloop }}{% endfor %}"}}, {"text": {}}, {"text": {"zzz": 1}},
])
def test_odd_but_harmless_question_is_answered(merchant, more):
    assert ask(merchant, {"text": GOOD, **more}) == 200


@pytest.mark.parametrize("more", [
    {"base": "-1"}, {"base": "x"}, {"base": "9" * 40}, {"base": "١"}, {"note": "x" * 999}, {"note": "\x00"}, {"search": "\x00"},
    {"about": "order:x"},
    {"tongue": "zz"}, {"do": "test:"}, {"do": "test:zzz"}, {"do": "zzz"}, {"do": "__init__"}, {"body": "\x00"}, {"subject": "x" * 9_999},
    {"body": "{% for forloop in order.lines %}{{ forloop }}{% endfor %}", "do": "publish"},
])
def test_odd_form_never_fails(merchant, more):
    answer = merchant.post(address("edit"), {"do": "save", "base": "0", **GOOD, **more}, follow=True)
    assert answer.status_code in (200, 409)


def test_nothing_changes_over_get_or_without_the_token(merchant):
    version = versions.save(KIND, "en", Text(subject="x", body="x"), "mira")
    for url in (address("use", version.number), address("preview")):
        assert merchant.get(url).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="mira"))
    for url in (address("use", version.number), address("preview"), address("edit")):
        assert strict.post(url, {"do": "publish", "base": "1", **GOOD}).status_code == 403
    assert not Template.objects.get().is_active


@pytest.mark.parametrize("asked", ["version=١", "version=-1", "version=%00", "version=99999999999999999999", "about=order:0", "about=%00",
    "search=%00",
                                   "search=%ED%A0%80", "tongue=%00", "about=order:99999999999999999999"])
def test_odd_address_never_fails(merchant, asked):
    assert merchant.get(f"{address('edit')}?{asked}").status_code == 200
    assert merchant.get(f"{address('history_page')}?before={asked.partition('=')[2]}&undo={asked.partition('=')[2]}").status_code == 200


def test_version_of_another_text_cannot_be_used(merchant):
    versions.save(KIND, "en", Text(subject="x", body="x"), "mira")
    other = versions.save(KIND, "hi", Text(subject="x", body="x"), "mira")
    again = versions.save(KIND, "hi", Text(subject="y", body="x"), "mira", base=other.number)
    assert merchant.post(address("use", again.number)).status_code == 404
