"""What somebody says on the phone, and that every channel states the same facts as every other."""

from __future__ import annotations

import json

import pytest

from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.speaking.rendering import render
from ecommerce_comms.messaging.speaking.script import PARTS, Script, sentences
from ecommerce_comms.messaging.speaking.sms import measure
from ecommerce_comms.messaging.writing.texts import KINDS
from tests.messaging.awkward import ORDERS, order, stated
from tests.messaging.test_rendering import Page

LANGUAGES = ("en", "hi", "bn")
_CASES = [(kind, language) for kind in KINDS for language in LANGUAGES]


class TestScript:
    def script(self, kind="order_shipped", language="en", **groups):
        """The call about an order."""
        return Script.from_json(render(kind, language, order(**groups)).call)

    def test_it_has_every_part_in_the_order_of_a_call(self):
        text = render("order_shipped", "en", order()).script
        made = self.script()
        places = [text.index(made.titles[part].upper()) for part in PARTS]
        assert places == sorted(places)
        assert made.who == "Ask for Asha Rao."
        assert "Lotus House" in made.opening and "1001" in made.voicemail

    def test_facts_to_have_at_hand(self):
        facts = dict(self.script().facts)
        assert facts["Order number"] == "1001" and facts["Expected arrival"] == "Thu 3 – Sat 5 Dec"
        assert facts["Carried by"] == "Blue Dart" and facts["Tracking number"] == "BD123"
        assert facts["Delivery address"] == "Asha Rao, 12 Lake Road, 700001 Kolkata"

    def test_body_is_said_in_short_sentences(self):
        assert self.script("order_delayed").say[0] == "We are sorry: your order 1001 will reach you later than we said."

    def test_answering_machine_hears_nothing_of_what_was_ordered(self):
        said = self.script(order={"lines": [{"title": "Something private"}]})
        assert "private" in str(said.facts) and "private" not in said.voicemail and "₹" not in said.voicemail

    @pytest.mark.parametrize("language, said", [
        ("en", "This is Lotus House about a parcel for you. Please call us back when it suits you."),
        ("hi", "यह संदेश Lotus House की ओर से आपके लिए एक पार्सल के बारे में है। सुविधा होने पर हमें फ़ोन करें।"),
        ("bn", "Lotus House থেকে আপনার জন্য একটি পার্সেল নিয়ে বলছি। সুবিধামতো আমাদের ফোন করুন।"),
    ])
    def test_who_did_not_order_is_not_told_of_an_order_of_theirs(self, language, said):
        assert self.script("order_shipped.others", language).voicemail == said

    def test_offer_is_the_button(self):
        said = self.script()
        assert (said.offer, said.link) == ("Track your parcel", "https://track.example/BD123")
        assert self.script(order={"url": None}, parcel={"tracking_url": None}).offer == ""

    def test_nobody_is_asked_for_where_no_name_is_known(self):
        said = self.script(customer={"first_name": None, "last_name": None, "name": None})
        assert said.who == "" and "{" not in said.opening
        assert "WHO TO ASK FOR" not in str(said)

    def test_it_survives_json(self):
        said = self.script()
        assert Script.from_json(json.loads(json.dumps(said.to_json()))) == said

    def test_amount_that_the_mail_does_not_tell_is_not_told_either(self):
        assert "₹499" not in str(self.script("order_shipped"))
        assert "₹499.00" in str(self.script("order_refunded"))

    @pytest.mark.parametrize("letter, expected", [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("It is with Mr. Rao at No. 12. He knows.", ["It is with Mr. Rao at No. 12.", "He knows."]),
        ("It costs Rs. 1,499.00 in all.", ["It costs Rs. 1,499.00 in all."]),
        ("रवाना हो गया है। जल्द पहुँचेगा।", ["रवाना हो गया है।", "जल्द पहुँचेगा।"]),
        ("1. Pack it.\n2. Send it.", ["1. Pack it.", "2. Send it."]),
        ("- one\n- two", ["- one", "- two"]),
        ("Track it: https://track.example/BD123.", ["Track it."]),
        ("https://track.example/BD123", []),
    ])
    def test_sentences(self, letter, expected):
        assert list(sentences(letter)) == expected


class TestSameFactsEverywhere:
    @pytest.mark.parametrize("kind, language", _CASES)
    def test_every_form_states_the_same_dates_and_amounts(self, kind, language):
        for name, facts in ORDERS.items():
            made = render(kind, language, facts)
            letter, short = stated(made.text, language), stated(made.short, language)
            assert stated(Page(made.html).text, language) == letter, name
            assert stated(made.script, language) == letter, name
            assert stated(made.chat, language) == short, name
            for of_sms, of_short, of_letter in zip(stated(made.sms, language), short, letter, strict=True):
                assert of_sms <= of_short <= of_letter, name
            assert made.sms_count == measure(made.sms).segments <= 3, name

    @pytest.mark.parametrize("name", ORDERS)
    def test_every_form_names_the_order_and_the_parcel(self, name):
        made = render("order_shipped", "en", ORDERS[name])
        number, tracking = ORDERS[name]["order"].get("number", ""), ORDERS[name]["parcel"]["tracking_number"]
        assert all(number in form for form in (made.text, made.script, made.chat, made.sms, Page(made.html).text))
        assert all(tracking in form for form in (made.text, made.script, Page(made.html).text))

    def test_reader_finds_what_is_there(self):
        assert stated("It arrives Thu 3\u00a0– Sat 5 Dec, and costs ₹1,499.00.", "en") == ({"Thu 3", "Sat 5 Dec"}, {"₹1,499.00"})
        assert stated("गुरु, 3 – शनि, 5 दिसंबर", "hi").dates == {"गुरु 3", "शनि 5 दिसंबर"}

    def test_reader_notices_a_channel_that_says_something_else(self):
        text = Template(kind="order_placed", language="en", subject="x", body="{{ promise.window }}", short="It comes Mon 1 Jan.")
        made = render("order_placed", "en", order(), own=text)
        assert not stated(made.sms, "en").dates <= stated(made.text, "en").dates
