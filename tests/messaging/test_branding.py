"""A merchant sets how mails look: once, for all, seen before it is saved, and in force with the next batch."""

from __future__ import annotations

from email import message_from_bytes, policy
from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail as django_mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.messaging.admin.branding_form import kind_of_picture
from ecommerce_comms.messaging.admin.picture import warnings
from ecommerce_comms.messaging.models import Branding
from ecommerce_comms.messaging.speaking.layout.frame import BUILT_IN
from ecommerce_comms.messaging.speaking.layout.look import PLAIN, Look, look_of, read_once
from ecommerce_comms.messaging.speaking.layout.own import dress

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
FORM = {"site": "", "logo_url": "", "logo_width": "160", "accent": "#7b2ff7", "paper": "#ffffff", "desk": "#f4f5f7", "ink": "#1d2430",
        "greeting": "formal", "footer_address": "Lotus Ltd, 4 Lake Road", "layout": ""}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """Where uploaded files go."""
    settings.MEDIA_ROOT, settings.MEDIA_URL = tmp_path, "/media/"


@pytest.fixture
def merchant(client):
    """A browser in which the shop's owner is signed in."""
    client.force_login(User.objects.create_superuser("mira"))
    return client


def add(client, **changes):
    """Fill in the form and save it; what the page says."""
    return client.post(reverse("admin:ecommerce_comms_branding_add"), FORM | changes)


def shown(client, row=None, **changes):
    """The page with the picture, and the mail in it, for a form that is not saved."""
    name = "admin:ecommerce_comms_branding_picture"
    answer = client.post(reverse(f"{name}_of", args=[row.pk]) if row else reverse(name), FORM | changes)
    text = answer.content.decode()
    return text, unescape(text.partition('srcdoc="')[2].partition('"')[0]), answer


class TestLook:
    def test_without_a_row_mails_look_as_built_in(self):
        assert look_of("") is look_of("other.example") is PLAIN

    def test_row_of_a_shop_goes_before_the_row_for_all(self):
        Branding.objects.create(accent="#111111")
        Branding.objects.create(site="b.example", accent="#222222", greeting="none", footer_address="There", logo_width=99)
        assert look_of("a.example").accent == "#111111"
        other = look_of("b.example")
        assert (other.accent, other.greeting, other.footer_address, other.logo_width) == ("#222222", "none", "There", 99)

    def test_colour_that_is_none_is_the_built_in_one(self):
        Branding.objects.create(accent="red;}<b", paper="#12345")
        assert (look_of("").accent, look_of("").paper) == (PLAIN.accent, PLAIN.paper)

    def test_uploaded_logo_has_an_absolute_address(self):
        Branding.objects.create(logo=SimpleUploadedFile("logo.png", PNG))
        assert look_of("").logo == "https://shop.example/media/ecommerce_comms/logos/logo.png"

    def test_logo_on_the_web_stays_where_it_is(self):
        Branding.objects.create(logo_url="https://cdn.example/logo.png")
        assert look_of("").logo == "https://cdn.example/logo.png"

    def test_logo_that_no_mail_program_could_fetch_is_left_out(self, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SHOP_URL": ""}
        Branding.objects.create(logo=SimpleUploadedFile("logo.png", PNG))
        assert look_of("").logo == ""

    def test_same_branding_is_the_same_object_so_that_what_is_made_for_it_is_kept(self):
        Branding.objects.create(accent="#111111")
        assert look_of("") is look_of("x")

    def test_change_is_seen_at_once_even_if_the_clock_stands_still(self, clock):
        row = Branding.objects.create(layout=BUILT_IN)
        dress(row)
        row.save()
        first = look_of("")
        row.layout, row.accent = BUILT_IN.replace("624px", "700px"), "#333333"
        dress(row)
        row.save()
        assert look_of("").accent == "#333333" and look_of("").frame != first.frame and "700" in look_of("").frame

    def test_batch_asks_once(self):
        Branding.objects.create(accent="#111111")
        look_of("")
        with CaptureQueriesContext(connection) as asked, read_once():
            for _ in range(50):
                look_of("a.example")
        assert len(asked) == 1

    def test_inner_batch_leaves_the_outer_one_as_it_was(self):
        with read_once():
            with read_once():
                Branding.objects.create(accent="#111111")
            assert look_of("") is PLAIN
        assert look_of("").accent == "#111111"


class TestMails:
    @pytest.fixture(autouse=True)
    def shop(self, settings, clock, fake_shop):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": {
            "email": "ecommerce_comms.messaging.backends.email.EmailBackend"}}

    def sent(self, number="1001"):
        """The mail about a new order, as it goes over the wire."""
        testing.tell("order_placed", testing.order(number, promised_earliest="2026-03-04", promised_latest="2026-03-06"))
        testing.settle()
        return message_from_bytes(django_mail.outbox[-1].message().as_bytes(), policy=policy.default)

    def test_next_mail_has_the_new_look(self):
        assert "#f4f5f7" in self.sent().get_body(("html",)).get_content()
        Branding.objects.create(desk="#abcdef", footer_address="Lotus Ltd")
        html = self.sent("1002").get_body(("html",)).get_content()
        assert "#abcdef" in html and "#f4f5f7" not in html and "Lotus Ltd" in html

    def test_mail_carries_the_window_for_a_calendar(self):
        (file,) = self.sent().iter_attachments()
        text = file.get_payload(decode=True).decode()
        assert file.get_filename() == "delivery.ics" and "DTSTART;VALUE=DATE:20260304\r\n" in text

    def test_programs_are_told_of_the_order(self):
        html = self.sent().get_body(("html",)).get_content()
        assert '"@type":"Order"' in html and '"orderNumber":"1001"' in html


