"""``comms_texts``: catalogues for translators."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ecommerce_comms.messaging.writing import catalogues, texts, translating
from tests.messaging.test_texts_languages import shop, translate  # noqa: F401 - a fixture


def run(*words):
    out = StringIO()
    call_command("comms_texts", *words, stdout=out)
    return out.getvalue()


def complaints(path):
    """What ``--check`` says of one file that may have gaps."""
    return list(translating.complaints(path, is_whole=False))


def message(path, context):
    return catalogues.by_context(catalogues.load(path), texts.SOURCES)[context]


# ---- writing ------------------------------------------------------------------------------------------------------


def test_new_catalogue_holds_every_text_and_no_translation(shop):  # noqa: F811
    said = run("ta")
    path = shop / "ta" / "LC_MESSAGES" / "comms_texts.po"
    assert str(path) in said and f"0 translated, {len(texts.SOURCES)} to translate" in said
    assert message(path, "order_placed.subject").id == texts.built_in("order_placed", "en").subject
    assert "134 characters" in message(path, "order_placed.short").auto_comments[0]


def test_output_says_where_to(tmp_path):
    run("pt-BR", "--output", str(tmp_path))
    assert (tmp_path / "pt_BR" / "LC_MESSAGES" / "comms_texts.po").exists()


def test_translators_tools_are_not_told_of_formats_that_are_none(shop):  # noqa: F811
    run("ta")
    text = (shop / "ta/LC_MESSAGES/comms_texts.po").read_text()
    assert "python-format" not in text
    assert text.count("python-brace-format") == sum("{" in str(source) for context, source in texts.SOURCES.items() if "labels." in context)


def test_update_keeps_translations_marks_changed_sources_and_puts_aside_what_is_gone(shop, monkeypatch):  # noqa: F811
    path = translate(shop, "ta")
    today = {**texts.SOURCES, "order_placed.action": "Look at your order"}
    del today["order_paid.action"]
    monkeypatch.setattr(translating, "SOURCES", today)
    said = run("ta")
    assert f"{len(today) - 1} translated, 0 to translate, 1 to look at again (fuzzy), 1 not told any more." in said
    changed = message(path, "order_placed.action")
    assert changed.fuzzy and changed.string == "‹See your order›"
    assert '#| msgid "See your order"' in path.read_text()
    assert not message(path, "order_placed.subject").fuzzy
    assert [each.context for each in catalogues.load(path).obsolete.values()] == ["order_paid.action"]


def test_second_update_changes_nothing(shop):  # noqa: F811
    path = translate(shop, "ta")
    run("ta")
    before = path.read_bytes()
    run("ta")
    assert path.read_bytes() == before


def test_catalogues_of_the_app_are_as_the_command_writes_them(tmp_path):
    for language in ("hi", "bn"):
        ours, copy = translating.path_of(language, catalogues.BUILT_IN), translating.path_of(language, tmp_path)
        copy.parent.mkdir(parents=True)
        copy.write_bytes(ours.read_bytes())
        run(language, "--output", str(tmp_path))
        without_versions = [[line for line in path.read_text().splitlines() if not line.startswith(('"Generated-By', '"Project-Id'))]
                            for path in (ours, copy)]
        assert without_versions[0] == without_versions[1]


def test_a_plural_that_comes_later_keeps_what_was_said_and_is_looked_at_again(shop, monkeypatch):  # noqa: F811
    path = translate(shop, "ta")
    monkeypatch.setitem(texts.SOURCES, "labels.total", ("{count} in all", "{count} in all"))
    run("ta")
    assert catalogues.forms(message(path, "labels.total")) == ("‹Total›", "‹Total›")
    assert message(path, "labels.total").fuzzy


@pytest.mark.parametrize("words, says", [
    ((), "Name a language"),
    (("klingonese",), "There is no language 'klingonese'"),
    (("../../etc",), "There is no language"),
])
def test_command_that_cannot_be_followed_says_why(shop, words, says):  # noqa: F811
    with pytest.raises(CommandError, match=says):
        run(*words)


def test_without_a_folder_the_command_asks_for_one(settings):
    settings.LOCALE_PATHS = []
    with pytest.raises(CommandError, match="LOCALE_PATHS"):
        run("ta")


def test_a_file_that_is_no_catalogue_is_not_overwritten(shop):  # noqa: F811
    path = translate(shop, "ta")
    path.write_text("not a catalogue\n")
    with pytest.raises(CommandError, match="line 1"):
        run("ta")
    assert path.read_text() == "not a catalogue\n"


# ---- checking -----------------------------------------------------------------------------------------------------


def test_built_in_catalogues_have_nothing_to_mend():
    assert run("--check") == "Every text is translated: bn, en, hi.\n"


def test_check_names_what_is_missing_and_stale_in_each_language(shop, capsys):  # noqa: F811
    translate(shop, "ta", but=["order_paid.action"], fuzzy=["order_paid.short"])
    out = StringIO()
    with pytest.raises(CommandError, match="2 to mend"):
        call_command("comms_texts", "--check", stdout=out)
    assert "ta: order_paid.action is not translated." in out.getvalue()
    assert "ta: order_paid.short is stale" in out.getvalue()


def test_of_a_built_in_language_a_shop_may_translate_as_little_as_it_likes(shop):  # noqa: F811
    translate(shop, "hi", {"labels.total": "जोड़"})
    assert "Every text is translated" in run("--check")


@pytest.mark.parametrize("context, words, says", [
    ("order_paid.subject", "Paid {{ order.nummer }}", "names {{ order.nummer }}, which the English words do not"),
    ("order_paid.subject", "Paid", "does not name {{ order.number }}, which the English words do"),
    ("order_paid.subject", "Paid {% if order.number %}", "has a mistake in its braces"),
    ("order_paid.subject", "{% unless order.number %}Paid{% endunless %}", "uses {% unless %}"),
    ("order_paid.body", "[pay](https://evil.example)", "links to https://evil.example"),
    ("order_paid.body", "see http://evil.example", "links to http://evil.example"),
    ("labels.order", "Order", "does not name {number}"),
    ("labels.order", "Order {number} {shop}", "names {shop}"),
    ("labels.order", "Order {number", "names {…}"),
])
def test_check_compares_a_translation_with_its_source(shop, context, words, says):  # noqa: F811
    [*found] = complaints(translate(shop, "ta", {context: words}))
    assert any(complaint.startswith(context) and says in complaint for complaint in found), found


def test_conditions_may_differ_with_the_grammar(shop):  # noqa: F811
    words = "{% if order.number %}For {{ order.number }}{% else %}For you{% endif %}: paid"
    assert complaints(translate(shop, "ta", {"order_paid.subject": words})) == []
