"""A mail that is written by hand reads like any other."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.utils import formataddr
from html import unescape

import pytest

from ecommerce_comms.messaging import mime
from ecommerce_comms.messaging.backends.base import Attachment

PLAIN = [("From", "Shop <a@shop.example>"), ("To", "b@x.example")]


def read(raw):
    """The mail as a strict reader sees it."""
    return message_from_bytes(raw, policy=policy.default)


def write(*, text="Hello", html="", files=(), **headers):
    """A mail with these headers."""
    return mime.write([*headers.items(), *PLAIN], text, html, "=_boundary", files)


def file(name="delivery.ics", content=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"):
    """A file for calendars."""
    return Attachment(name=name, content_type="text/calendar; charset=utf-8; method=PUBLISH", content=content)


@pytest.mark.parametrize("subject", [
    "Thank you",
    "धन्यवाद, आशा जी! आपका ऑर्डर BC-1002 हमें मिल गया है", "Order 17 – শুভেচ্ছা", "x" * 200, "word " * 40, "ends with a blank é ", "",
])
def test_subject_is_read_as_it_was_written(subject):
    assert read(write(Subject=subject))["Subject"].split() == subject.split()


def test_no_line_of_the_header_is_too_long():
    head = write(Subject="ধন্যবাদ " * 60, To2="x " * 300).partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78


def test_subject_does_not_begin_with_an_empty_line():
    assert not write(Subject="আপনার অর্ডার আমরা পেয়েছি, ধন্যবাদ").startswith(b"Subject: \r\n")


@pytest.mark.parametrize("name", ["Asha", "Nguyễn Thị Thủy", "नरेन्द्र " * 12, "Smith, John", 'Al "the" <x>', "O'Brien"])
def test_name_and_address_stay_apart(name):
    raw = mime.write([("To", formataddr((name.strip(), "asha@x.example")))], "x", "", "=_b")
    (address,) = read(raw)["To"].addresses
    assert (address.display_name, address.addr_spec) == (name.strip(), "asha@x.example")


@pytest.mark.parametrize("text", [
    "Plain\nlines",
    ".\n..dots\nFrom here", "नमस्ते\nदुनिया", "mixed é = x " * 60, "tab\t \nblank at end \n", "x" * 2000, "", "\r\nwindows\r\n",
])
def test_parts_are_read_as_they_were_written(text):
    mail = read(write(text=text, html=f"<p>{text}</p>"))
    plain, html = mail.iter_parts()
    expected = text.replace("\r\n", "\n").rstrip("\n")
    assert plain.get_content().replace("\r\n", "\n").rstrip("\n") == expected
    assert unescape(html.get_content()).replace("\r\n", "\n").rstrip("\n") == f"<p>{text}</p>".replace("\r\n", "\n")
    assert not mail.defects


def test_everything_is_ascii_with_short_lines():
    raw = write(text="নমস্কার " * 500, html="<p>é</p>" * 900)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize(("html", "coding"), [
    ("<p>Hello</p>", "7bit"),
    ("<p>Thu 3 – Sat 5 Dec</p>" * 9, "7bit"),
    ("<style>a:before{content:'–'}</style>" + "<p>Hello</p>" * 9, "quoted-printable"),
    (f"<p>{'x' * 2000}</p>", "quoted-printable"),
    ("<p>Hello</p>\nFrom here", "quoted-printable"),
    ("From here", "quoted-printable"),
    ("<p>নমস্কার</p>", "base64"),
])
def test_page_is_coded_only_where_a_mail_server_might_change_it(html, coding):
    assert list(read(write(html=html)).iter_parts())[1]["Content-Transfer-Encoding"] == coding


@pytest.mark.parametrize("html", ["", "<p>Hello</p>"])
def test_files_come_after_the_words(html):
    mail = read(write(html=html, files=[file(), file("second.ics", b"x")]))
    assert mail.get_content_type() == "multipart/mixed" and not mail.defects
    assert mail.get_body(("plain",)).get_content().strip() == "Hello"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["delivery.ics", "second.ics"]


@pytest.mark.parametrize("content", [b"", b"\r\n" * 3, bytes(range(256)) * 9, "BEGIN\r\n দোকান\r\n".encode()])
def test_file_arrives_as_it_was(content):
    (part,) = read(write(files=[file(content=content)])).iter_attachments()
    assert part.get_payload(decode=True) == content
    assert (part.get_content_type(), part.get_param("method")) == ("text/calendar", "PUBLISH")


@pytest.mark.parametrize("name", [
    "delivery.ics", "a b.ics", "ডেলিভারি.ics", "é" * 90, 'a".ics', "a\r\nBcc: x@y.example", "../../x", "", "\ud800.ics", "x" * 500, "a;b=c",
])
def test_any_name_of_a_file_stays_a_name(name):
    raw = write(html="<p>x</p>", files=[file(name)])
    (part,) = read(raw).iter_attachments()
    assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 998 and read(raw).keys().count("Bcc") == 0
    assert part.get_filename() and "/" not in part.get_filename() and part.get_content_type() == "text/calendar"
    if name in ("delivery.ics", "a b.ics", "ডেলিভারি.ics", "é" * 90, "a;b=c"):
        assert part.get_filename() == name


def test_letters_in_a_style_sheet_or_script_are_not_written_as_references():
    assert mime._takes_references("<title>–</title><style>a{}</style><p>–</p>")
    assert not mime._takes_references("<p>–</p><style>a:before{content:'–'}</style>")
    assert not mime._takes_references('<script type="x">"–"</script>')


def test_references_do_not_make_a_page_longer_than_mail_programs_show():
    html = "<p>" + ("x" * 40 + "–") * 2_000 + "</p>"
    assert list(read(write(html=html)).iter_parts())[1]["Content-Transfer-Encoding"] == "quoted-printable"
