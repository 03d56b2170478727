"""System checks of mails: who sends them, how they leave, and what providers may tell about them."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging import unsubscribe
from ecommerce_comms.messaging.feedback import providers


def check_mail(**_arguments: Any) -> list[CheckMessage]:
    """W002: no sender. W003: no time-out for the mail server. W004: the shop has no name."""
    found: list[CheckMessage] = []
    try:
        validate_email(parseaddr(conf.from_email)[1])
    except ValidationError:
        found.append(_sender(f"The sender {conf.from_email!r} is no e-mail address."))
    else:
        if conf.from_email == "webmaster@localhost":
            found.append(_sender("Mails go out from webmaster@localhost, which no customer can answer."))
    if not conf.EMAIL_PROVIDERS and _waits_for_ever():
        found.append(Warning("EMAIL_TIMEOUT is not set; a mail server that says nothing would hold a worker for ever.",
                             hint='Set EMAIL_TIMEOUT = 10, or in MAILERS: "OPTIONS": {"timeout": 10}.', id="ecommerce_comms.W003"))
    if not conf.SHOP_NAME:
        found.append(Warning("The shop has no name; mails would not say who writes.",
                             hint='Set ECOMMERCE_COMMS["SHOP_NAME"].', id="ecommerce_comms.W004"))
    return found


def check_unsubscribe(**_arguments: Any) -> list[CheckMessage]:
    """W030: no mail could carry a link with which to unsubscribe."""
    if settings.DEBUG or unsubscribe.is_possible():
        return []
    return [Warning("Mails cannot lead to the page on which customers unsubscribe; advertising waits, and review requests have no link.",
                    hint='Set ECOMMERCE_COMMS["SHOP_URL"], and add path("comms/", include("ecommerce_comms.urls")) to your URLs.',
                    id="ecommerce_comms.W030")]


def check_webhooks(**_arguments: Any) -> list[CheckMessage]:
    """E020: a provider's webhook is open to everybody, or cannot work."""
    found: list[CheckMessage] = []
    for name in providers.open_names():
        try:
            providers.open_view(name)
        except ImproperlyConfigured as error:
            found.append(Error(str(error), hint=providers.hint_for(name), id="ecommerce_comms.E020"))
    return found


def _waits_for_ever() -> bool:
    """Whether mails leave over SMTP without a time-out."""
    mailers: dict[str, Any] | None = getattr(settings, "MAILERS", None)  # Django 6.1 and newer
    if mailers is None:
        return settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") and settings.EMAIL_TIMEOUT is None
    default = mailers.get("default", {})
    return default.get("BACKEND", "smtp.EmailBackend").endswith("smtp.EmailBackend") and default.get("OPTIONS", {}).get("timeout") is None


def _sender(text: str) -> CheckMessage:
    return Warning(text, hint='Set ECOMMERCE_COMMS["FROM_EMAIL"] or DEFAULT_FROM_EMAIL.', id="ecommerce_comms.W002")
