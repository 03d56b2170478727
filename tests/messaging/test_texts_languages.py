"""Which language a message is told in: catalogues of the app and of the shop, whole or with gaps."""

from __future__ import annotations

import logging

import pytest
from babel.messages.pofile import read_po, write_po

from ecommerce_comms.messaging.speaking.rendering import render
from ecommerce_comms.messaging.writing import texts, translating
from tests.messaging.test_texts import SAMPLE


@pytest.fixture
def shop(tmp_path, settings):
    """The shop's folder of translations."""
    settings.LOCALE_PATHS = [tmp_path]
    return tmp_path


def translate(folder, language, said=None, *, but=(), fuzzy=()):
    """A catalogue in which every text is its English source between marks, but for those ``said`` otherwise and those left out."""
    path = translating.update(language, folder).path
    with path.open("rb") as file:
        catalog = read_po(file)
    for message in catalog:
        if not message.id or message.context in but:
            continue
        own = (said or {}).get(message.context)
        if said is not None and own is None:
            continue
        forms = message.id if message.pluralizable else (message.id,)
        words = tuple(own or f"‹{form}›" for form in forms)
        message.string = tuple(words * 3)[: catalog.num_plurals] if message.pluralizable else words[0]
        if message.context in fuzzy:
            message.flags.add("fuzzy")
    with path.open("wb") as file:
        write_po(file, catalog, width=0)
    texts.forget()
    return path


def state(kind, language):
    return next(row for row in texts.completeness() if (row.kind, row.language) == (kind, language))


# ---- which language -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tags, language", [
    (("hi",), "hi"), (("hi-IN",), "hi"), (("hi_IN",), "hi"), (("HI",), "hi"), (("bn-BD", "hi"), "bn"),
    (("fr", "bn"), "bn"), (("fr",), "en"), ((), "en"), (("", " "), "en"), (("hindi",), "en"),
])
def test_best_language_is_the_first_that_is_spoken(tags, language):
    assert texts.best_language(*tags) == language


def test_languages_are_those_of_the_catalogues():
    assert texts.languages() == ("bn", "en", "hi")


@pytest.mark.parametrize("tag, language", [("pt-BR", "pt-BR"), ("PT_br", "pt-BR"), ("pt-PT", "pt"), ("pt", "pt"), ("zh-CN", "zh-Hans")])
def test_regional_tag_finds_its_own_catalogue_and_then_its_languages(shop, tag, language):
    for each in ("pt", "pt-BR", "zh-Hans"):
        translate(shop, each)
    assert texts.best_language(tag) == language
    assert render("order_placed", tag, SAMPLE).subject.startswith("‹Thank you, Asha!")


def test_region_alone_does_not_speak_for_the_language(shop):
    translate(shop, "pt-BR")
    assert texts.best_language("pt-PT", "hi") == "hi"


# ---- catalogues of the shop ---------------------------------------------------------------------------------------


def test_a_catalogue_of_the_shop_adds_a_language(shop):
    translate(shop, "ta")
    assert texts.languages() == ("bn", "en", "hi", "ta")
    message = render("order_placed", "ta-IN", SAMPLE)
    assert message.subject == "‹Thank you, Asha! We have your order 1001›"
    assert "‹Delivery address›" in message.text and 'lang="ta-IN"' in message.html
    assert state("order_placed", "ta").state == "built-in"


def test_a_catalogue_of_the_shop_changes_single_built_in_words(shop):
    translate(shop, "hi", {"order_placed.action": "ऑर्डर खोलें"})
    assert texts.built_in("order_placed", "hi").action == "ऑर्डर खोलें"
    assert "धन्यवाद" in texts.built_in("order_placed", "hi").subject
    assert texts.labels("hi")["total"] == "कुल"


def test_the_first_of_several_folders_goes_before(shop, settings, tmp_path):
    settings.LOCALE_PATHS = [tmp_path / "one", tmp_path / "two"]
    for name in ("two", "one"):
        translate(tmp_path / name, "hi", {"labels.total": name})
    assert texts.labels("hi")["total"] == "one"


