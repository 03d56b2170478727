"""The providers whose webhooks may be opened, and what protects each of them."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from anymail.utils import get_anymail_setting, get_request_basic_auth
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.backends.providers import providers as configured


@dataclass(frozen=True)
class Webhook:
    """How django-anymail reads the webhook of a provider."""

    view: str
    """Dotted path of the view that checks signatures and knows the payload."""
    signed_by: str = ""
    """The attribute of that view that holds the key of the provider's signature; empty: it does not sign."""
    setting: str = ""
    """The name of that key in the setting ``ANYMAIL``."""


_ANYMAIL = "anymail.webhooks."
WEBHOOKS: dict[str, Webhook] = {
    "amazon_ses": Webhook("ecommerce_comms.messaging.feedback.ses.SesView", "signed_topics"),
    "brevo": Webhook(_ANYMAIL + "brevo.BrevoTrackingWebhookView"),
    "mailersend": Webhook(_ANYMAIL + "mailersend.MailerSendTrackingWebhookView", "signing_secret", "MAILERSEND_SIGNING_SECRET"),
    "mailgun": Webhook(_ANYMAIL + "mailgun.MailgunTrackingWebhookView", "webhook_signing_key", "MAILGUN_WEBHOOK_SIGNING_KEY"),
    "mailjet": Webhook(_ANYMAIL + "mailjet.MailjetTrackingWebhookView"),
    "mailtrap": Webhook(_ANYMAIL + "mailtrap.MailtrapTrackingWebhookView", "signing_secret", "MAILTRAP_TRACKING_SECRET"),
    "mandrill": Webhook(_ANYMAIL + "mandrill.MandrillCombinedWebhookView", "webhook_key", "MANDRILL_WEBHOOK_KEY"),
    "postal": Webhook(_ANYMAIL + "postal.PostalTrackingWebhookView", "webhook_key", "POSTAL_WEBHOOK_KEY"),
    "postmark": Webhook(_ANYMAIL + "postmark.PostmarkTrackingWebhookView"),
    "resend": Webhook(_ANYMAIL + "resend.ResendTrackingWebhookView", "_svix_webhook", "RESEND_SIGNING_SECRET"),
    "sendgrid": Webhook(
        _ANYMAIL + "sendgrid.SendGridTrackingWebhookView", "webhook_verification_key", "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",
    ),
    "sparkpost": Webhook(_ANYMAIL + "sparkpost.SparkPostTrackingWebhookView"),
    "unisender_go": Webhook(_ANYMAIL + "unisender_go.UnisenderGoTrackingWebhookView", "api_key_bytes", "UNISENDER_GO_API_KEY"),
}
"""By django-anymail's name of the provider, which is also its place in the webhook's address."""


def open_names() -> Collection[str]:
    """The providers whose webhooks are open: ``WEBHOOKS``, or those through which mails are sent."""
    return list(conf.WEBHOOKS) if conf.WEBHOOKS is not None else _in_use()


def open_view(name: str) -> Any:
    """A view of django-anymail's that reads the webhook of ``name``; ``basic_auth`` are the passwords, one of which must be given.

    Raises ``ImproperlyConfigured`` if the provider is unknown or if nothing would keep strangers out.
    """
    webhook = WEBHOOKS.get(name)
    if webhook is None:
        raise ImproperlyConfigured(f"No provider {name!r} is known.")
    try:
        # The view warns when it is made without a password; here that is not a warning but the end, a few lines below.
        view = import_string(webhook.view)(webhook_secret=["-"])
    except ImproperlyConfigured:
        raise
    except Exception as error:  # a missing library, or a key that is none
        raise ImproperlyConfigured(f"The webhook of {name} cannot be read: {type(error).__name__}: {error}") from error
    view.basic_auth = passwords()
    if not view.basic_auth and not _is_key(getattr(view, webhook.signed_by, None) if webhook.signed_by else None):
        raise ImproperlyConfigured(f"Nothing protects the webhook of {name}: anybody could report bounces and complaints.{_halves()}")
    return view


def hint_for(name: str) -> str:
    """What to do when ``open_view(name)`` fails."""
    if name not in WEBHOOKS:
        close = difflib.get_close_matches(name.lower().replace("-", "_"), WEBHOOKS, n=1)
        first = f"Did you mean {close[0]!r}? " if close else ""
        return f'{first}ECOMMERCE_COMMS["WEBHOOKS"] may name {", ".join(WEBHOOKS)}.'
    if name == "amazon_ses":
        return 'Install django-ecommerce-comms[ses] and set ECOMMERCE_COMMS["SNS_TOPICS"] to the topics of your bounces and complaints.'
    key = WEBHOOKS[name].setting
    either = f' or "{key}": "the key that {name} shows for its webhooks"' if key else ""
    return (f'Set ANYMAIL = {{"WEBHOOK_SECRET": "name:password"}}{either}, or leave the webhook shut: '
            'ECOMMERCE_COMMS["WEBHOOKS"] names those that are open.')


def passwords() -> list[str]:
    """The ``name:password`` pairs of ``ANYMAIL["WEBHOOK_SECRET"]``, several while one is replaced; one without a password is none."""
    return [pair for pair in _secrets() if _is_pair(pair)]


def _secrets() -> list[Any]:
    given = get_anymail_setting("webhook_secret", default=None) or []
    return [given] if isinstance(given, str) else list(given)


def _is_pair(secret: object) -> bool:
    return isinstance(secret, str) and bool(secret.partition(":")[2].strip())


def _halves() -> str:
    """A sentence about secrets that were given and are none, without quoting them."""
    halves = [secret for secret in _secrets() if secret and not _is_pair(secret)]
    if not halves:
        return ""
    colon = all(isinstance(secret, str) and ":" in secret for secret in halves)
    return f' The secret in ANYMAIL["WEBHOOK_SECRET"] has no {"password after the colon" if colon else "colon"}, so it does not count.'


def is_allowed(request: HttpRequest, pairs: list[str]) -> bool:
    """Whether ``request`` brings one of ``pairs``, compared as bytes and in constant time."""
    given = get_request_basic_auth(request)
    return given is not None and any(constant_time_compare(given, pair) for pair in pairs)


def _is_key(value: object) -> bool:
    return bool(value.strip() if isinstance(value, (str, bytes)) else value)


def _in_use() -> list[str]:
    """The providers of django-anymail among the configured e-mail backends, own subclasses included."""
    names = {name for each in configured() for name in _providers_of(each.path)}
    return sorted(names & set(WEBHOOKS))


@lru_cache(maxsize=64)
def _providers_of(path: str) -> tuple[str, ...]:
    try:
        backend = import_string(path)
    except ImportError:
        return ()
    modules = [getattr(each, "__module__", "") for each in getattr(backend, "__mro__", ())]
    return tuple(module.removeprefix("anymail.backends.") for module in modules if module.startswith("anymail.backends."))
