"""The shop's translations: compiled when they are older than their source."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"


def compile_messages() -> list[str]:
    """Write each ``.mo`` that is missing or older than its ``.po``; the languages that were written."""
    sources = sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))
    return [_compile(source) for source in sources if _is_stale(source)]


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime


def _compile(source: Path) -> str:
    """Written beside and moved into place, so that nobody reads half a file."""
    language = source.parent.parent.name
    with source.open("rb") as text:
        catalogue = read_po(text, locale=language)
    fresh = source.with_suffix(".mo.new")
    with fresh.open("wb") as out:
        write_mo(out, catalogue)
    fresh.replace(source.with_suffix(".mo"))
    return language
