"""Where the mails of a replay go. Whatever is chosen, no worker is woken, and only mails leave the house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from ecommerce_comms import plugins
from ecommerce_comms.conf import conf

_NULL = "ecommerce_comms.messaging.backends.null.NullBackend"
_EMAIL = "ecommerce_comms.messaging.backends.email.EmailBackend"
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
BACKENDS = {"email": "", "smtp": _EMAIL, "null": _NULL}
"""What ``--backend`` may say instead of a dotted path; empty is what the project's settings say."""


def server(text: str) -> tuple[str, int]:
    """Host and port of a mail server written as ``HOST:PORT``. Raises ``ValueError``."""
    parts = urlsplit(f"//{text}")
    try:
        host, port = parts.hostname, parts.port or 25
    except ValueError:
        host, port = None, 0
    if not host or parts.netloc != text or "@" in text:
        raise ValueError(f"{text!r} is not HOST:PORT")
    return host, port


def chosen(backend: str, smtp: tuple[str, int] | None) -> dict[str, Any]:
    """The Django settings that a replay needs, to send over ``backend`` (a name or a dotted path)."""
    backends = {**dict.fromkeys(conf.BACKENDS, _NULL), "email": BACKENDS.get(backend, backend) or conf.BACKENDS["email"]}
    # The server that is named here is the only way out, whatever providers the shop has.
    providers: dict[str, Any] = {} if backend == "email" and smtp is None else {"EMAIL_PROVIDERS": []}
    values: dict[str, Any] = {"DEBUG": False, "ECOMMERCE_COMMS": {**conf.given(), "BACKENDS": backends, "WAKER": "off", **providers}}
    return values | (_over_mailers(backend, smtp) if hasattr(settings, "MAILERS") else _over_email_settings(backend, smtp))


def _over_email_settings(backend: str, smtp: tuple[str, int] | None) -> dict[str, Any]:
    values: dict[str, Any] = {"EMAIL_BACKEND": _SMTP} if backend == "smtp" else {}
    if smtp is not None:
        values.update(
            EMAIL_HOST=smtp[0], EMAIL_PORT=smtp[1], EMAIL_HOST_USER="", EMAIL_HOST_PASSWORD="",
            EMAIL_USE_TLS=False, EMAIL_USE_SSL=False, EMAIL_TIMEOUT=settings.EMAIL_TIMEOUT or 30,
        )
    return values


def _over_mailers(backend: str, smtp: tuple[str, int] | None) -> dict[str, Any]:
    """The same for Django 6.1 and newer, where a project names its mail servers in ``MAILERS``."""
    if backend != "smtp":
        return {}
    mailers: dict[str, Any] = getattr(settings, "MAILERS", {})
    options = {"host": smtp[0], "port": smtp[1], "timeout": 30} if smtp else mailers["default"].get("OPTIONS", {})
    return {"MAILERS": {**mailers, "default": {"BACKEND": _SMTP, "OPTIONS": options}}}


@contextmanager
def settings_changed(values: dict[str, Any]) -> Iterator[None]:
    """Let Django's settings have these ``values`` until the block ends."""
    before = {name: getattr(settings, name) for name in values if hasattr(settings, name)}
    _set(values)
    try:
        yield
    finally:
        for name in values.keys() - before.keys():
            delattr(settings, name)
        _set(before)


def _set(values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(settings, name, value)
    conf.forget()
    plugins.forget()
