"""The editor's pages over HTTP: who may do what, what is refused with which words, and what the preview shows."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.html import escape

from ecommerce_comms import testing
from ecommerce_comms.editor import asking, subjects, trying
from ecommerce_comms.editor.framing import framed
from ecommerce_comms.exceptions import TransientDeliveryError
from ecommerce_comms.messaging.editing import versions
from ecommerce_comms.messaging.models import Message, Template, TemplateVersion
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.models import Order, Rule
from ecommerce_comms.snapshots import CustomerSnapshot, LineSnapshot

pytestmark = pytest.mark.django_db
KIND, LANGUAGE = "order_shipped", "en"
NASTY = '<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ shop.url }}{% for %}'


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """An order that has left."""
    subjects._MEMORY.clear()
    testing.tell("order_placed", testing.order("1001"))
    testing.tell(KIND, testing.order("1001"))


@pytest.fixture
def merchant(client):
    client.force_login(User.objects.create_superuser("mira", "mira@shop.example"))
    return client


def staff(client, *verbs, name="ravi"):
    """Sign in somebody with some of the rights only."""
    user = User.objects.create_user(name, f"{name}@shop.example", is_staff=True)
    codes = ["view_order" if verb == "orders" else f"{verb}_template" for verb in verbs]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes, content_type__app_label="ecommerce_comms"))
    client.force_login(user)
    return client


def address(page="edit", kind=KIND, language=LANGUAGE, *more):
    return reverse(f"admin:ecommerce_comms_template_{page}", args=[kind, language, *more])


def words(**changes):
    return {**asdict(texts.built_in(KIND, LANGUAGE)), **changes}


def post(client, do, base=0, **changes):
    return client.post(address(), {"do": do, "base": base, **words(**changes)}, follow=True)


def ask(client, text=None, **more):
    body = {"text": text if text is not None else words(), **more}
    return client.post(address("preview"), json.dumps(body), content_type="application/json")


def about(number="1001"):
    return f"order:{Order.objects.get(number=number).pk}"


def said(response):
    return response.content.decode()


class TestTable:
    def read(self, client):
        return said(client.get(reverse("admin:ecommerce_comms_template_changelist")))

    def test_every_kind_stands_in_it_in_every_language(self, merchant):
        page = self.read(merchant)
        for kind in texts.KINDS:
            for language in texts.languages():
                assert f'href="{address("edit", kind, language)}"' in page

    def test_kinds_stand_in_the_order_of_an_orders_life(self, merchant):
        page = self.read(merchant)
        life = ("Order placed", "Order shipped", "Order delivered", "Order refunded", "Review request")
        places = [page.index(f">{name}") for name in life]
        assert places == sorted(places)

    def test_own_text_draft_and_failures_are_told(self, merchant, clock):
        versions.publish(versions.save(KIND, "en", texts.built_in(KIND, "en"), "mira"), "mira")
        versions.save(KIND, "hi", texts.built_in(KIND, "hi"), "ravi")
        Message.objects.filter(kind=KIND).update(text_source="fallback")
        page = self.read(merchant)
        assert "Order shipped, English: your own, version 1, failing" in page
        assert "Order shipped, Hindi: built-in, draft waiting" in page
        assert "failed 1 time lately" in page
        assert "2 Mar 2026, 10:00, mira" in page

    def test_rule_that_is_off_is_told(self, merchant):
        Rule.objects.filter(kind="order_paid").update(is_active=False)
        assert self.read(merchant).count("switched off") == 1

    def test_kind_of_the_shops_own_waits_to_be_written(self, merchant, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "MESSAGE_KINDS": {"birthday": {"label": "Happy birthday"}}}
        page = self.read(merchant)
        assert "Happy birthday, English: not written yet" in page
        assert merchant.get(address("edit", "birthday", "en")).status_code == 200

    def test_it_needs_few_queries(self, merchant, django_assert_max_num_queries):
        with django_assert_max_num_queries(14):
            self.read(merchant)


class TestWriting:
    def test_page_opens_with_the_built_in_words_and_the_newest_order(self, merchant):
        page = said(merchant.get(address()))
        assert escape(texts.built_in(KIND, LANGUAGE).body) in page
        assert "Asha, your order is on its way" in page

    def test_draft_is_kept_and_not_sent(self, merchant):
        page = said(post(merchant, "save", subject="Mine {{ order.number }}", note="friendlier"))
        assert "Saved as version 1, a draft" in page and "draft waiting" in page
        version = TemplateVersion.objects.get()
        assert (version.by, version.note, version.subject, version.published_at) == ("mira", "friendlier", "Mine {{ order.number }}", None)
        testing.tell(KIND, testing.order("2"))
        assert "Mine" not in testing.sent()[-1].subject

    def test_published_text_is_sent(self, merchant):
        assert "Version 1 is in use" in said(post(merchant, "publish", subject="Mine {{ order.number }}"))
        testing.tell(KIND, testing.order("2"))
        assert testing.sent()[-1].subject == "Mine 2"

    def test_text_with_errors_is_kept_and_not_published(self, merchant):
        page = said(post(merchant, "publish", subject="For {{ customer.shoe_size }}"))
        assert "Not published" in page and "customer.shoe_size" in page
        assert not Template.objects.get().is_active
        assert TemplateVersion.objects.get().subject == "For {{ customer.shoe_size }}"

    def test_draft_is_published_as_it_is(self, merchant):
        post(merchant, "save", subject="Mine {{ order.number }}")
        post(merchant, "publish", base=1, subject="Mine {{ order.number }}")
        assert (TemplateVersion.objects.count(), Template.objects.get().version) == (1, 1)

    def test_what_has_not_changed_is_not_kept_again(self, merchant):
        post(merchant, "save", subject="Mine")
        assert "nothing to save" in said(post(merchant, "save", base=1, subject="Mine"))
        assert TemplateVersion.objects.count() == 1

    def test_built_in_text_is_used_again(self, merchant):
        post(merchant, "publish", subject="Mine {{ order.number }}")
        post(merchant, "off")
        assert not Template.objects.get().is_active

    def test_second_of_two_loses_nothing_and_sees_both(self, merchant):
        versions.save(KIND, LANGUAGE, texts.Text(**words(subject="Hers")), "asha")
        answer = post(merchant, "save", base=0, subject="His", body="Much work of his.")
        page = said(answer)
        assert answer.status_code == 409
        assert "asha saved version 1 while you were writing" in page
        assert "Much work of his." in page and "</span></span>Hers" in page
        post(merchant, "save", base=1, subject="His", body="Much work of his.")
        assert list(TemplateVersion.objects.order_by("number").values_list("by", "subject")) == [("asha", "Hers"), ("mira", "His")]

    def test_too_long_a_part_is_refused_and_stays_in_the_form(self, merchant):
        page = said(post(merchant, "save", subject="x" * 601))
        assert "at most 600 characters" in page and "x" * 601 in page
        assert not TemplateVersion.objects.exists()

    def test_every_deed_is_written_down(self, merchant):
        post(merchant, "publish", subject="Mine {{ order.number }}")
        merchant.post(address("use", KIND, LANGUAGE, 1))
        post(merchant, "off")
        told = list(LogEntry.objects.order_by("pk").values_list("change_message", "object_repr"))
        assert [what for what, _ in told] == [
            "Saved version 1.", "Published version 1.", "Published version 2, with the words of version 1.",
            "Used the built-in text again.",
        ]
        assert {name for _, name in told} == {"Order shipped (en)"}

    def test_preview_button_shows_and_keeps_nothing(self, merchant):
        page = said(post(merchant, "preview", subject="Look: {{ order.number }}", about=about()))
        assert "Look: 1001" in page and "Look: {{ order.number }}" in page
        assert not TemplateVersion.objects.exists()


class TestRights:
    def test_stranger_is_sent_to_sign_in(self, client):
        for page in ("edit", "history_page"):
            assert "/login/" in client.get(address(page)).url
        assert ask(client).status_code == 302

    def test_staff_without_rights_see_nothing(self, client):
        staff(client)
        assert client.get(address()).status_code == 403
        assert client.get(address("history_page")).status_code == 403
        assert client.get(reverse("admin:ecommerce_comms_template_changelist")).status_code == 403
        assert ask(client).status_code == 403

    def test_reader_sees_and_changes_nothing(self, client):
        staff(client, "view")
        page = said(client.get(address()))
        assert "readonly" in page and 'value="save"' not in page and 'value="publish"' not in page
        for do in ("save", "publish", "off", "test:email"):
            assert post(client, do, subject="Mine").status_code == 403
        assert not TemplateVersion.objects.exists()

    @pytest.mark.parametrize("do", ["publish", "off"])
    def test_writer_of_drafts_cannot_publish_by_tampering(self, client, do):
        staff(client, "view", "change")
        assert 'value="publish"' not in said(client.get(address()))
        assert post(client, do, subject="Mine {{ order.number }}").status_code == 403
        assert not Template.objects.filter(is_active=True).exists()

    def test_writer_of_drafts_cannot_roll_back(self, client):
        version = versions.save(KIND, LANGUAGE, texts.built_in(KIND, LANGUAGE), "mira")
        staff(client, "view", "change")
        assert 'action="' + address("use", KIND, LANGUAGE, version.number) not in said(client.get(address("history_page")))
        assert client.post(address("use", KIND, LANGUAGE, version.number)).status_code == 403
        assert not Template.objects.get().is_active

    def test_writer_of_drafts_saves(self, client):
        staff(client, "view", "change")
        post(client, "save", subject="Mine", is_active="on", version="9", published_at="2026-01-01", by="mira")
        version = TemplateVersion.objects.get()
        assert (version.by, version.published_at, version.template.is_active) == ("ravi", None, False)

    def test_who_may_not_see_orders_gets_samples_only(self, client):
        staff(client, "view", "change")
        page = said(client.get(address()))
        assert "Asha Sharma" not in page and 'value="order:' not in page and "A usual order" in page
        assert ask(client, about=about()).status_code == 404
        assert [title for title, _group in ask(client, search="1001").json()["orders"]] == ["Orders that do not exist"]

    def test_who_may_see_orders_previews_with_them(self, client):
        staff(client, "view", "orders")
        assert ask(client, about=about()).status_code == 200

    def test_rights_are_asked_without_a_page_too(self, rf, django_user_model):
        request = rf.post("/")
        request.user = django_user_model.objects.create_user("nobody", is_staff=True)
        with pytest.raises(PermissionDenied):
            asking.answer(request, KIND, LANGUAGE)

    def test_deeds_need_a_token(self, merchant):
        merchant.handler.enforce_csrf_checks = True
        assert post(merchant, "publish").status_code == 403
        assert ask(merchant).status_code == 403

    @pytest.mark.parametrize("page", ["preview", "use"])
    def test_reading_does_nothing(self, merchant, page):
        assert merchant.get(address(page, KIND, LANGUAGE, *([1] if page == "use" else []))).status_code == 405


class TestAsking:
    def test_answer_has_every_pane_and_no_complaint(self, merchant):
        told = ask(merchant, about=about()).json()
        assert "Asha, your order is on its way" in told["pieces"]["ed-inbox"]
        assert "1001" in told["mail"] and "1001" in told["words"]["words-text"]
        assert told["words"].keys() == {"words-text", "words-chat", "words-line", "words-call"}
        assert "1 text message" in told["pieces"]["pane-sms"]
        assert told["errors"] == 0 and told["works"]
        assert "No difference" in told["pieces"]["pane-difference"]

    def test_complaint_names_its_place(self, merchant):
        told = ask(merchant, words(body="Good day\n\nto {{ customer.shoe_size }}")).json()
        assert told["errors"] == 1
        assert 'data-part="body" data-line="3" data-column="7"' in told["pieces"]["complaints-body"]

    def test_text_that_cannot_be_read_is_said_to_not_work(self, merchant):
        told = ask(merchant, words(body="{% if order.number %}")).json()
        assert (told["works"], told["mail"], told["words"]) == (False, "", {})
        assert "does not work for this order" in told["pieces"]["ed-shows"]

    def test_event_that_has_not_happened_is_said_to_be_made_up(self, merchant):
        answer = merchant.post(address("preview", "order_refunded", "en"), json.dumps(
            {"text": asdict(texts.built_in("order_refunded", "en")), "about": about()}), content_type="application/json").json()
        assert "has not happened to this order yet" in answer["pieces"]["ed-shows"]
        assert "₹499.00" in answer["pieces"]["ed-inbox"]

    @pytest.mark.parametrize("sample", subjects.SAMPLES)
    @pytest.mark.parametrize("kind", ["order_shipped", "order_shipped.others", "order_placed", "review_request"])
    def test_awkward_samples_are_shown_for_every_kind(self, merchant, kind, sample):
        body = {"text": asdict(texts.built_in(kind, "en")), "about": f"sample:{sample}"}
        told = merchant.post(address("preview", kind, "en"), json.dumps(body), content_type="application/json").json()
        assert told["works"]

    def test_others_are_shown_no_prices_of_a_real_order(self, merchant):
        text = {**asdict(texts.built_in("order_shipped.others", "en")), "body": "{{ order.total }}{{ buyer.name }}"}
        body = json.dumps({"text": text, "about": about()})
        told = merchant.post(address("preview", "order_shipped.others", "en"), body, content_type="application/json").json()
        assert "1,290" not in told["mail"] and "Asha Sharma" in told["words"]["words-text"]

    def test_receiver_of_a_gift_is_shown_nothing_of_what_it_is(self, merchant):
        text = asdict(texts.built_in("order_shipped.others", "en"))
        text["body"] = "In it: {% for line in order.lines %}{{ line.title }}{% endfor %}."
        body = json.dumps({"text": text, "about": about()})
        told = merchant.post(address("preview", "order_shipped.others", "en"), body, content_type="application/json").json()
        assert "In it: ." in told["words"]["words-text"]

    def test_other_language_shows_its_own_text(self, merchant):
        told = ask(merchant, words(subject="Mine"), tongue="hi").json()
        assert told["language"] == "hi" and "Mine" not in told["pieces"]["ed-inbox"]
        assert "What customers get now in Hindi: the built-in text." in told["pieces"]["ed-shows"]

    def test_what_is_sent_now_can_be_shown(self, merchant):
        assert "Mine" not in ask(merchant, words(subject="Mine"), now=True).json()["pieces"]["ed-inbox"]

    def test_orders_are_found_by_number_and_by_address(self, merchant):
        testing.tell("order_placed", testing.order("2002", customer=CustomerSnapshot(email="tom@customers.example", first_name="Tom")))
        for term in ("2002", "tom@customers.example", "TOM@customers.example"):
            [group, _samples] = ask(merchant, search=term).json()["orders"]
            assert group[0] == "Orders found"
            assert [label for _value, label in group[1]] == ["2002 · Tom · placed"]

    def test_new_orders_are_found_by_name_and_by_part_of_the_number(self, merchant):
        customer = CustomerSnapshot(email="tom@customers.example", first_name="Tom", last_name="Baker")
        testing.tell("order_placed", testing.order("SHOP-2002", customer=customer))
        for term in ("tom", "Tom Baker", "baker 2002", "2002"):
            assert [label for _value, label in ask(merchant, search=term).json()["orders"][0][1]] == ["SHOP-2002 · Tom Baker · placed"]

    def test_search_without_success_says_so_and_keeps_what_was_chosen(self, merchant):
        [nothing, chosen, _samples] = ask(merchant, search="nobody", about=about()).json()["orders"]
        assert nothing == ["No order found", []]
        assert [value for value, _label in chosen[1]] == [about()]
        titles = [title for title, _group in ask(merchant, search="nobody", about="sample:plain").json()["orders"]]
        assert titles == ["No order found", "Orders that do not exist"]

    def test_order_is_offered_once(self, merchant):
        offered = [value for _title, options in subjects.choices(KIND) for value, _label in options]
        assert len(offered) == len(set(offered))

    def test_what_customers_wrote_is_never_markup_and_never_evaluated(self, merchant):
        customer = CustomerSnapshot(email="x@customers.example", first_name=NASTY, last_name=NASTY)
        order = testing.order("666", customer=customer, lines=(LineSnapshot(sku="a", title=NASTY, quantity=1),))
        testing.tell("order_placed", order)
        testing.tell(KIND, order)
        told = ask(merchant, words(body="Hello {{ customer.first_name }} {{ customer.name }}"), about=about("666")).json()
        for html in (told["mail"], *told["pieces"].values(), said(merchant.get(address(), {"about": about("666")}))):
            assert "<script>alert" not in html and "<img src=x" not in html
        assert "{{ shop.url }}" in told["words"]["words-text"]

    def test_what_an_author_quotes_is_never_markup(self, merchant):
        told = ask(merchant, words(subject='{{ "<script>alert(3)</script>" }}', body='{{ "<script>alert(3)</script>" }}')).json()
        assert "<script>alert" not in json.dumps([told["mail"], told["pieces"]])

    @pytest.mark.parametrize(("body", "status", "why"), [
        ("{", 400, "not JSON"),
        ("[]", 400, "key “text”"),
        ('{"text": {"subject": 7}}', 400, "no strings: subject"),
        ('{"text": {}, "tongue": "xx"}', 400, "no language “xx”"),
        ('{"text": {}, "about": 7}', 400, "no string"),
        ('{"text": {}, "about": "order:999999"}', 404, "no such order"),
        ('{"text": {}, "about": "order:1; drop"}', 404, "no such order"),
        ('{"text": {}, "about": "sample:none"}', 404, "no such order"),
        (json.dumps({"text": {"body": "x" * 50_000}}), 413, "too long: body"),
        ("x" * (asking.MOST_BYTES + 1), 413, "too long"),
        ("[" * 100_000, 400, "not JSON"),
    ])
    def test_nonsense_is_refused_with_a_reason(self, merchant, body, status, why):
        answer = merchant.post(address("preview"), body, content_type="application/json")
        assert answer.status_code == status
        assert why in answer.json()["error"]

    @pytest.mark.parametrize(("kind", "language"), [("order_eaten", "en"), ("order_shipped", "xx"), ("order_paid.others.others", "en")])
    def test_unknown_text_is_not_found(self, merchant, kind, language):
        for page in ("edit", "history_page"):
            assert merchant.get(address(page, kind, language)).status_code == 404
        assert merchant.post(address("preview", kind, language), "{}", content_type="application/json").status_code == 404


class TestFraming:
    MAIL = ('<html><head><meta name="color-scheme" content="light dark"><style>@media (prefers-color-scheme:dark){a{b:c}}</style></head>'
            '<body><img src="https://x.example/a.png" srcset="b.png 2x" alt="Teapot"></body></html>')

    def test_policy_stands_before_everything_that_could_load(self):
        html = framed(self.MAIL)
        assert html.startswith("<html><head><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'")
        assert "script" not in html

    def test_dark_is_dark_whatever_the_merchants_own_device_is(self):
        assert "prefers-color-scheme" not in framed(self.MAIL, dark=True) and 'content="dark"' in framed(self.MAIL, dark=True)
        assert "(min-width:0)" in framed(self.MAIL, dark=True) and "(max-width:0)" in framed(self.MAIL)

    def test_without_pictures_their_words_stay(self):
        html = framed(self.MAIL, pictures=False)
        assert "a.png" not in html and "b.png" not in html and 'alt="Teapot"' in html


class TestTestMail:
    def test_it_goes_to_who_asks_and_to_nobody_else(self, merchant):
        testing.forget()
        page = said(post(merchant, "test:email", subject="Try {{ order.number }}", about=about(), recipient="eve@evil.example"))
        [mail] = testing.sent()
        assert (mail.recipient, mail.subject) == ("mira@shop.example", "[Test] Try 1001")
        assert "addressed to you: mira@shop.example" in page
        assert Message.objects.filter(recipient="mira@shop.example").count() == 0
        assert not TemplateVersion.objects.exists()
        assert LogEntry.objects.get().change_message == "Sent a test to oneself, by email."

    def test_backend_that_fails_is_told_in_its_words(self, merchant):
        testing.RecordingBackend.refuse = TransientDeliveryError("the server is asleep")
        assert "The test was not sent" in (page := said(post(merchant, "test:email"))) and "asleep" in page

    def test_account_without_an_address_is_told(self, client):
        client.force_login(User.objects.create_superuser("mira"))
        assert "no usable address" in said(post(client, "test:email"))

    def test_channel_that_is_none_is_refused(self, merchant):
        testing.forget()
        assert "no usable address" in said(post(merchant, "test:fax"))
        assert testing.sent() == []

    def test_tests_are_limited(self, merchant, monkeypatch, clock):
        monkeypatch.setattr(trying, "MOST", 2)
        testing.forget()
        pages = [said(post(merchant, "test:email")) for _ in range(3)]
        assert "sent 2 tests within an hour" in pages[-1]
        assert len(testing.sent()) == 2
        clock.advance(hours=2)
        assert "handed over" in said(post(merchant, "test:email"))

    def test_text_that_does_not_work_is_not_sent(self, merchant):
        testing.forget()
        assert "nothing to send" in said(post(merchant, "test:email", body="{% if x %}"))
        assert testing.sent() == []


class TestHistory:
    def make(self):
        for number, subject in enumerate(("One {{ order.number }}", "Two {{ order.number }}")):
            versions.publish(versions.save(KIND, LANGUAGE, texts.Text(**words(subject=subject)), "mira", "because", base=number), "mira")

    def test_versions_are_told_with_author_time_note_and_difference(self, merchant):
        self.make()
        page = said(merchant.get(address("history_page")))
        expected = ("Version 2", "in use", "was in use", "2 Mar 2026, 10:00, mira", "because", "One<span", "Two<span", "removed:", "added:")
        for told in expected:
            assert told in page

    def test_one_press_rolls_back_and_one_more_undoes_it(self, merchant):
        self.make()
        page = said(merchant.post(address("use", KIND, LANGUAGE, 1), follow=True))
        assert "The words of version 1 are in use again, as version 3" in page and "Undo: use version 2 again" in page
        assert Template.objects.get().subject == "One {{ order.number }}"
        merchant.post(address("use", KIND, LANGUAGE, 2))
        assert Template.objects.get().subject == "Two {{ order.number }}"

    def test_version_that_would_not_work_is_not_used_again(self, merchant):
        versions.save(KIND, LANGUAGE, texts.Text(**words(subject="{{ nothing.known }}")), "mira")
        assert "cannot be used again" in said(merchant.post(address("use", KIND, LANGUAGE, 1), follow=True))
        assert not Template.objects.get().is_active

    def test_version_that_does_not_exist_is_not_found(self, merchant):
        self.make()
        assert merchant.post(address("use", KIND, LANGUAGE, 9)).status_code == 404

    def test_any_version_can_be_read_in_the_editor(self, merchant):
        self.make()
        page = said(merchant.get(address(), {"version": "1"}))
        assert "words of version 1" in page and "One 1001" in page

    def test_nothing_is_deleted_by_hand(self, merchant):
        self.make()
        assert merchant.get(reverse("admin:ecommerce_comms_template_delete", args=[Template.objects.get().pk])).status_code == 403
