"""Which database holds which host shop."""

from __future__ import annotations

from typing import Any


class UuidShopRouter:
    """Keeps the app ``uuidshop``, and nothing else, in the database ``other``."""

    def db_for_read(self, model: Any, **_hints: Any) -> str | None:
        """Where ``model`` is read; ``None`` leaves it to Django."""
        return "other" if model._meta.app_label == "uuidshop" else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        """Whether tables of ``app_label`` are made in ``db``."""
        return (app_label == "uuidshop") == (db == "other")