def test_english_words_can_be_changed_too(shop):
    translate(shop, "en", {"labels.total": "Sum"})
    assert texts.labels("en")["total"] == "Sum" and texts.labels("en")["free"] == "Free"


@pytest.mark.parametrize("gap", [{"but": ["order_placed.short"]}, {"fuzzy": ["order_placed.short"]}], ids=["missing", "stale"])
def test_a_kind_with_a_gap_is_told_in_english_from_head_to_foot(shop, gap, request):
    translate(shop, "ta", **gap)
    assert render("order_placed", "ta", SAMPLE) == render("order_placed", "en", SAMPLE)
    assert "‹" in render("order_paid", "ta", SAMPLE).subject
    assert state("order_placed", "ta") == ("order_placed", "ta", request.node.callspec.id, ("order_placed.short",))
    assert state("order_paid", "ta").state == "built-in"


def test_words_that_translate_an_older_english_are_stale(shop, monkeypatch):
    translate(shop, "ta")
    monkeypatch.setitem(texts.SOURCES, "order_placed.action", "Look at your order")
    texts.forget()
    assert state("order_placed", "ta").state == "stale"
    assert render("order_placed", "ta", SAMPLE).subject == "Thank you, Asha! We have your order 1001"


def test_a_kind_with_a_gap_is_told_in_the_shops_language_before_english(shop, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "LANGUAGE": "hi"}
    translate(shop, "ta", but=["order_placed.short"])
    assert render("order_placed", "ta", SAMPLE) == render("order_placed", "hi", SAMPLE)


def test_without_all_labels_nothing_is_told_in_a_language(shop):
    translate(shop, "ta", but=["labels.total"])
    assert texts.best_language("ta", "bn") == "bn"
    assert "‹" not in render("order_paid", "ta", SAMPLE).html
    assert state("order_paid", "ta") == ("order_paid", "ta", "missing", ("labels.total",))


def test_own_text_of_the_shop_stays_in_the_readers_language(shop):
    translate(shop, "ta", but=["order_placed.short"])
    assert texts.told_in("order_placed", "ta", own=True) == "ta"
    assert texts.told_in("spring_offer", "ta") == "ta"


def test_a_broken_file_is_left_out_and_the_log_says_where(shop, caplog):
    path = translate(shop, "hi", {"labels.total": "Sum"})
    path.write_text(path.read_text() + '\nmsgid "never closed\n')
    texts.forget()
    with caplog.at_level(logging.ERROR):
        assert texts.labels("hi")["total"] == "कुल"
    assert str(path) in caplog.text and "line " in caplog.text


# ---- counting -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language, count, words", [
    ("en", 1, "and 1 more item"), ("en", 3, "and 3 more items"), ("hi", 1, "और 1 चीज़"), ("hi", 3, "और 3 चीज़ें"), ("bn", 3, "আরও 3টি জিনিস"),
])
def test_labels_that_count_take_the_form_of_their_number(language, count, words):
    assert texts.labels(language)["more"].format(count=count) == words


@pytest.mark.parametrize("language, words", [
    ("en", "order within 1 h"), ("hi", "1 घंटे के अंदर ऑर्डर करें"), ("bn", "অর্ডার করার সময় আছে আর 1 ঘণ্টা"),
])
def test_time_left_stands_in_the_case_that_its_sentence_asks_for(language, words):
    labels = texts.labels(language)
    assert labels["order_within"].format(time=labels["hours"].format(count=1)) == words


def test_every_form_that_a_language_tells_apart_has_to_be_there(shop):
    path = translate(shop, "pl")
    one, few, many = (texts.labels("pl")["more"].format(count=count) for count in (1, 2, 5))
    assert one == "‹and 1 more item›" and few == "‹and 2 more items›" and many == "‹and 5 more item›"
    path.write_text(path.read_text().replace('msgstr[2] "‹and {count} more item›"', 'msgstr[2] ""'))
    texts.forget()
    assert state("order_paid", "pl").lacking == ("labels.more",)


