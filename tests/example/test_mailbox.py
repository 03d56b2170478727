"""The demo's mailbox."""

from __future__ import annotations

import hmac
import json
import mailbox
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from example_project.demo.mailserver import maildir


@pytest.fixture
def box(settings: Any) -> mailbox.Maildir:
    return mailbox.Maildir(settings.MAILBOX_DIR, create=True)


def mail(subject: str, html: str = "", text: str = "Good day.", date: str = "Mon, 02 Mar 2026 10:00:00 +0530") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["To"], message["Date"] = subject, "asha@customers.example", date
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def test_mailbox_that_is_not_there_yet_is_empty(client: Client) -> None:
    assert "No mail yet" in client.get("/mailbox/").content.decode()


def test_mails_are_listed_in_their_own_script(client: Client, box: mailbox.Maildir) -> None:
    for subject in ("Your order", "आपका ऑर्डर", "আপনার অর্ডার"):
        box.add(mail(subject))
    page = client.get("/mailbox/").content.decode()
    assert all(subject in page for subject in ("Your order", "आपका ऑर्डर", "আপনার অর্ডার"))


def test_mail_is_shown_in_a_frame_that_runs_nothing(client: Client, box: mailbox.Maildir) -> None:
    key = box.add(mail("Your order", html='<p onclick="x()">Hello</p><script>alert(1)</script>'))
    response = client.get(f"/mailbox/{key}/")
    page = response.content.decode()
    assert "allow-scripts" not in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_newest_mail_comes_first(client: Client, box: mailbox.Maildir, settings: Any) -> None:
    arrivals = {"1772424000.M900P1Q1.here": "Second", "1772424000.M5000P1Q2.here": "Third", "1772423000.M9999P1Q3.here": "First"}
    for name, subject in arrivals.items():
        (settings.MAILBOX_DIR / "new" / name).write_bytes(bytes(mail(subject)))
    page = client.get("/mailbox/").content.decode()
    assert page.index("Third") < page.index("Second") < page.index("First")


@pytest.mark.parametrize("date", ["Mon, 02 Mar 2026 10:00:00 +0530", "Mon, 02 Mar 2026 04:30:00 -0000"])
def test_date_is_shown_in_the_shops_time(client: Client, box: mailbox.Maildir, date: str) -> None:
    box.add(mail("Hello", date=date))
    assert "Mon 2 Mar, 10:00" in client.get("/mailbox/").content.decode()


def test_plain_text_and_headers_are_shown(client: Client, box: mailbox.Maildir) -> None:
    page = client.get(f"/mailbox/{box.add(mail('Hello', text='আপনার পার্সেল'))}/").content.decode()
    assert "আপনার পার্সেল" in page
    assert "asha@customers.example" in page


def test_broken_mail_is_shown_as_far_as_it_can_be_read(client: Client, box: mailbox.Maildir) -> None:
    key = box.add(b"Subject: Odd\r\nDate: yesterday\r\nContent-Type: text/html; charset=klingon\r\n\r\n\xff\xfe")
    assert client.get(f"/mailbox/{key}/").status_code == 200
    assert "Odd" in client.get("/mailbox/").content.decode()


@pytest.mark.parametrize("key", ["nothing", "..", "%2e%2e"])
def test_unknown_mail_is_not_found(client: Client, box: mailbox.Maildir, key: str) -> None:
    assert client.get(f"/mailbox/{key}/").status_code == 404


def post_text(client: Client, secret: str, **told: str) -> Any:
    body = json.dumps({"to": "+919830012345", "text": "Your order is on its way.", "id": "k1", **told}).encode()
    mark = hmac.new(secret.encode(), b"1772424000." + body, "sha256").hexdigest()
    return client.post("/texts/", body, content_type="application/json", headers={"X-Comms-Signature": f"t=1772424000,v1={mark}"})


def test_text_message_lands_in_the_mailbox(client: Client, settings: Any) -> None:
    assert post_text(client, settings.DEMO_SMS_SECRET).json()["status"] == "delivered"
    page = client.get("/mailbox/").content.decode()
    assert "Text message · to +919830012345" in page
    assert "Your order is on its way." in page


def test_text_message_of_a_stranger_does_not(client: Client) -> None:
    assert post_text(client, "a guess").status_code == 401
    assert "No mail yet" in client.get("/mailbox/").content.decode()


def test_mail_is_kept_in_a_folder_that_was_there_and_empty(tmp_path: Path) -> None:
    box = maildir(tmp_path)
    box.add(b"Subject: Your order\n\nGood day.")
    assert len(box) == 1