class TestForm:
    def test_merchant_saves_a_look(self, merchant):
        assert add(merchant, logo=SimpleUploadedFile("My Logo.PNG", PNG)).status_code == 302
        row = Branding.objects.get()
        assert (row.accent, row.greeting, row.footer_address) == ("#7b2ff7", "formal", "Lotus Ltd, 4 Lake Road")
        assert row.logo.name.endswith(".png") and row.changed_at

    @pytest.mark.parametrize("changes, said", [
        ({"accent": "red"}, "Please write a colour as #"),
        ({"logo_url": "http://shop.example/logo.png"}, "begins with https://"),
        ({"logo_width": "4000"}, "a width from 40 to 520"),
        ({"logo": SimpleUploadedFile("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>")}, "This is no PNG"),
        ({"logo": SimpleUploadedFile("logo.png", b"<html><script>")}, "This is no PNG"),
        ({"logo": SimpleUploadedFile("logo.png", PNG + b"x" * 200_000)}, "This picture has 200 KB"),
        ({"layout": "<mjml>\n<script>"}, "Line 2: &lt;script&gt; is not allowed"),
        ({"layout": BUILT_IN.replace("[[footer]]", "")}, "It has no place for [[footer]]"),
        ({"layout": "x" * 60_001}, "It is too long: 60,001 bytes"),
    ])
    def test_what_mail_programs_could_not_show_is_refused(self, merchant, changes, said):
        answer = add(merchant, **changes)
        assert answer.status_code == 200 and said in answer.content.decode()
        assert not Branding.objects.exists()

    @pytest.mark.parametrize("content, kind", [
        (PNG, "png"), (b"\xff\xd8\xff\xe0", "jpg"), (b"GIF89a", "gif"), (b"RIFFxxxxWEBPVP8 ", "webp"), (b"RIFFxxxxWAVE", ""), (b"", ""),
    ])
    def test_picture_is_known_by_its_content(self, content, kind):
        assert kind_of_picture(content) == kind

    def test_name_of_a_file_says_what_it_is_and_nothing_else(self, merchant):
        add(merchant, logo=SimpleUploadedFile("evil.html", PNG))
        assert Branding.objects.get().logo.name == "ecommerce_comms/logos/logo.png"

    def test_own_layout_is_compiled_when_it_is_saved(self, merchant):
        assert add(merchant, layout=BUILT_IN).status_code == 302
        row = Branding.objects.get()
        assert "[[body]]" in row.compiled and row.frame_key and look_of("").frame == row.compiled

    def test_emptied_layout_leads_back_to_the_built_in_one(self, merchant):
        add(merchant, layout=BUILT_IN)
        row = Branding.objects.get()
        merchant.post(reverse("admin:ecommerce_comms_branding_change", args=[row.pk]), FORM)
        row.refresh_from_db()
        assert (row.compiled, row.frame_key, look_of("").frame) == ("", "", "")

    def test_nobody_begins_with_an_empty_layout(self, merchant):
        row = Branding.objects.create()
        for address in (reverse("admin:ecommerce_comms_branding_add"), reverse("admin:ecommerce_comms_branding_change", args=[row.pk])):
            text = merchant.get(address, {"start": "built-in"}).content.decode()
            assert "[[suggestions]]" in text.partition('name="layout"')[2].partition("</textarea>")[0]
            assert "[[suggestions]]" not in merchant.get(address).content.decode().partition('name="layout"')[2].partition("</textarea>")[0]

    def test_page_has_no_script_and_no_style_of_its_own(self, merchant):
        text = merchant.get(reverse("admin:ecommerce_comms_branding_add")).content.decode()
        ours = text.partition('class="comms-picture"')[2]
        assert "<style" not in ours and " style=" not in ours and "onclick" not in ours and "branding.js" in text


    def test_who_saves_what_can_hardly_be_read_is_told(self, merchant):
        said = merchant.post(reverse("admin:ecommerce_comms_branding_add"), FORM | {"ink": "#eeeeee", "paper": "#ffffff"}, follow=True)
        assert "The words can hardly be read on the page" in said.content.decode()

    def test_second_branding_for_the_same_leads_to_the_first(self, merchant):
        add(merchant)
        assert "change that one" in add(merchant).content.decode()


