"""Messages of Amazon SNS: whether Amazon signed them, for a topic of ours, and lately.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. Needs ``cryptography`` (extra ``ses``).
"""

from __future__ import annotations

import http.client
import re
import ssl
import time
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta, timezone
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from django.utils.dateparse import parse_datetime

from ecommerce_comms import clock
from ecommerce_comms.conf import conf

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import Certificate, load_pem_x509_certificate
except ImportError:
    IS_AVAILABLE = False
else:
    IS_AVAILABLE = True

TOPIC = re.compile(r"arn:aws(?P<china>-cn)?(?:-us-gov)?:sns:(?P<region>[a-z]{2}(?:-[a-z]+){1,3}-\d{1,2}):\d{12}:[A-Za-z0-9_.-]{1,256}")
CERTIFICATE_PATH = re.compile(r"/SimpleNotificationService-[0-9a-f]{8,64}\.pem")
_PLAIN = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_WITH_TOKEN = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
SIGNED: dict[str, tuple[str, ...]] = {
    "Notification": _PLAIN, "SubscriptionConfirmation": _WITH_TOKEN, "UnsubscribeConfirmation": _WITH_TOKEN,
}
"""What is signed, in this order; only the subject may be missing."""
CONFIRM_WITHIN = timedelta(hours=1)
"""A subscription is confirmed right after somebody asked for it. Notifications are repeated for hours: WEBHOOK_MAX_AGE_SECONDS."""
SECONDS, LARGEST, PAUSE_SECONDS = 5.0, 65_536, 10.0
"""How long Amazon may take for each step of an answer, how many bytes it may have, and how long a failure keeps us from asking again."""


class NotFromAmazon(ValueError):
    """The message is not signed by Amazon for a topic of ours, or it is too old."""


class Unreachable(Exception):
    """Amazon could not be asked; it will say the same again later."""


def verify(message: dict[str, Any]) -> None:
    """Raise ``NotFromAmazon`` unless ``message`` is to be believed, and ``Unreachable`` if that cannot be found out now."""
    fields = SIGNED.get(str(message.get("Type")), ())
    parts = {name: message[name] for name in fields if name in message}
    if not fields or set(fields) - set(parts) - {"Subject"} or not all(isinstance(part, str) for part in parts.values()):
        raise NotFromAmazon("Its parts are not those of an SNS message.")
    host = host_of(parts["TopicArn"])
    _check_age(parts["Timestamp"], CONFIRM_WITHIN if "Token" in parts else timedelta(seconds=conf.WEBHOOK_MAX_AGE_SECONDS))
    key = _key(_certificate(host, _path(host, message.get("SigningCertURL"))))
    text = "".join(f"{name}\n{parts[name]}\n" for name in fields if name in parts)
    try:
        signature = b64decode(str(message.get("Signature")), validate=True)
        key.verify(signature, text.encode(), PKCS1v15(), _hash(message.get("SignatureVersion")))
    except (InvalidSignature, ValueError) as error:
        raise NotFromAmazon("Its signature is wrong.") from error


def host_of(topic: str) -> str:
    """The host of the region of ``topic``; raises ``NotFromAmazon`` if the topic is none of ours."""
    found = TOPIC.fullmatch(topic)
    if found is None or topic not in conf.SNS_TOPICS:
        raise NotFromAmazon("Its topic is not in SNS_TOPICS.")
    return f"sns.{found['region']}.amazonaws.com{'.cn' if found['china'] else ''}"


def confirm(message: dict[str, Any]) -> None:
    """Subscribe us to the topic of a verified ``SubscriptionConfirmation``; its own SubscribeURL is never opened.

    Raises ``Unreachable``.
    """
    query = urlencode({"Action": "ConfirmSubscription", "TopicArn": message["TopicArn"], "Token": message["Token"]})
    fetch(host_of(message["TopicArn"]), f"/?{query}")


def fetch(host: str, path: str) -> bytes:
    """``https://host/path``, without following redirects; raises ``Unreachable``."""
    connection = http.client.HTTPSConnection(host, timeout=SECONDS, context=ssl.create_default_context())
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        data = answer.read(LARGEST + 1)
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{host}: {type(error).__name__}") from error
    finally:
        connection.close()
    if answer.status != 200 or len(data) > LARGEST:
        raise Unreachable(f"{host} answered {answer.status}.")
    return data


def _path(host: str, url: object) -> str:
    """The path of the certificate; the rest of its address has to be exactly ours, so no part of it is left to interpretation."""
    path = str(url).removeprefix(f"https://{host}")
    if path == url or not CERTIFICATE_PATH.fullmatch(path):
        raise NotFromAmazon("Its certificate is not Amazon's.")
    return path


def _check_age(stamp: str, longest: timedelta) -> None:
    try:
        at = parse_datetime(stamp)
    except ValueError:
        at = None
    if at is None or abs(clock.now() - (at if at.tzinfo else at.replace(tzinfo=timezone.utc))) > longest:
        raise NotFromAmazon("It is too old.")


def _hash(version: object) -> hashes.HashAlgorithm:
    kinds: dict[object, Callable[[], hashes.HashAlgorithm]] = {"1": hashes.SHA1, "2": hashes.SHA256}  # Amazon's choice
    if version not in kinds:
        raise NotFromAmazon("Its signature is of an unknown version.")
    return kinds[version]()


def _key(certificate: Certificate) -> RSAPublicKey:
    now, key = clock.now(), certificate.public_key()
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc or not isinstance(key, RSAPublicKey):
        raise NotFromAmazon("Its certificate is not valid now.")
    return key


_kept: dict[tuple[str, str], Certificate] = {}
_failed_at: float | None = None
_lock = Lock()


def _certificate(host: str, path: str) -> Certificate:
    """Kept for the life of the process: there are few, and their names change with them.

    After a failure nobody is asked for a while, so that strangers with invented names cannot keep our processes busy.
    """
    global _failed_at
    with _lock:
        if found := _kept.get((host, path)):
            return found
        if _failed_at is not None and time.monotonic() - _failed_at < PAUSE_SECONDS:
            raise Unreachable(f"{host} was not asked again.")
        try:
            found = load_pem_x509_certificate(fetch(host, path))
        except (Unreachable, ValueError) as error:
            _failed_at = time.monotonic()
            raise Unreachable(f"{host} gave no certificate.") from error
        if len(_kept) >= 64:
            _kept.clear()
        return _kept.setdefault((host, path), found)


def forget() -> None:
    """Drop the certificates, for tests."""
    global _failed_at
    _kept.clear()
    _failed_at = None
