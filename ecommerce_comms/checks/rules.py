"""System checks of channels that are plugged in, and of rules that lack a text, a language, a channel or an address."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from ecommerce_comms.conf import conf
from ecommerce_comms.health import rules
from ecommerce_comms.messaging.backends import messengers
from ecommerce_comms.messaging.backends.base import get_backend
from ecommerce_comms.messaging.backends.console import ConsoleBackend
from ecommerce_comms.messaging.backends.messengers import AppriseBackend
from ecommerce_comms.plugins import is_a


def check_rules(**_arguments: Any) -> list[CheckMessage]:
    """E040: a rule without a text. E041: a channel without a backend. W040: a language without texts. W041: a topic without a channel.

    W042: a sender at a domain for examples. W043: a channel for phones, and orders that tell none.
    """
    return [(Error if finding.is_error else Warning)(f"{finding}", hint=f"{finding.where}: {finding.todo}", id=finding.id)
            for finding in rules.from_settings()]


def check_messengers(**_arguments: Any) -> list[CheckMessage]:
    """E034: a messenger's channel that leads nowhere. W032: messages are printed instead of sent. W034: an address without a channel.

    W035: an address that is the same for all customers.
    """
    served = [name for name, path in conf.BACKENDS.items() if is_a(path, AppriseBackend)]
    hint = 'Write it in the form that Apprise documents for the service, such as {"telegram": "tgram://token/{phone}"}.'
    wrong = {channel: why for channel in served if (why := _wrong(channel))}
    found: list[CheckMessage] = [Error(why, hint=hint, id="ecommerce_comms.E034") for why in wrong.values()]
    backend = f"{AppriseBackend.__module__}.AppriseBackend"
    found += [
        Warning(f"MESSENGERS has an address for {channel!r}, and BACKENDS no AppriseBackend of that name.",
                hint=f'Add "{channel}": "{backend}" to BACKENDS.', id="ecommerce_comms.W034")
        for channel in sorted(set(conf.MESSENGERS) - set(served))
    ]
    found += [
        Warning(f"The channel {channel!r} sends the messages of all customers to one place: its address in MESSENGERS has no braces.",
                hint="Write {phone}, {email} or {customer} where the service expects whom it is for, or silence this check.",
                id="ecommerce_comms.W035")
        for channel in served if channel not in wrong and not messengers.is_for_each(conf.MESSENGERS[channel])
    ]
    printed = [name for name, path in conf.BACKENDS.items() if is_a(path, ConsoleBackend)]
    if printed and not settings.DEBUG:
        found.append(Warning(f"Messages of {', '.join(printed)} are printed with names and addresses, and not sent, though DEBUG is off.",
                             hint="Name another backend in BACKENDS; ConsoleBackend is for developers.", id="ecommerce_comms.W032"))
    return found


def _wrong(channel: str) -> str:
    """What is wrong with the address of ``channel``, without quoting it: it holds tokens."""
    try:
        url = messengers.template(channel)
    except ImproperlyConfigured as error:
        return str(error)
    sample = messengers.filled(url, messengers.SAMPLES[get_backend(channel).address_for(channel)])
    return "" if messengers.is_understood(sample) else f"Apprise does not understand the address in MESSENGERS for {channel!r}."
