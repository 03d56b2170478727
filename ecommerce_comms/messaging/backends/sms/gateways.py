"""The gateways that the setting ``SMS_GATEWAYS`` names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.backends.sms.base import Gateway
from ecommerce_comms.messaging.backends.sms.plain import JsonGateway
from ecommerce_comms.messaging.backends.sms.twilio import Twilio

GATEWAYS: dict[str, type[Gateway]] = {"twilio": Twilio, "json": JsonGateway}
"""By the name that a setting may use; any other gateway is a dotted path."""


def entries() -> list[dict[str, Any]]:
    """The entries of the setting."""
    return list(conf.SMS_GATEWAYS)


def make(entry: Mapping[str, Any]) -> Gateway:
    """The gateway of one entry; raises ``ImproperlyConfigured`` that says what is wrong with it, and quotes no secret."""
    name, path = str(entry.get("name", "")), str(entry.get("gateway", ""))
    kind = GATEWAYS.get(path)
    if kind is None:
        try:
            kind = import_string(path)
        except ImportError as error:
            known = f"which there is not; there are {', '.join(GATEWAYS)}, or a dotted path"
            why = f"which cannot be imported: {error}" if "." in path else known
            raise ImproperlyConfigured(f"The SMS gateway {name!r} is of the kind {path!r}, {why}.") from error
    if not (isinstance(kind, type) and issubclass(kind, Gateway)):
        raise ImproperlyConfigured(f"The SMS gateway {name!r}: {path!r} is no subclass of {Gateway.__module__}.{Gateway.__name__}.")
    options = entry.get("options", {})
    return kind(name, options if isinstance(options, dict) else {})


def named(name: str) -> Gateway | None:
    """The gateway ``name``; ``None`` if there is none. Raises ``ImproperlyConfigured`` if it cannot be made."""
    entry = next((each for each in entries() if each.get("name") == name), None)
    return make(entry) if entry else None


def webhook_path(name: str) -> str:
    """Where the gateway ``name`` tells us things, within the shop; empty if the shop's URLs do not include ours."""
    try:
        return reverse("comms:sms-webhook", args=[name])
    except NoReverseMatch:
        return ""


def webhook_url(name: str) -> str:
    """The whole address; empty without ``SHOP_URL``."""
    path = webhook_path(name)
    return urljoin(conf.SHOP_URL, path) if path and conf.SHOP_URL else ""
