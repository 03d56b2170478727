"""The shop speaks English, Hindi and Bengali, all of it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from example_project import translations
from example_project.shop.models import Product
from tests.example.messages import message_ids


def catalogue(language: str) -> dict[str, str]:
    with (translations.LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as source:
        return {str(message.id): str(message.string) for message in read_po(source) if message.id and not message.fuzzy}


@pytest.mark.parametrize("language", ["hi", "bn"])
def test_every_text_is_translated(language: str) -> None:
    texts = {known for known, translated in catalogue(language).items() if translated}
    assert message_ids() - texts == set()


@pytest.mark.parametrize("language", ["hi", "bn"])
def test_no_translation_is_left_over(language: str) -> None:
    assert set(catalogue(language)) - message_ids() == set()


@pytest.mark.parametrize("language", ["hi", "bn"])
def test_translations_state_the_same_facts(language: str) -> None:
    marks = re.compile(r"%\(\w+\)s|<[^>]+>")
    for known, translated in catalogue(language).items():
        assert sorted(marks.findall(known)) == sorted(marks.findall(translated)), known


def test_every_product_is_described_in_three_languages() -> None:
    for product in Product.objects.all():
        texts = [getattr(product, f"{field}_{language}") for field in ("title", "description") for language in ("en", "hi", "bn")]
        assert all(texts), product.slug
        assert len(set(texts)) == 6, product.slug


def test_only_stale_translations_are_compiled(tmp_path: Path, monkeypatch: Any) -> None:
    source = tmp_path / "hi" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Help"\nmsgstr "मदद"\n', encoding="utf-8")
    monkeypatch.setattr(translations, "LOCALE", tmp_path)
    assert translations.compile_messages() == ["hi"]
    assert translations.compile_messages() == []
    later = source.with_suffix(".mo").stat().st_mtime + 5
    os.utime(source, (later, later))
    assert translations.compile_messages() == ["hi"]
