"""The e-mail services that the setting ``EMAIL_PROVIDERS`` names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core import mail
from django.utils.module_loading import import_string

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.backends.marks import KEY_SECONDS

DEFAULT = "default"
DEFAULT_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
LONGEST_NAME = 50
_RATE = re.compile(r"([1-9]\d{0,8})\s*/\s*([smh])")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, kw_only=True)
class Provider:
    """An entry of ``EMAIL_PROVIDERS``; without a backend and a mailer it is Django's own mail server."""

    name: str = DEFAULT
    backend: str = ""
    """Dotted path of a Django e-mail backend."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments of that backend."""
    mailer: str = ""
    """Instead of these two: an alias of ``MAILERS`` (Django 6.1 and newer)."""
    rate: str = ""

    def connect(self) -> Any:
        """A connection, not opened yet."""
        if hasattr(settings, "MAILERS"):
            if self.backend:
                return import_string(self.backend)(alias=self.name, **self.options)
            return mail.mailers[self.mailer or DEFAULT]
        return mail.get_connection(self.backend or None, **self.options)

    @property
    def path(self) -> str:
        """Dotted path of the backend that is really used."""
        if self.backend:
            return self.backend
        mailers: dict[str, Any] | None = getattr(settings, "MAILERS", None)
        return settings.EMAIL_BACKEND if mailers is None else mailers.get(self.mailer or DEFAULT, {}).get("BACKEND", DEFAULT_BACKEND)

    @property
    def key_seconds(self) -> float:
        """For so many seconds it does not send a message twice that we send it twice."""
        return KEY_SECONDS.get(self.path, 0.0)


def providers() -> list[Provider]:
    """Every provider, the preferred one first."""
    known = Provider.__dataclass_fields__  # a misspelt part is told by the system checks, and must not stop them
    return [Provider(**{part: entry[part] for part in known if part in entry}) for entry in conf.EMAIL_PROVIDERS] or [Provider()]


def rate_of(text: str) -> tuple[int, float] | None:
    """"14/s" as 14 messages in 1.0 seconds; "/m" and "/h" likewise. None for no rate; raises ``ValueError`` for any other text."""
    if not text:
        return None
    found = _RATE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no rate such as \"14/s\"")
    return int(found[1]), _SECONDS[found[2]]