class TestPicture:
    def test_form_is_seen_before_it_is_saved(self, merchant):
        text, html, answer = shown(merchant, picture_of="order_shipped", picture_in="hi")
        assert "#7b2ff7" in html and 'lang="hi"' in html and "Lotus Ltd" in html
        assert 'sandbox=""' in text and not Branding.objects.exists()
        assert answer["X-Frame-Options"] == "SAMEORIGIN" and "default-src 'none'" in answer["Content-Security-Policy"]

    def test_saved_look_is_seen_when_the_page_opens(self, merchant):
        row = Branding.objects.create(accent="#7b2ff7")
        text = merchant.get(reverse("admin:ecommerce_comms_branding_picture_of", args=[row.pk])).content.decode()
        assert "#7b2ff7" in text

    def test_logo_is_seen_before_it_is_saved(self, merchant, tmp_path):
        _, html, _ = shown(merchant, logo=SimpleUploadedFile("x.png", PNG))
        assert "data:image/png;base64," in html and not list(tmp_path.rglob("*.png"))

    def test_saved_logo_stays_in_the_picture(self, merchant):
        row = Branding.objects.create(logo=SimpleUploadedFile("logo.png", PNG))
        assert "https://shop.example/media/ecommerce_comms/logos/logo" in shown(merchant, row)[1]
        assert "/media/" not in shown(merchant, row, **{"logo-clear": "on"})[1]

    def test_own_layout_is_seen_and_a_broken_one_is_explained(self, merchant):
        assert "700px" in shown(merchant, layout=BUILT_IN.replace("624px", "724px"))[1]
        text, html, _ = shown(merchant, layout="<mjml><script>")
        assert "is not allowed" in text and "<h1" in html

    def test_dark_mode_can_be_seen(self, merchant):
        assert "prefers-color-scheme" in shown(merchant)[1]
        assert "prefers-color-scheme" not in shown(merchant, picture_dark="on")[1]

    @pytest.mark.parametrize("look, said", [
        (Look(ink="#bbbbbb"), ["The words can hardly be read on the page"]),
        (Look(accent="#fefefe"), ["The button has nearly the colour of the page"]),
        (Look(accent="#ffd400"), ["Links in this colour would be hard to read"]),
        (Look(), []),
    ])
    def test_what_is_hard_to_read_is_said_in_words(self, look, said):
        told = warnings(look)
        assert [any(each.startswith(start) for each in told) for start in said] == [True] * len(said) and bool(told) is bool(said)

    def test_warning_stands_above_the_picture(self, merchant):
        assert "The words can hardly be read" in shown(merchant, ink="#cccccc")[0]

    @pytest.mark.parametrize("changes", [
        {"accent": "x"}, {"logo_width": "x"}, {"greeting": "x"}, {"picture_of": "x"}, {"picture_in": "../x"}, {"layout": "\x00<"},
        {"logo_url": "x"}, {"accent": ""},
    ])
    def test_any_form_has_a_picture(self, merchant, changes):
        _text, html, answer = shown(merchant, **changes)
        assert answer.status_code == 200 and "<h1" in html

    def test_it_is_for_those_who_may_see_the_branding(self, client):
        user = User.objects.create_user("apprentice", is_staff=True)
        client.force_login(user)
        address = reverse("admin:ecommerce_comms_branding_picture")
        assert client.get(address).status_code == 403
        user.user_permissions.add(Permission.objects.get(codename="view_branding"))
        assert client.get(address).status_code == 200
