"""The words of a message: its greeting, whose text they come from, and what happens when the merchant's own text fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecommerce_comms import testing
from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.health.colours import Colour
from ecommerce_comms.health.figures import collect
from ecommerce_comms.health.lights import lights
from ecommerce_comms.messaging import outbox, own_texts
from ecommerce_comms.messaging.editing.linting import SAMPLE
from ecommerce_comms.messaging.models import Message, Template
from ecommerce_comms.messaging.own_texts import failing
from ecommerce_comms.messaging.speaking import forms, words
from ecommerce_comms.messaging.speaking.layout.look import Look
from ecommerce_comms.messaging.speaking.rendering import parts_of, render, said
from ecommerce_comms.messaging.speaking.words import Words
from ecommerce_comms.messaging.story import story

BROKEN = "{{ 1 | divided_by: 0 }}"


def parts(language="en", look=None, **customer):
    """The parts of a message to a customer of whom just this is known."""
    return parts_of("order_placed", language, {"customer": customer}, "UTC", look or Look())


def own(**changes):
    """A merchant's text of ``order_placed``."""
    usual = {"kind": "order_placed", "language": "en", "subject": "Our own words", "body": "Dear customer.", "version": 2}
    return Template(**{**usual, **changes})


class TestGreeting:
    ASHA = {"first_name": "Asha", "last_name": "Rao"}  # noqa: RUF012

    @pytest.mark.parametrize("tone, known, expected", [
        ("friendly", ASHA, "Hello Asha,"),
        ("friendly", {}, "Hello,"),
        ("friendly", {"last_name": "Rao"}, "Hello,"),
        ("formal", ASHA, "Dear Asha Rao,"),
        ("formal", {"last_name": "Rao"}, "Dear Rao,"),
        ("formal", {}, "Dear customer,"),
        ("none", ASHA, ""),
        ("of-some-later-version", ASHA, ""),
    ])
    def test_it_has_the_tone_of_the_branding(self, tone, known, expected):
        made = parts(look=Look(greeting=tone), **known)
        assert said("order_placed", "en", made, None).greeting == expected

    @pytest.mark.parametrize("language", ["en", "hi", "bn"])
    def test_every_language_has_one(self, language):
        greeting = said("order_placed", language, parts(language, first_name="আশা"), None).greeting
        assert "আশা" in greeting and "{" not in greeting

    def test_braces_in_a_name_are_only_braces(self):
        assert said("order_placed", "en", parts(first_name="{name}{0.x}"), None).greeting == "Hello {name}{0.x},"


class TestJson:
    def test_words_come_back_as_they_were(self):
        made = Words(subject="s", greeting="Hello,", body="<p>b</p>", version=3, source="merchant")
        assert Words.from_json(made.to_json()) == made

    def test_words_of_a_later_version_can_be_read(self):
        assert Words.from_json({"subject": "s", "colour": "red"}) == Words(subject="s")


