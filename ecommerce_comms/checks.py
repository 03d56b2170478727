"""System checks: what a misconfigured shop has to mend, told at start-up."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning
from django.core.checks import register as register_check
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise

from ecommerce_comms.adapters.base import get_adapter
from ecommerce_comms.conf import DEFAULTS, conf
from ecommerce_comms.exceptions import CommsError
from ecommerce_comms.messaging import quiet, unsubscribe
from ecommerce_comms.messaging.backends.base import get_backend
from ecommerce_comms.messaging.backends.provider_checks import are_entries, check_providers
from ecommerce_comms.messaging.feedback import providers, sns
from ecommerce_comms.orders import waker
from ecommerce_comms.shipping.estimators.base import get_estimator
from ecommerce_comms.zones import is_zone

_LANGUAGE = re.compile(r"([a-z]{2,3}([-_][a-z0-9]{2,8})*)?", re.IGNORECASE)


def register() -> None:
    """Register the checks of this module."""
    register_check(check_all, Tags.compatibility)


def check_all(**_arguments: Any) -> list[CheckMessage]:
    """Every check; but settings that cannot be read at all are the only complaint, and no check reads what is wrong already."""
    found = check_settings()
    if any(message.id == "ecommerce_comms.E001" for message in found):
        return found
    wrong = wrong_values()
    checks = [check for check, names in CHECKS.items() if wrong.keys().isdisjoint(names)]
    return [*found, *wrong.values(), *(message for check in checks for message in check())]


def check_settings(**_arguments: Any) -> list[CheckMessage]:
    """E001: not a dict. W001: a name that the app does not know."""
    try:
        given = conf.given()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint='Write ECOMMERCE_COMMS = {"ORDER_MODEL": "shop.Order", …}.', id="ecommerce_comms.E001")]
    return [_unknown(name) for name in given if name not in DEFAULTS]


def _unknown(name: str) -> CheckMessage:
    close = difflib.get_close_matches(name, DEFAULTS, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known settings: {', '.join(DEFAULTS)}."
    return Warning(f'ECOMMERCE_COMMS has no setting {name!r}; it has no effect.', hint=hint, id="ecommerce_comms.W001")


def wrong_values() -> dict[str, CheckMessage]:
    """E007: a value of the wrong type or meaning, by the name of its setting."""
    return {name: _wrong(name, value) for name, value in conf.given().items() if name in DEFAULTS and not _rule(name)[0](value)}


def _wrong(name: str, value: Any) -> CheckMessage:
    return Error(f'ECOMMERCE_COMMS["{name}"] is {value!r}.', hint=_rule(name)[1].format(DEFAULTS[name]), id="ecommerce_comms.E007")


def _rule(name: str) -> Rule:
    return RULES.get(name) or TYPES[type(DEFAULTS[name])]


def _is_count(value: Any, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_text(value: Any) -> bool:
    return isinstance(value, (str, Promise))


def _are_paths(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(part, str) for pair in value.items() for part in pair)


def _are_days(value: Any) -> bool:
    """Whether ``value`` gives numbers of days to kinds of rows that there are."""
    return isinstance(value, dict) and all(name in DEFAULTS["RETENTION_DAYS"] and _is_count(kept) for name, kept in value.items())


def _are_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value)


def _is_url(value: Any) -> bool:
    """Whether ``value`` names a host on the web; empty is fine."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "?")
        return value == "" or (parts.scheme in ("http", "https") and bool(parts.hostname))
    except ValueError:
        return False


Rule = tuple[Callable[[Any], bool], str]
TYPES: dict[type, Rule] = {
    bool: (lambda value: isinstance(value, bool), "Write True or False, without quotes."),
    int: (_is_count, "Write a whole number without quotes, such as {}."),
    str: (_is_text, "Write a text in quotes."),
    dict: (_are_paths, 'Write a dict of texts, such as {{"email": "ecommerce_comms.messaging.backends.email.EmailBackend"}}.'),
}
"""What a value has to be, by the type of its default, and how to write it."""
ABOVE_ZERO: Rule = (lambda value: _is_count(value, least=1), "Write a whole number above 0 without quotes, such as {}.")
RULES: dict[str, Rule] = {
    "ORDER_FIELDS": (lambda value: True, ""),  # the adapter's own affair
    "TIME_ZONE": (lambda value: value == "" or (isinstance(value, str) and is_zone(value)),
                  'Write the name of a zone, such as "Asia/Kolkata", or "" for Django\'s TIME_ZONE.'),
    "LANGUAGE": (lambda value: isinstance(value, str) and bool(_LANGUAGE.fullmatch(value)),
                 'Write the tag of a language, such as "hi" or "pt-BR", or "" for LANGUAGE_CODE.'),
    "WAKER": (lambda value: value in ("thread", "notify", "off"), 'Write "thread", "notify" or "off".'),
    "SWEEPER": (lambda value: value in ("worker", "off"), 'Write "worker" or "off".'),
    "SWEEP_SECONDS": ABOVE_ZERO,
    "SHOP_URL": (_is_url, 'Write the whole address, such as "https://shop.example", or "" if there is none.'),
    "RETENTION_DAYS": (
        _are_days, f'Write days by kind, such as {{{{"messages": 730}}}}; there are {", ".join(DEFAULTS["RETENTION_DAYS"])}.'),
    "WEBHOOKS": (lambda value: value is None or _are_texts(value),
                 'Write the list of providers, such as ["postmark"], or None for those through which mails are sent.'),
    "SNS_TOPICS": (lambda value: _are_texts(value) and all(sns.TOPIC.fullmatch(topic) for topic in value),
                   'Write the list of topics, such as ["arn:aws:sns:eu-central-1:123456789012:bounces"].'),
    "WEBHOOK_MAX_BYTES": ABOVE_ZERO,
    "WEBHOOK_MAX_AGE_SECONDS": ABOVE_ZERO,
    "QUIET_HOURS": (quiet.is_readable, 'Write when the night begins and ends, such as "21:00-08:00", or "" for no quiet hours.'),
    "EMAIL_PROVIDERS": (are_entries, 'Write a list of dicts, such as [{{"name": "relay", "backend": "dotted.path.EmailBackend"}}].'),
    "LEASE_SECONDS": ABOVE_ZERO,
    "SEND_SECONDS": ABOVE_ZERO,
    "BREAKER_FAILURES": ABOVE_ZERO,
    "BREAKER_SECONDS": ABOVE_ZERO,
    "BATCH_SIZE": ABOVE_ZERO,
    "MAX_ATTEMPTS": ABOVE_ZERO,
}
"""What a value has to be where its type says too little."""


