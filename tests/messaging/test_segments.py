"""Text messages: what they cost is counted as phone companies count it, and none is longer than the shop allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce_comms.messaging.speaking import sms
from ecommerce_comms.messaging.speaking.sms import GSM, UCS2, Segments, Writing, measure, split, text_message

LINK = "https://track.example/parcels/BD123"


class TestMeasure:
    @pytest.mark.parametrize("text, expected", [
        ("", (GSM, 0, 1)),
        ("a" * 160, (GSM, 160, 1)),
        ("a" * 161, (GSM, 161, 2)),
        ("a" * 306, (GSM, 306, 2)),
        ("a" * 307, (GSM, 307, 3)),
        ("€" * 80, (GSM, 160, 1)),  # an escape and a septet each
        ("€" * 81, (GSM, 162, 2)),
        ("{[]}|~^\\", (GSM, 16, 1)),
        ("ÄÖÜß§ñ£¥è", (GSM, 9, 1)),
        ("ç", (UCS2, 1, 1)),  # the alphabet has the capital only
        ("₹", (UCS2, 1, 1)),
        ("অ" * 70, (UCS2, 70, 1)),
        ("অ" * 71, (UCS2, 71, 2)),
        ("অ" * 135, (UCS2, 135, 3)),
        ("😀" * 35, (UCS2, 70, 1)),  # two code units each
        ("😀" * 36, (UCS2, 72, 2)),
        ("`", (UCS2, 1, 1)),
    ])
    def test_it_counts_as_the_standard_does(self, text, expected):
        assert measure(text) == Segments(*expected)

    def test_escape_that_would_be_torn_apart_moves_to_the_next_part(self):
        text = "a" * 152 + "€" + "a" * 152
        assert split(text) == ["a" * 152, "€" + "a" * 151, "a"]
        assert measure(text).segments == 3  # dividing 306 by 153 would say 2

    def test_pair_of_surrogates_that_would_be_torn_apart_moves_to_the_next_part(self):
        assert [len(part) for part in split("अ" * 66 + "😀" + "अ" * 66)] == [66, 66, 1]

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
    def test_parts_are_the_text_and_none_is_too_long(self, text):
        parts, measured = split(text), measure(text)
        assert "".join(parts) == text and len(parts) == measured.segments
        room = sms.SINGLE if len(parts) == 1 else sms.PART
        for part in parts:
            assert sum(sms._size(letter, measured.encoding) for letter in part) <= room[measured.encoding]
        if measured.encoding == UCS2:
            assert measured.characters == len(text.encode("utf-16-be")) // 2


class TestTypography:
    def test_marks_that_alone_would_double_the_price_are_written_plainly(self):
        text = "Your order isn’t late – it’s “on its way” … and arrives Thu 3\u00a0–\u00a0Sat 5 Dec. " + "x" * 60
        assert measure(text).segments == 3
        said = text_message(text, 3)
        assert measure(said) == (GSM, len(said), 1)
        assert "isn't late - it's \"on its way\" ... and arrives Thu 3 - Sat 5 Dec" in said

    def test_marks_stay_where_replacing_them_saves_nothing(self):
        assert text_message("Order 1001 – on its way", 3) == "Order 1001 – on its way"
        assert text_message("₹1,499.00 – “paid” " + "x" * 80, 3).startswith("₹1,499.00 – “paid”")

    def test_facts_are_never_replaced(self):
        assert "₹1,499.00" in text_message("₹1,499.00 – thanks " + "word " * 40, 3)
        assert Writing([], "", 3).plainly(f"see {LINK}–x’y …") == f"see {LINK}–x’y ..."
        assert Writing(["A–7"], "", 3).plainly("“A–7” – thanks") == '"A–7" - thanks'
        assert "«007»" in text_message("Order «007» is on its way – thanks. " + "word " * 20, 3, exact=["«007»"])


class TestLimit:
    LONG = f"Your order 1001 is on its way. {'Please read this carefully. ' * 30}It arrives Thu 3 – Sat 5 Dec. Track it: {LINK}"

    def test_longer_message_loses_words_and_keeps_its_link(self):
        said = text_message(self.LONG, 3)
        assert measure(said).segments <= 3
        assert said.startswith("Your order 1001 is on its way.") and said.endswith(f" {LINK}")

    def test_no_word_and_no_fact_is_cut_in_the_middle(self):
        window = "Thu 3 – Sat 5 Dec"
        for length in range(60, 170):
            said = text_message(f"{'x' * length} {window} {'y ' * 60}", 1, whole=[window])
            assert not any(f"{start}…" in said for start in ("Thu", "Thu 3", "Sat", "Sat 5"))
            assert ("Thu" in said) == ("Sat 5 Dec" in said)

    def test_ending_is_never_lost(self):
        said = text_message(self.LONG, 1, ending="Reply STOP to end these messages.")
        assert said.endswith(f"{LINK} Reply STOP to end these messages.") and measure(said).segments == 1

    def test_long_name_is_clipped_between_two_letters(self):
        name = "नि" * 60
        said = text_message(f"{name}, your order is on its way. {LINK}", 1, names=[name])
        assert LINK in said and measure(said).segments == 1
        assert said.split("…")[0].endswith("नि")

    def test_single_endless_word_is_cut(self):
        assert measure(text_message("字" * 900, 2)).segments == 2

    def test_link_that_does_not_fit_by_itself_is_left_out_rather_than_cut(self):
        assert text_message(f"Track it: https://x.example/{'y' * 900}", 2) == "Track it:"

    def test_control_characters_do_not_get_in(self):
        assert text_message("one\r\ntwo\x00\u202ethree", 1) == "one two three"

    texts = st.lists(st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.just(LINK)), max_size=30).map(" ".join)

    @given(texts, st.integers(1, 4), st.sampled_from(["", "Reply STOP to end.", "बंद करने के लिए STOP लिखें।"]))
    def test_none_is_longer_than_the_shop_allows(self, text, most, ending):
        said = text_message(text, most, ending=ending)
        assert measure(said).segments <= most
        assert said.endswith(ending)
        assert all(letter.isprintable() or letter in "\u200c\u200d" or ord(letter) > 0x7F for letter in said)
        for word in said.split():  # what begins as the link is the link
            assert LINK not in word or LINK in text
