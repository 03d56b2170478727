"""``manage.py comms_texts``: catalogues for translators, and what is missing in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ecommerce_comms.messaging.writing import catalogues, texts, translating


class Command(BaseCommand):
    """Writes or updates the catalogue of a language, or checks all of them."""

    help = "Write or update the catalogue in which the texts of messages are translated into a language; or check all catalogues."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """A language, or the wish to check."""
        parser.add_argument("language", nargs="?", metavar="LANGUAGE", help="tag of the language, such as ta, pt-BR or zh-Hans")
        parser.add_argument("--output", metavar="DIR", help="folder of catalogues; otherwise the first of LOCALE_PATHS")
        parser.add_argument("--check", action="store_true", help="say what is missing, stale or odd; ends with status 1 if anything is")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is asked for; both at once is fine."""
        if not options["language"] and not options["check"]:
            raise CommandError("Name a language, such as “comms_texts ta”, or give --check.")
        if options["language"]:
            self._update(options["language"], self._folder(options["output"]))
        if options["check"]:
            self._check()

    def _folder(self, output: str | None) -> Path:
        if output:
            return Path(output)
        if not settings.LOCALE_PATHS:
            raise CommandError("Your settings name no LOCALE_PATHS. Add your folder of translations there, or give --output DIR.")
        return Path(settings.LOCALE_PATHS[0])

    def _update(self, language: str, folder: Path) -> None:
        try:
            done = translating.update(language, folder)
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{done.path}: {done.translated} translated, {done.untranslated} to translate, {done.fuzzy} to look at again (fuzzy), "
            f"{done.obsolete} not told any more."
        )

    def _check(self) -> None:
        """Every file by itself: of a language that the app speaks already, a shop may translate as little as it likes."""
        wrong = 0
        for language, paths in catalogues.found(catalogues.folders()).items():
            for number, path in enumerate(paths):
                is_whole = number == 0 and language != texts.FALLBACK
                for complaint in translating.complaints(path, is_whole=is_whole):
                    wrong += 1
                    self.stdout.write(f"{language}: {complaint} ({path})")
        if wrong:
            raise CommandError(f"{wrong} to mend.")
        self.stdout.write(f"Every text is translated: {', '.join(texts.languages())}.")
