"""Whose mail server it is: what to do about one that refuses is another thing where it is the shop's own."""

from __future__ import annotations

import re
import socket
from ipaddress import ip_address
from typing import Any

from django.core.mail.backends.filebased import EmailBackend as Files
from django.core.mail.backends.smtp import EmailBackend as Smtp
from django.utils.translation import gettext as _

from ecommerce_comms.messaging.backends.providers import providers

_NEAR = re.compile(r"[^.]+|.*\.(local|localdomain|localhost|internal|lan|home\.arpa)", re.IGNORECASE)


def connection_of(name: str) -> Any:
    """The Django e-mail backend, not opened, behind the provider ``name``; ``None`` if there is none that can be made."""
    found = next((one for one in providers() if one.name == name), None)
    return found.connect() if found else None


def is_file(name: str) -> bool:
    """Whether mails by ``name`` become files; to open that backend would leave an empty one behind."""
    return isinstance(connection_of(name), Files)


def own_server(name: str) -> str:
    """``host:port`` of the provider ``name`` if it is a mail server of the shop's own: on this machine or in its own network."""
    try:
        connection = connection_of(name)
    except Exception:
        return ""
    return f"{connection.host}:{connection.port}" if isinstance(connection, Smtp) and is_near(str(connection.host)) else ""


def is_near(host: str) -> bool:
    """Whether ``host`` is this machine or one of its own network."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return bool(_NEAR.fullmatch(host)) or host.lower() == socket.gethostname().lower()
    return address.is_loopback or address.is_private or address.is_link_local


def todo_when_avoided(name: str) -> str:
    """What to do about a provider that failed several times in a row."""
    if own := own_server(name):
        return _("It is a mail server of your own (%(server)s): see that it runs and what its log says. "
                 "It is tried again by itself; nothing is lost.") % {"server": own}
    return _("See the provider's status page and your password there. It is tried again by itself; nothing is lost.")


def todo_when_shut(name: str) -> str:
    """What to do about a connection that cannot be opened."""
    if own := own_server(name):
        return _("It is a mail server of your own (%(server)s): start it, or see its log; the settings say where it is.") % {"server": own}
    return _("See its host, port, user and password in the settings, and the provider's status page.")


def todo_when_refused(name: str) -> str:
    """What to do about a test mail that was not taken."""
    if own := own_server(name):
        return _("The answer says what your mail server (%(server)s) does not like; its log says more.") % {"server": own}
    return _("The answer says what the provider does not like.")
