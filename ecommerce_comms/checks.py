"""System checks: what a misconfigured shop has to mend, told at start-up."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning
from django.core.checks import register as register_check
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from ecommerce_comms.adapters.base import get_adapter
from ecommerce_comms.conf import DEFAULTS, conf
from ecommerce_comms.exceptions import CommsError
from ecommerce_comms.messaging.backends.base import get_backend
from ecommerce_comms.shipping.estimators.base import get_estimator


def register() -> None:
    """Register every check of this module."""
    for check in CHECKS:
        register_check(check, Tags.compatibility)


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
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") and settings.EMAIL_TIMEOUT is None:
        found.append(Warning("EMAIL_TIMEOUT is not set; a mail server that says nothing would hold a worker for ever.",
                             hint="Set EMAIL_TIMEOUT = 10.", id="ecommerce_comms.W003"))
    if not conf.SHOP_NAME:
        found.append(Warning("The shop has no name; mails would not say who writes.",
                             hint='Set ECOMMERCE_COMMS["SHOP_NAME"].', id="ecommerce_comms.W004"))
    return found


def _sender(text: str) -> CheckMessage:
    return Warning(text, hint='Set ECOMMERCE_COMMS["FROM_EMAIL"] or DEFAULT_FROM_EMAIL.', id="ecommerce_comms.W002")


CHECKS = (check_settings, check_plugins, check_time_zones, check_mail)
