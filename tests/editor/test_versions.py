"""Drafts, publication, rolling back: what is kept, what is sent, and what becomes of two who write at once."""

from __future__ import annotations

import pytest

from ecommerce_comms import testing
from ecommerce_comms.messaging.editing import differences, versions
from ecommerce_comms.messaging.editing.differences import Piece
from ecommerce_comms.messaging.editing.versions import EditedMeanwhile, NotPublishable
from ecommerce_comms.messaging.models import Message, Template, TemplateVersion
from ecommerce_comms.messaging.writing.texts import Text

pytestmark = pytest.mark.django_db
WORDS = Text(subject="Cash in the till for {{ order.number }}", preview="Thank you.",
             body="The money for order **{{ order.number }}** is here.", short="The money for order {{ order.number }} is here.")


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """A shop that remembers its mails."""


def text(subject):
    return Text(**{**WORDS.__dict__, "subject": subject})


def saved(subject="Cash for {{ order.number }}", base=0, by="mira"):
    return versions.save("order_paid", "en", text(subject), by, base=base)


def template():
    return Template.objects.get(kind="order_paid", language="en")


def subject_sent(number):
    testing.tell("order_paid", testing.order(number))
    return testing.sent()[-1].subject


def test_draft_is_not_sent():
    saved()
    assert subject_sent("2") == "Payment received for order 2"


def test_published_text_is_sent_and_the_message_says_which():
    versions.publish(saved(), "mira")
    assert subject_sent("2") == "Cash for 2"
    message = Message.objects.get(order__number="2", kind="order_paid")
    assert (message.text_source, message.text_version) == ("merchant", 1)


def test_draft_above_a_published_text_changes_nothing():
    versions.publish(saved("One {{ order.number }}"), "mira")
    saved("Two {{ order.number }}", base=1)
    assert subject_sent("2") == "One 2"
    assert versions.draft(template()).number == 2


def test_text_with_an_error_is_not_published_and_says_everything():
    version = saved("For {{ customer.shoe_size }} <b>x</b>")
    with pytest.raises(NotPublishable) as refused:
        versions.publish(version, "mira")
    assert "customer.shoe_size" in str(refused.value) and "<b>" in str(refused.value)
    assert not template().is_active
    assert TemplateVersion.objects.get().published_at is None


def test_rolling_back_makes_a_new_version_of_the_old_words():
    first = saved("One {{ order.number }}")
    versions.publish(first, "mira")
    versions.publish(saved("Two {{ order.number }}", base=1), "ravi")
    again = versions.roll_back(first, "asha")
    assert (again.number, again.by, again.note) == (3, "asha", "The words of version 1")
    assert subject_sent("2") == "One 2"
    assert TemplateVersion.objects.count() == 3


def test_rolling_back_to_what_would_not_work_keeps_nothing():
    broken = saved("For {{ customer.shoe_size }}")
    with pytest.raises(NotPublishable):
        versions.roll_back(broken, "asha")
    assert TemplateVersion.objects.count() == 1


def test_switching_off_sends_the_built_in_text_and_keeps_every_version():
    versions.publish(saved(), "mira")
    versions.switch_off(template())
    assert subject_sent("2") == "Payment received for order 2"
    assert versions.history(template())[0].state == "was_used"


def test_text_made_by_code_becomes_version_1_when_it_is_first_edited(clock):
    Template.objects.create(kind="order_paid", language="en", subject="By code {{ order.number }}", body="Thanks.", changed_at=clock())
    second = saved("By hand {{ order.number }}")
    first = template().versions.get(number=1)
    assert (second.number, first.subject, first.by, template().version) == (2, "By code {{ order.number }}", "", 1)
    assert subject_sent("2") == "By code 2"


def test_second_of_two_who_write_is_told_who_was_first():
    saved("Hers", by="mira")
    with pytest.raises(EditedMeanwhile) as told:
        saved("His", base=0, by="ravi")
    assert (told.value.newest.by, told.value.newest.subject) == ("mira", "Hers")
    assert TemplateVersion.objects.count() == 1


def test_history_tells_what_differs_from_the_version_before_and_from_what_is_sent():
    versions.publish(saved("One {{ order.number }}"), "mira")
    saved("Two {{ order.number }}", base=1)
    second, first = versions.history(template())
    assert (second.state, first.state, first.before) == ("draft", "used", None)
    [change] = second.since_before
    assert change.part == "subject"
    assert change.pieces == [Piece("removed", "One"), Piece("added", "Two"), Piece("same", " {{ order.number }}")]
    assert second.against_use[0].pieces == change.pieces


def test_history_is_told_page_by_page():
    for number in range(versions.SHOWN + 2):
        saved(f"No {number}", base=number)
    page = versions.history(template())
    assert (len(page), page[-1].since_before != []) == (versions.SHOWN, True)
    assert [entry.version.number for entry in versions.history(template(), page[-1].version.number)] == [2, 1]


@pytest.mark.parametrize(("old", "new", "told"), [
    ("a b", "a b", [("same", "a b")]),
    ("a b c", "a x c", [("same", "a "), ("removed", "b"), ("added", "x"), ("same", " c")]),
    ("Hello {{ customer.name }}", "Hello {{ buyer.name }}",
     [("same", "Hello "), ("removed", "{{ customer.name }}"), ("added", "{{ buyer.name }}")]),  # a fact stays whole
    ("good day to you", "fine night to you",
     [("removed", "good day"), ("added", "fine night"), ("same", " to you")]),  # one change, not two
    ("x\ny", "x\nz\ny", [("same", "x\n"), ("added", "z\n"), ("same", "y")]),
    ("नमस्ते आशा", "नमस्ते रवि", [("same", "नमस्ते "), ("removed", "आशा"), ("added", "रवि")]),  # no letter is torn apart
    ("", "new", [("added", "new")]),
])
def test_differences_are_told_word_by_word(old, new, told):
    assert differences.pieces(old, new) == [Piece(*each) for each in told]


def test_line_ends_of_a_browser_are_no_difference():
    assert differences.are_same(Text(subject="a", body="b\r\nc\r\n"), Text(subject="a", body="b\nc"))


def test_long_texts_without_a_word_in_common_are_compared_at_once():
    old, new = (" ".join(f"{letter}{number}" for number in range(4_000)) for letter in "ab")
    assert [piece.what for piece in differences.pieces(old, new)] == ["removed", "added"]


def test_long_stretch_that_is_the_same_is_shown_by_its_ends():
    piece = Piece("same", " ".join(f"word{number}" for number in range(500)))
    assert piece.brief.startswith("word0 ") and piece.brief.endswith("word499") and len(piece.brief) < 400
    assert Piece("removed", piece.words).brief == piece.words
