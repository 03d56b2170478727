"""A gateway of our own small contract, by which any provider can be bridged: see docs/how-to/send-sms.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured

from ecommerce_comms import clock, signing
from ecommerce_comms.exceptions import DeliveryError
from ecommerce_comms.messaging.backends.base import Outgoing, Receipt
from ecommerce_comms.messaging.backends.errors import permanent, transient
from ecommerce_comms.messaging.backends.sms.base import Answer, Gateway, Posted, Report, Request, Text, safe_url, texts_of

HEADER = "X-Comms-Signature"
KINDS = {"queued": "accepted", "sent": "accepted", "delivered": "delivered", "undelivered": "bounced", "failed": "rejected"}
"""``status`` of a report in our words."""
REFUSALS = ("bad_address", "opted_out", "refused", "account", "busy")
"""What ``error`` may say in an answer of 400 or above."""


class JsonGateway(Gateway):
    """Posts JSON that is signed with HMAC-SHA256 and a time, and is told in the same way."""

    needs: ClassVar = {"url": "where texts are posted to", "secret": "signs both ways; a list while it is replaced, the new one first"}
    takes: ClassVar = {"from": "the sender", "remembers_seconds": "for so long it drops a second text with the same id"}
    signs_time: ClassVar = True

    def __init__(self, name: str, options: dict[str, object]) -> None:
        super().__init__(name, options)
        self._url = safe_url(name, self.options["url"])
        seconds = self.options.get("remembers_seconds", 0)
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds < 0:
            raise ImproperlyConfigured(f"The SMS gateway {name!r} has {seconds!r} as remembers_seconds, which is no number of seconds.")
        self._remembers = float(seconds)

    @property
    def key_seconds(self) -> float:
        """As the options say."""
        return self._remembers

    @property
    def url(self) -> str:
        """The option ``url``."""
        return self._url

    @property
    def secrets(self) -> tuple[str, ...]:
        """The option ``secret``."""
        return texts_of(self.options["secret"])

    def request(self, message: Outgoing, callback: str) -> Request:
        """An object."""
        body = json.dumps({
            "to": message.recipient, "from": str(self.options.get("from") or ""), "text": message.short, "id": message.key,
            "callback": callback,
        }, ensure_ascii=False).encode("utf-8", "replace")
        return Request(url=self.url, body=body, headers={
            "Content-Type": "application/json; charset=utf-8", "Accept": "application/json", "Idempotency-Key": message.key,
            HEADER: sign(self.secrets[0], body),
        })

    def receipt(self, answer: Answer) -> Receipt:
        """``id`` is the number."""
        number, status = answer.data.get("id"), str(answer.data.get("status", ""))
        if isinstance(number, bool) or not isinstance(number, (str, int)) or number == "":
            raise self.unreadable(answer)
        if status == "failed":
            raise self._refusal(answer)
        return Receipt(provider_message_id=str(number), answer=f"{answer.status} {status[:50]}".strip())

    def failure(self, answer: Answer) -> DeliveryError:
        """By ``error`` where it says one of ours."""
        said = 400 <= answer.status < 500 and answer.data.get("error") in REFUSALS
        return self._refusal(answer) if said and answer.status != 429 else super().failure(answer)

    def _refusal(self, answer: Answer) -> DeliveryError:
        why = answer.data.get("error")
        if why in ("account", "busy"):
            return transient(answer.said, code=answer.status, blames=True)
        refused = permanent(answer.said, answer.status)
        refused.bad_address, refused.has_opted_out = why == "bad_address", why == "opted_out"
        return refused

    def is_signed(self, posted: Posted) -> bool:
        """``t=<seconds>,v1=<hex of the HMAC-SHA256 of "<seconds>.<body>">``."""
        return any(signing.is_stamped(posted.headers.get(HEADER), secret.encode(), posted.body) for secret in self.secrets)

    def signed_at(self, posted: Posted) -> float:
        """The ``t`` of the signature."""
        stamp = signing.parts_of(posted.headers.get(HEADER)).get("t", "")
        if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12:
            raise ValueError("no time in the signature")
        return float(stamp)

    def reports(self, posted: Posted) -> Iterator[Report]:
        """An object of the type ``report``."""
        told = _object(posted)
        if told.get("type") == "report":
            yield Report(
                to=_text(told, "to"), number=_text(told, "id"), key=_text(told, "ref"), kind=KINDS.get(_text(told, "status"), "other"),
                is_dead=told.get("error") == "bad_address", has_opted_out=told.get("error") == "opted_out",
                detail=f"{_text(told, 'status')} {_text(told, 'message')}".strip(), at=_moment(told),
            )

    def inbound(self, posted: Posted) -> Iterator[Text]:
        """An object of the type ``text``."""
        told = _object(posted)
        if told.get("type") == "text":
            yield Text(sender=_text(told, "from"), text=_text(told, "text"), number=_text(told, "id"), at=_moment(told))


def sign(secret: str, body: bytes) -> str:
    """The header that signs ``body`` now."""
    stamp = str(int(clock.now().timestamp()))
    return f"t={stamp},v1={signing.hex_digest(secret.encode(), stamp.encode() + b'.' + body).decode()}"


def _object(posted: Posted) -> dict[str, Any]:
    try:
        told = json.loads(posted.body.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(told, dict):
        raise ValueError("this is no object")
    return told


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _moment(told: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(_text(told, "at"))
    except ValueError:
        return None
