"""The link with which a customer unsubscribes, and the headers with which a mail program does it for them (RFC 8058)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.core import signing
from django.urls import NoReverseMatch, reverse

from ecommerce_comms.conf import conf
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Consent
from ecommerce_comms.messaging import channels
from ecommerce_comms.messaging.models import Message

BODY = {"List-Unsubscribe": ["One-Click"]}
"""What a mail program posts (RFC 8058, 3.1), and what the button on our page posts too."""
SALT = "ecommerce_comms.unsubscribe.1"
"""Ends with the version of the token; a new form of token gets a new one."""


@dataclass(frozen=True)
class Subscription:
    """What a link ends: messages of a topic to the address that the hash stands for. It names nobody."""

    address_hash: str
    topic: str
    channel: str = "email"
    language: str = ""
    """The language in which the page speaks: that of the mail."""


def token(subscription: Subscription) -> str:
    """The signed form of ``subscription``, for an address on the web. It never expires; a key in SECRET_KEY_FALLBACKS still reads it."""
    return _signer().sign_object([subscription.address_hash, subscription.topic, subscription.channel, subscription.language])


def read(text: str) -> Subscription:
    """What a token stands for; raises ``ValueError`` for everything that ``token`` has not made with a key that is still known."""
    try:
        subscription = Subscription(*_signer().unsign_object(text))
    except (signing.BadSignature, TypeError, UnicodeError) as error:
        raise ValueError("No such token.") from error
    return subscription


def _signer() -> signing.Signer:
    return signing.Signer(sep=".", salt=SALT)


def is_possible() -> bool:
    """Whether a mail can lead to the page: SHOP_URL says where the shop is, and the shop's URLs include ours."""
    return bool(_address("x"))


def link(message: Message) -> str:
    """The page that ends messages like ``message``, at the shop's own address; empty if it is about an order or there is no page.

    Mails alone have one: a text message is ended by answering STOP.
    """
    if message.purpose not in Consent.Topic.values or not channels.is_mail(message.backend):
        return ""
    return _address(token(Subscription(address_hash(message.recipient), message.purpose, message.backend, message.language)))


def headers(message: Message) -> dict[str, str]:
    """``List-Unsubscribe`` (RFC 2369) and, as RFC 8058 allows it for https alone, ``List-Unsubscribe-Post``; none about an order."""
    address = link(message)
    if not address:
        return {}
    post = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if address.startswith("https://") else {}
    return {"List-Unsubscribe": f"<{address}>", **post}


def facts_with_link(message: Message) -> dict[str, Any]:
    """The facts of ``message``, with the link for its foot."""
    address, facts = link(message), message.facts
    return {**facts, "shop": {**facts.get("shop", {}), "unsubscribe_url": address}} if address else facts


def _address(text: str) -> str:
    try:
        return urljoin(conf.SHOP_URL, reverse("comms:unsubscribe", args=[text])) if conf.SHOP_URL else ""
    except NoReverseMatch:
        return ""
