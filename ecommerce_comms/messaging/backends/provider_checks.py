"""System checks of ``EMAIL_PROVIDERS``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from inspect import signature
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.mail.backends.smtp import EmailBackend as DjangoSmtp

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.backends.providers import LONGEST_NAME, Provider, rate_of

EXAMPLE = '{"name": "postmark", "backend": "anymail.backends.postmark.EmailBackend", "options": {"server_token": …}, "rate": "14/s"}'
_PARTS = {"name": str, "backend": str, "options": dict, "mailer": str, "rate": str}


def are_entries(value: Any) -> bool:
    """Whether ``value`` is a list of dicts."""
    return isinstance(value, (list, tuple)) and all(isinstance(entry, dict) for entry in value)


def check_providers(**_arguments: Any) -> list[CheckMessage]:
    """E008: an entry that cannot be read. E009: a name that is missing, too long or there twice. E010: a backend that cannot be made.

    W003: a mail server without a time-out.
    """
    entries: list[dict[str, Any]] = list(conf.EMAIL_PROVIDERS)
    names = Counter(str(entry.get("name")) for entry in entries)
    return [message for entry in entries for message in _check(entry, names)]


def _check(entry: dict[str, Any], names: Counter[str]) -> Iterator[CheckMessage]:
    name, shown = entry.get("name"), f"The provider {entry.get('name')!r} in EMAIL_PROVIDERS"
    if wrong := list(_unreadable(entry)):
        yield from (Error(f"{shown} {what}", hint=f"Write it as {EXAMPLE}.", id="ecommerce_comms.E008") for what in wrong)
        return
    if not name or len(name) > LONGEST_NAME or names[name] > 1:
        yield Error(f"{shown} has no name of its own.", id="ecommerce_comms.E009",
                    hint=f"Give each provider another name, of at most {LONGEST_NAME} characters; messages remember it.")
        return
    try:
        made = Provider(**entry).connect()
    except Exception as error:
        yield Error(f"{shown} cannot be made: {error}", id="ecommerce_comms.E010",
                    hint="Give the dotted path of a Django e-mail backend, and in options the arguments that it needs.")
        return
    if isinstance(made, DjangoSmtp) and (odd := sorted(entry.get("options", {}).keys() - _parameters(type(made)))):
        yield Error(f"{shown} has options that its backend does not know: {', '.join(odd)}.", id="ecommerce_comms.E008",
                    hint=f"It knows {', '.join(sorted(_parameters(type(made))))}.")
    if isinstance(made, DjangoSmtp) and made.timeout is None:
        yield Warning(f"{shown} has no time-out; a mail server that says nothing would hold a worker until the send is cut.",
                      hint='Add "timeout": 10 to its options.', id="ecommerce_comms.W003")


def _parameters(backend: type) -> set[str]:
    """The names that ``backend`` and its ancestors take; Django's swallow all others without a word."""
    makers = (vars(each)["__init__"] for each in backend.__mro__ if "__init__" in vars(each) and each is not object)
    taken = {name for made in makers for name in signature(made).parameters}
    return taken - {"self", "args", "kwargs", "fail_silently", "alias", "_ignore_unknown_kwargs"}


def _unreadable(entry: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the shape of ``entry``, in words that follow the provider's name."""
    for part, value in entry.items():
        if part not in _PARTS:
            yield f"has a part {part!r} that means nothing."
        elif not isinstance(value, _PARTS[part]):
            yield f"has {value!r} as its {part}."
    if bool(entry.get("backend")) == bool(entry.get("mailer")):
        yield "needs a backend, or a mailer instead."
    elif entry.get("mailer") and entry["mailer"] not in getattr(settings, "MAILERS", {}):
        yield f"names the mailer {entry['mailer']!r}, which is not in MAILERS (Django 6.1 and newer)."
    if isinstance(entry.get("options"), dict) and "fail_silently" in entry["options"]:
        yield "has fail_silently: a mail that was lost would count as sent."
    try:
        rate_of(entry["rate"] if isinstance(entry.get("rate"), str) else "")
    except ValueError as error:
        yield f"cannot be read: {error}."
