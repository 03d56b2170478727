"""Telegram, WhatsApp, Slack and a hundred others, over the library Apprise (the extra ``messengers``).

Apprise tells whether a service took a message, and gives it no number: such a message ends as "sent", and nobody hears more of it.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import re
import threading
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

from ecommerce_comms import masking
from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import DeliveryError, PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.messaging.backends.base import MessageBackend, Outgoing, Receipt, Route
from ecommerce_comms.messaging.backends.errors import LATER, LOCKED_OUT, permanent, transient

IS_AVAILABLE = importlib.util.find_spec("apprise") is not None
INSTALL = 'Install the extra: pip install "django-ecommerce-comms[messengers]".'
ADDRESSES = ("phone", "email", "customer")
"""What an address of ``MESSENGERS`` may have in braces; the same words as in ``MessageBackend.address``."""
SAMPLES = {"phone": "+15550100", "email": "asha@customers.example", "customer": "account:7"}
_apprise: Any = importlib.import_module("apprise") if IS_AVAILABLE else None
_BRACES = re.compile(r"\{([^{}]*)\}")
_BEFORE_THE_PATH = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)
_NONE = re.compile(r"(?<![A-Za-z0-9])None(?![A-Za-z0-9])")
"""What Python writes into a text for a variable that is not set."""
_PARTS = re.compile(r"[\s,;|/\\?#&=%<>\"'{}]")
"""What Apprise takes for the end of one address and the beginning of another."""
_STATUS = re.compile(r"error=(\d{3})\b")
"""How Apprise's log tells the status of an answer."""
_logger = masking.logger("apprise")


class AppriseBackend(MessageBackend):
    """Sends the line of a conversation to the address that ``MESSENGERS`` has for the channel."""

    form: ClassVar[str] = "chat"
    address: ClassVar[str] = "customer"

    def __init__(self, channel: str = "") -> None:
        self._channel = channel

    def routes(self, channel: str) -> Sequence[Route]:
        """One, for this channel. Raises ``TransientDeliveryError`` while the settings cannot be used."""
        try:
            template(channel)
        except ImproperlyConfigured as error:
            raise TransientDeliveryError(str(error)) from error
        return (Route(name=channel, backend=AppriseBackend(channel)),)

    def address_for(self, channel: str) -> str:
        """What stands in braces in the channel's address."""
        named = _BRACES.findall(str(conf.MESSENGERS.get(channel, "")))
        return named[0] if named and named[0] in ADDRESSES else self.address

    def knock(self) -> None:
        """Nothing: Apprise cannot ask a service without sending."""

    def send(self, message: Outgoing) -> Receipt:
        """Hand one line over, within ``SEND_SECONDS``."""
        if not message.short.strip():
            raise PermanentDeliveryError("The text is empty.")
        url = filled(template(self._channel), message.recipient)
        ended: list[tuple[bool, str]] = []
        thread = threading.Thread(target=lambda: ended.append(_notify(url, message.short)), name="comms-messenger", daemon=True)
        thread.start()
        thread.join(conf.SEND_SECONDS)
        if not ended:
            raise transient(f"Cut after {conf.SEND_SECONDS:g} s: no answer.", blames=True, uncertain=True)
        was_taken, said = ended[0]
        if not was_taken:
            raise _failure(said)
        return Receipt(answer="taken over")


def template(channel: str) -> str:
    """Apprise's address for ``channel``, with its braces; raises ``ImproperlyConfigured`` that says what is wrong and quotes no token.

    Braces may hold one of ``ADDRESSES``, and stand behind the host, so that no customer says where messages go.
    """
    where = f'ECOMMERCE_COMMS["MESSENGERS"]["{channel}"]'
    if not IS_AVAILABLE:
        raise ImproperlyConfigured(f"The channel {channel!r} needs the library Apprise. {INSTALL}")
    url = conf.MESSENGERS.get(channel)
    if not isinstance(url, str) or not url.strip():
        raise ImproperlyConfigured(f"{where} is missing: the channel {channel!r} leads nowhere.")
    named = _BRACES.findall(url)
    if odd := [name for name in named if name not in ADDRESSES]:
        raise ImproperlyConfigured(f"{where} has {{{odd[0]}}}; braces may hold {', '.join(ADDRESSES)}.")
    if len(set(named)) > 1:
        raise ImproperlyConfigured(f"{where} names {' and '.join(sorted(set(named)))}; a channel leads to one of them.")
    if set("{}") & set(_BRACES.sub("", url)):
        raise ImproperlyConfigured(f"{where} has a brace without the one that belongs to it.")
    if _NONE.search(url):
        raise ImproperlyConfigured(f"{where} has the word None in it: an environment variable that it is made from is not set.")
    start = _BEFORE_THE_PATH.match(url)
    if start is None or "{" in start.group():
        raise ImproperlyConfigured(f"{where} must begin like service://host/, and have braces only after that.")
    return url


def is_for_each(url: str) -> bool:
    """Whether ``url`` leads to each customer, and not all of them to one place."""
    return bool(_BRACES.search(url))


def filled(url: str, recipient: str) -> str:
    """``url`` with ``recipient`` for its braces, quoted. Raises ``PermanentDeliveryError`` for what could be more than one address."""
    if _BRACES.search(url) and (not recipient.strip(".") or _PARTS.search(recipient)):
        raise PermanentDeliveryError("The customer's address has a sign that messengers take for the end of an address.")
    return _BRACES.sub(lambda found: quote(recipient, safe=""), url)


def is_understood(url: str) -> bool:
    """Whether Apprise knows what to do with the filled ``url``."""
    return _made(url) is not None


def _made(url: str) -> Any:
    asset = _apprise.AppriseAsset(async_mode=False, app_id=str(conf.SHOP_NAME or "Django"))
    if hasattr(asset, "http_redirects"):  # older versions follow redirects always
        asset.http_redirects = False
    return _apprise.Apprise.instantiate(url, asset=asset)


def _notify(url: str, text: str) -> tuple[bool, str]:
    """Send; whether it was taken, and what Apprise wrote into its log meanwhile."""
    heard = _Heard()
    _logger.addHandler(heard)
    try:
        service = _made(url)
        if service is None:
            return False, "Apprise does not understand the address, error=400."
        return bool(service.notify(body=text, title="", body_format="text")), " ".join(heard.lines)
    except Exception as error:  # of a hundred plug-ins
        return False, f"{type(error).__name__}: {error}"
    finally:
        _logger.removeHandler(heard)


class _Heard(logging.Handler):
    """What Apprise says in this thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        if record.thread == self._thread:
            self.lines.append(record.getMessage())


def _failure(said: str) -> DeliveryError:
    """By the status that the service answered, if Apprise tells it; else nobody knows whether the message was taken."""
    found = _STATUS.search(said)
    status = int(found.group(1)) if found else 0
    shown = said or "The service did not take it, and Apprise does not say why."
    if status in (429, 503) or status in LOCKED_OUT:
        return transient(shown, code=status, blames=True)
    if status in LATER:
        return transient(shown, code=status, uncertain=status == 409)
    if 400 <= status < 500:
        return permanent(shown, status)
    return transient(shown, code=status or None, blames=True, uncertain=True)
