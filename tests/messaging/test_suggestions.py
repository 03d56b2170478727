"""What stands besides the order in a mail: suggestions for whoever agreed, and the way out of mails that may be ended."""

from __future__ import annotations

import re

import pytest

from ecommerce_comms import checks, testing
from ecommerce_comms.customers import consents
from ecommerce_comms.messaging import unsubscribe
from ecommerce_comms.messaging.editing import linting
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.speaking import rendering
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.messaging.writing.texts import Text
from tests.messaging.offers import ASHA, agree, offer

SAUCER = {"title": "Saucer <small>", "url": "https://shop.example/saucer", "image_url": "https://shop.example/s.jpg", "price": "190.00"}
LINK = "https://shop.example/comms/unsubscribe/x.y/"


def made(language="en", kind="order_placed", **facts):
    """The sample order's mail, with more ``facts``."""
    return rendering.render(kind, language, {**linting.SAMPLE, **facts})


class TestSuggestions:
    @pytest.mark.parametrize("language", texts.languages())
    def test_they_stand_below_all_that_is_about_the_order_under_their_own_heading(self, language):
        mail, heading = made(language, suggestions=[SAUCER]), texts.labels(language)["suggestions"]
        for body, title in ((mail.html, "Saucer &lt;small&gt;"), (mail.text, "Saucer <small>")):
            assert body.index("Teapot") < body.index("Lake Road") < body.index(heading) < body.index(title)
        assert "₹190.00" in mail.html and "₹190.00" in mail.text
        assert "https://shop.example/saucer" in mail.html and "https://shop.example/saucer" in mail.text

    def test_they_never_stand_where_a_list_of_mails_shows_it(self):
        mail = made(suggestions=[SAUCER])
        assert not any("Saucer" in part for part in (mail.subject, mail.preview, mail.short))

    def test_three_are_enough(self):
        mail = made(suggestions=[{"title": f"Thing {number}"} for number in range(9)])
        assert re.findall(r"Thing \d", mail.text) == ["Thing 0", "Thing 1", "Thing 2"]

    def test_nothing_is_said_where_there_are_none(self):
        plain = made()
        for none in ([], None, "Saucer", [None], [{"price": "1"}], {"title": "Saucer"}):
            assert made(suggestions=none) == plain

    def test_odd_links_and_prices_are_left_out(self):
        mail = made(suggestions=[{**SAUCER, "url": "javascript:alert(1)", "image_url": "data:x", "price": "cheap"}])
        assert "Saucer" in mail.html
        assert not any(odd in mail.html + mail.text for odd in ("javascript", "data:x", "cheap"))

    @pytest.mark.parametrize("part", ["subject", "preview", "heading", "body", "short"])
    @pytest.mark.parametrize("source", ["{{ suggestions[0].title }}", "{% for thing in suggestions %}{{ thing.title }}{% endfor %}"])
    def test_text_of_the_merchants_own_cannot_move_them_up(self, part, source):
        text = Text(**{"subject": "Thank you", "body": "Thank you.", part: f"Thank you {source}"})
        (told,) = [one for one in linting.lint(text, "order_placed") if one.severity == "error"]
        assert (told.part, str(told).partition("uses")[2]) == (
            part, " the suggestions; they are advertising, and stand by themselves below the order.")

    @pytest.mark.django_db
    def test_only_who_agreed_is_suggested_something(self, fake_shop, clock):
        suggestions = [{"title": "Saucer", "url": "/saucer", "price": 190}]
        testing.tell("order_placed", testing.order("1"), data={"suggestions": suggestions})
        agree()
        testing.tell("order_placed", testing.order("2"), data={"suggestions": suggestions})
        clock.advance(days=1)
        consents.withdraw(ASHA, topic="marketing", where="preference page")
        testing.tell("order_placed", testing.order("3"), data={"suggestions": suggestions})
        assert ["Saucer" in mail.html for mail in testing.sent()] == [False, True, False]
        assert 'href="https://shop.example/saucer"' in testing.sent()[1].html

    @pytest.mark.django_db
    @pytest.mark.parametrize("suggestions", ["Saucer", [], [None, {"title": ""}], {"title": "Saucer"}])
    def test_odd_suggestions_do_not_hold_up_the_order(self, fake_shop, clock, suggestions):
        agree()
        testing.tell("order_placed", testing.order(), data={"suggestions": suggestions})
        assert len(testing.sent()) == 1
        assert "suggestions" not in Message.objects.get().facts


class TestWayOut:
    @pytest.mark.parametrize("language", texts.languages())
    def test_link_stands_at_the_foot_in_the_language_of_the_mail(self, language):
        mail = made(language, "review_request", shop={**linting.SAMPLE["shop"], "unsubscribe_url": LINK})
        label = texts.labels(language)["unsubscribe"]
        after = re.search(rf'<a href="{re.escape(LINK)}"[^>]*>{re.escape(label)}</a>(.*)', mail.html, re.DOTALL)[1]
        assert not re.sub(r"<!--.*?-->|<[^>]*>", "", after).strip()
        assert mail.text.endswith(f"{label}: {LINK}\n")

    def test_order_mail_has_none(self):
        mail = made()
        assert texts.labels("en")["unsubscribe"] not in mail.html + mail.text

    @pytest.mark.django_db
    def test_facts_of_a_message_that_may_be_ended_carry_its_link(self, clock):
        message = offer(purpose="service", facts={"shop": {"name": "Plain Goods"}})
        assert unsubscribe.facts_with_link(message)["shop"] == {"name": "Plain Goods", "unsubscribe_url": unsubscribe.link(message)}
        assert message.facts == {"shop": {"name": "Plain Goods"}}


class TestChecks:
    @pytest.mark.parametrize("comms, urls", [({"SHOP_URL": ""}, "tests.urls"), ({}, "tests.messaging.no_urls")])
    def test_shop_without_a_page_to_unsubscribe_is_told(self, settings, comms, urls):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **comms}
        settings.ROOT_URLCONF = urls
        assert [found.id for found in checks.check_unsubscribe()] == ["ecommerce_comms.W030"]

    def test_shop_that_has_one_is_not(self):
        assert checks.check_unsubscribe() == []

    def test_shop_under_development_is_left_alone(self, settings):
        settings.DEBUG, settings.ROOT_URLCONF = True, "tests.messaging.no_urls"
        assert checks.check_unsubscribe() == []

    @pytest.mark.parametrize("name, value, fine", [
        ("QUIET_HOURS", "22:00-07:00", True), ("QUIET_HOURS", "", True), ("QUIET_HOURS", "night", False), ("QUIET_HOURS", None, False),
        ("MARKETING_PER_DAY", 0, True), ("MARKETING_PER_DAY", -1, False), ("MARKETING_PER_WEEK", "3", False),
    ])
    def test_setting_that_cannot_be_read_is_told(self, settings, name, value, fine):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, name: value}
        assert (name in checks.wrong_values()) is not fine