class TestOwnTextFails:
    def test_built_in_words_say_why_and_which_version(self):
        made = said("order_placed", "en", parts(), own(subject=BROKEN))
        assert (made.source, made.version) == ("fallback", 2)
        assert "divi" in made.failure

    def test_text_that_takes_over_a_second_is_not_taken_and_not_tried_again(self, monkeypatch):
        seconds, filled, real = iter([0.0, 1.2]), [], words.fill
        monkeypatch.setattr(words, "thread_time", lambda: next(seconds))
        monkeypatch.setattr(words, "fill", lambda text, view, source, *more, **named: filled.append(source) or real(
            text, view, source, *more, **named))
        slow = own(body="A slow one.")
        for _time in range(2):
            assert said("order_placed", "en", parts(), slow).failure == words.TOO_SLOW
        assert filled == ["merchant", "fallback", "fallback"]

    def test_any_surprise_sends_the_built_in_words(self, monkeypatch):
        monkeypatch.setattr(words, "_in_time", lambda *_: 1 // 0)
        assert said("order_placed", "en", parts(), own()).source == "fallback"

    def test_kind_of_the_shop_has_nothing_to_fall_back_to(self):
        with pytest.raises(TemplateError):
            said("of_the_shop", "en", parts(), own(kind="of_the_shop", subject=BROKEN))

    def test_text_in_another_language_is_not_taken(self):
        assert render("order_placed", "hi", SAMPLE, own=None).source == "built-in"


class TestNothingIsLost:
    def test_page_that_fails_in_the_shops_look_is_made_in_the_plain_one(self, monkeypatch):
        real = forms.page

        def page(made, *more):
            assert made.look.accent == Look().accent
            return real(made, *more)

        monkeypatch.setattr(forms, "page", page)
        made = parts(look=Look(accent="#123456"))
        assert "<html" in forms.email(said("order_placed", "en", made, None), made)["html"]

    @pytest.mark.parametrize("name, left", [("page", "text"), ("letter", "html")])
    def test_mail_goes_without_what_cannot_be_made(self, name, left, monkeypatch, caplog):
        monkeypatch.setattr(forms, name, lambda *_: 1 // 0)
        made = parts(first_name="Asha")
        mail = forms.email(said("order_placed", "en", made, None), made)
        assert "We have your order" in mail[left] and "We have your order" in mail["text"]
        assert f"The {name} of a message could not be made" in caplog.text
        assert "Asha" not in caplog.text


    @pytest.mark.parametrize("name, left_out", [("attachments", "attachments"), ("linked", "")])
    def test_mail_goes_without_what_programs_would_read(self, name, left_out, monkeypatch, clock):
        monkeypatch.setattr(forms, name, lambda *_: 1 // 0)
        made = parts_of("order_placed", "en", SAMPLE, "UTC", Look(), clock())
        mail = forms.email(said("order_placed", "en", made, None), made)
        assert "Thank you" in mail["html"] and "Thank you" in mail["text"]
        assert (mail["attachments"] == ()) is bool(left_out)
        assert ("ld+json" in mail["html"]) is bool(left_out)


def test_short_form_that_is_far_too_long_keeps_its_link():
    text = own(short=f"{'word ' * 200}https://shop.example/{'x' * 100}")
    short = said("order_placed", "en", parts(), text).short
    assert len(short) <= 500 and short.endswith("x" * 100)


def test_advertising_by_text_message_tells_how_to_end_it():
    made = replace(parts(), purpose="marketing")
    assert forms.sms(said("order_placed", "en", made, None), made)["short"].endswith(made.labels["sms_stop"])
    assert made.labels["sms_stop"] not in forms.sms(said("order_placed", "en", parts(), None), parts())["short"]


def test_text_message_is_as_long_as_the_shop_allows(settings):
    long = own(short="word " * 100)
    assert render("order_placed", "en", SAMPLE, own=long).sms_count == 3
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SMS_SEGMENTS": 1}
    assert render("order_placed", "en", SAMPLE, own=long).sms_count == 1


def test_line_has_the_button_where_its_words_have_no_link():
    made = render("order_placed", "en", SAMPLE)
    assert made.chat.endswith(" See your order: https://shop.example/orders/1001")
    assert made.line.pieces[-1] == ("See your order", "https://shop.example/orders/1001")
    tracked = render("order_shipped", "en", SAMPLE)
    assert tracked.chat == tracked.short
    assert tracked.line.pieces[-1] == ("https://track.example/BD123", "https://track.example/BD123")


@pytest.mark.django_db
class TestAlarm:
    @pytest.fixture(autouse=True)
    def shop(self, fake_shop, clock):
        """Snapshots stand in for orders; the merchant's text divides by zero."""
        own(subject=BROKEN).save()

    def lights(self):
        """What the health page tells of own texts."""
        return [light for light in lights(collect()) if light.key.startswith("own_text")]

    def test_health_tells_which_text_how_often_since_when_and_why(self):
        for number in ("1001", "1002", "1003"):
            testing.tell("order_placed", testing.order(number))
        [light] = self.lights()
        assert light.colour is Colour.AMBER and light.todo
        assert "3 messages went out in the built-in words, because: " in light.says and "(since 2 Mar, 10:00)" in light.says
        assert failing()[0].orders == ("1003", "1002", "1001")

    def test_it_is_gone_when_a_newer_version_is_in_use(self):
        testing.tell("order_placed", testing.order("1001"))
        Template.objects.update(version=3, subject="Works")
        assert self.lights() == []

    def test_text_written_by_code_counts_as_changed_when_it_was_saved(self, clock):
        Template.objects.update(version=0)
        testing.tell("order_placed", testing.order("1001"))
        assert self.lights()
        clock.advance(minutes=1)
        Template.objects.update(changed_at=clock())
        assert self.lights() == []

    def test_it_is_gone_after_a_week(self, clock):
        testing.tell("order_placed", testing.order("1001"))
        clock.advance(days=7, minutes=1)
        assert self.lights() == []

    def test_it_is_gone_when_the_text_is_switched_off(self):
        testing.tell("order_placed", testing.order("1001"))
        Template.objects.update(is_active=False)
        assert self.lights() == []

    def test_what_could_not_be_sent_at_all_is_red(self, clock):
        Template.objects.update(kind="of_the_shop")
        outbox.put([Message(kind="of_the_shop", language="en", recipient="asha@customers.example", dedupe_key="1", state="queued",
                            due_at=clock(), facts={"order": {"number": "7"}})])
        testing.settle()
        assert Message.objects.values_list("state", "reason", "attempts").get() == ("failed", "template", 1)
        [light] = self.lights()
        assert light.colour is Colour.RED and "1 message could not be sent, because: " in light.says

    def test_one_text_can_be_asked_alone(self):
        testing.tell("order_placed", testing.order("1001"))
        assert failing(Template.objects.get()) == failing()
        assert failing(Template.objects.create(kind="order_paid", language="en", subject="x")) == []

    def test_admin_tells_of_it_with_the_orders(self, admin_client):
        testing.tell("order_placed", testing.order("1001"))
        page = admin_client.get("/admin/ecommerce_comms/").content.decode()
        assert "Own text failed since" in page and "Orders: 1001." in page
        Template.objects.update(version=3)
        assert "Own text failed" not in admin_client.get("/admin/ecommerce_comms/").content.decode()

    def test_messages_story_tells_it(self):
        testing.tell("order_placed", testing.order("1001"))
        [line] = [line for line in story(Message.objects.get()) if "own text failed" in line.title]
        assert line.tone == "bad" and line.quote

    def test_order_that_the_text_works_for_is_not_told(self):
        Template.objects.update(subject=f"{{% if order.number == '1002' %}}{BROKEN}{{% endif %}}Fine")
        for number in ("1001", "1002"):
            testing.tell("order_placed", testing.order(number))
        assert [mail.subject == "Fine" for mail in testing.sent()] == [True, False]
        assert failing()[0].orders == ("1002",)

    def test_reason_is_told_without_our_own_words(self):
        kept = "A message was refused for good. TemplateError: A message template cannot be used. It is empty."
        assert own_texts._sentence(kept) == "It is empty"