def check_plugins(**_arguments: Any) -> list[CheckMessage]:
    """E005: an adapter, backend or estimator that cannot be loaded. E002 to E004: what the adapter says of itself."""
    found: list[CheckMessage] = []
    loads: list[Callable[[], object]] = [get_adapter, get_estimator, *(lambda name=name: get_backend(name) for name in conf.BACKENDS)]
    for load in loads:
        try:
            load()
        except (ImproperlyConfigured, CommsError) as error:
            hint = "Give the dotted path of a class that can be imported."
            found.append(Error(str(error), hint=hint, id="ecommerce_comms.E005"))
    return found or get_adapter().check()


def check_time_zones(**_arguments: Any) -> list[CheckMessage]:
    """E006: promises need aware times."""
    if settings.USE_TZ:
        return []
    return [Error("USE_TZ is False; arrival windows need aware times.", hint="Set USE_TZ = True.", id="ecommerce_comms.E006")]


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


def check_broker(**_arguments: Any) -> list[CheckMessage]:
    """W005: a broker that other processes cannot reach. W006: no time-outs for the broker. W007: a result backend."""
    settled = waker.app().conf
    url = str(settled.broker_write_url or "")
    transport, options = url.partition(":")[0].partition("+")[0], settled.broker_transport_options or {}
    found: list[CheckMessage] = []
    if transport == "memory" and not settings.DEBUG and not settled.task_always_eager and conf.WAKER == "thread":
        found.append(Warning("The Celery broker is memory://, which lives in one process: a worker in another one never sees a task.",
                             hint="Set CELERY_BROKER_URL to a Redis or RabbitMQ; without one, run manage.py comms_sweep every minute "
                                  'and set ECOMMERCE_COMMS["WAKER"] = "off".', id="ecommerce_comms.W005"))
    missing = {name: value for name, value in TIMEOUTS.get(transport, {}).items() if name not in options}
    if missing:
        found.append(Warning(f"The broker has no {' and no '.join(missing)}; one that hangs would hold a process for minutes.",
                             hint=f"Set CELERY_BROKER_TRANSPORT_OPTIONS = {{**CELERY_BROKER_TRANSPORT_OPTIONS, **{missing}}}."
                             if options else f"Set CELERY_BROKER_TRANSPORT_OPTIONS = {missing}.", id="ecommerce_comms.W006"))
    if settled.result_backend and not settled.task_ignore_result:
        found.append(Warning("Celery keeps the results of tasks; nobody reads them, and a result backend that hangs holds up the shop.",
                             hint="Set CELERY_TASK_IGNORE_RESULT = True, or leave CELERY_RESULT_BACKEND out.", id="ecommerce_comms.W007"))
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


TIMEOUTS: dict[str, dict[str, Any]] = {
    "redis": {"socket_timeout": 3, "socket_connect_timeout": 1},
    "rediss": {"socket_timeout": 3, "socket_connect_timeout": 1},
    "amqp": {"read_timeout": 3, "write_timeout": 3},
    "amqps": {"read_timeout": 3, "write_timeout": 3},
}
"""Seconds within which a broker has to answer."""


def _waits_for_ever() -> bool:
    """Whether mails leave over SMTP without a time-out."""
    mailers: dict[str, Any] | None = getattr(settings, "MAILERS", None)  # Django 6.1 and newer
    if mailers is None:
        return settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") and settings.EMAIL_TIMEOUT is None
    default = mailers.get("default", {})
    return default.get("BACKEND", "smtp.EmailBackend").endswith("smtp.EmailBackend") and default.get("OPTIONS", {}).get("timeout") is None


def _sender(text: str) -> CheckMessage:
    return Warning(text, hint='Set ECOMMERCE_COMMS["FROM_EMAIL"] or DEFAULT_FROM_EMAIL.', id="ecommerce_comms.W002")


CHECKS: dict[Callable[[], list[CheckMessage]], tuple[str, ...]] = {
    check_plugins: ("ORDER_ADAPTER", "ORDER_MODEL", "BACKENDS", "ESTIMATOR"),
    check_time_zones: (),
    check_mail: ("FROM_EMAIL", "SHOP_NAME", "EMAIL_PROVIDERS"),
    check_providers: ("EMAIL_PROVIDERS",),
    check_broker: ("WAKER",),
    check_unsubscribe: ("SHOP_URL",),
    check_webhooks: ("WEBHOOKS", "EMAIL_PROVIDERS", "SNS_TOPICS"),
}
"""Every check of what the settings lead to, and the settings that it could not read if they were wrong."""
