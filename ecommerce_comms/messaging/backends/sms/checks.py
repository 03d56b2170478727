"""System checks of ``SMS_GATEWAYS``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from ecommerce_comms.conf import conf
from ecommerce_comms.customers import phones
from ecommerce_comms.messaging.backends.providers import LONGEST_NAME, providers, rate_of
from ecommerce_comms.messaging.backends.sms import gateways
from ecommerce_comms.messaging.backends.sms.backend import SmsBackend
from ecommerce_comms.plugins import is_a

EXAMPLE = '{"name": "twilio", "gateway": "twilio", "options": {"account_sid": …, "auth_token": …, "from": "+15550100"}, "rate": "10/s"}'
EXAMPLE_JSON = '{"name": "bridge", "gateway": "json", "options": {"url": "https://…", "secret": …, "from": "Lotus"}, "rate": "10/s"}'
SHORTEST_SECRET = 16
"""Characters; a shorter one can be guessed."""
_PARTS = {"name": str, "gateway": str, "options": dict, "rate": str}
_SLUG = re.compile(r"[-\w]+", re.ASCII)


def is_used() -> bool:
    """Whether any channel sends texts over ``SMS_GATEWAYS``."""
    return any(is_a(path, SmsBackend) for path in conf.BACKENDS.values())


def check_gateways(**_arguments: Any) -> list[CheckMessage]:
    """E030: an entry that cannot be read or made. E031: a name that cannot stand in an address, or another's. E032: a secret too short.

    E033: no gateway at all, though a channel sends texts. W031: nobody can tell us what became of a text, or that a customer said STOP.
    W033: national numbers that nobody understands.
    """
    found = list(_without_gateways())
    names = Counter([*(str(entry.get("name")) for entry in gateways.entries()), *(one.name for one in providers())])
    return [*found, *(message for entry in gateways.entries() for message in _check(entry, names))]


def _without_gateways() -> Iterator[CheckMessage]:
    if not phones.IS_KNOWING and (conf.PHONE_COUNTRY or is_used()):
        yield Warning("Phone numbers are understood only if they begin with +, for the library phonenumberslite is missing.",
                      hint='Install the extra: pip install "django-ecommerce-comms[sms]".', id="ecommerce_comms.W033")
    if not is_used():
        return
    if not conf.SMS_GATEWAYS:
        yield Error("A channel in BACKENDS sends texts, and there is no gateway: none can go out.",
                    hint=f'Set ECOMMERCE_COMMS["SMS_GATEWAYS"] to a list such as [{EXAMPLE}].', id="ecommerce_comms.E033")
    elif not gateways.webhook_url("x"):
        yield Warning("No gateway can tell what became of a text, and no STOP of a customer is heard: the shop's address is not known.",
                      hint='Set ECOMMERCE_COMMS["SHOP_URL"], and add path("comms/", include("ecommerce_comms.urls")) to your URLs.',
                      id="ecommerce_comms.W031")


def _check(entry: dict[str, Any], names: Counter[str]) -> Iterator[CheckMessage]:
    name = entry.get("name")
    shown, example = f"The SMS gateway {name!r}", EXAMPLE_JSON if entry.get("gateway") == "json" else EXAMPLE
    if wrong := list(_unreadable(entry)):
        yield from (Error(f"{shown} {what}", hint=f"Write it as {example}.", id="ecommerce_comms.E030") for what in wrong)
        return
    if not name or not _SLUG.fullmatch(name) or len(name) > LONGEST_NAME or names[name] > 1:
        yield Error(f"{shown} has no name of its own that can stand in an address.", id="ecommerce_comms.E031",
                    hint=f"Give each gateway and each e-mail provider another name; letters, digits and hyphens, at most {LONGEST_NAME}.")
        return
    try:
        made = gateways.make(entry)
    except ImproperlyConfigured as error:
        yield Error(str(error), hint=f"Write it as {example}, or see docs/how-to/send-sms.md.", id="ecommerce_comms.E030")
        return
    if not made.secrets or min(map(len, made.secrets)) < SHORTEST_SECRET:
        yield Error(f"{shown} has a secret of fewer than {SHORTEST_SECRET} characters: strangers could report deliveries and say STOP.",
                    hint="Make a long one, such as secrets.token_urlsafe(32) gives, there and here.", id="ecommerce_comms.E032")


def _unreadable(entry: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the shape of ``entry``, in words that follow the gateway's name; no option is quoted, for it may be a secret."""
    for part, value in entry.items():
        if part not in _PARTS:
            yield f"has a part {part!r} that means nothing."
        elif not isinstance(value, _PARTS[part]):
            yield f"has a {type(value).__name__} as its {part}."
    if not entry.get("gateway"):
        yield "does not say which gateway it is."
    try:
        rate_of(entry["rate"] if isinstance(entry.get("rate"), str) else "")
    except ValueError as error:
        yield f"cannot be read: {error}."
