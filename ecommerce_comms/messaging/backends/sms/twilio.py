"""Twilio's Programmable Messaging, over its REST API.

Sources (twilio.com/docs): ``messaging/api/message-resource`` (the request and its answer), ``api/errors`` (the codes),
``usage/webhooks/webhooks-security`` (the signature), ``messaging/guides/track-outbound-message-status`` (the reports),
``messaging/tutorials/advanced-opt-out`` (``OptOutType``). Twilio has no idempotency key for messages, and signs no time.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured

from ecommerce_comms import signing
from ecommerce_comms.exceptions import DeliveryError
from ecommerce_comms.messaging.backends.base import Outgoing, Receipt
from ecommerce_comms.messaging.backends.errors import permanent, retry_after, transient
from ecommerce_comms.messaging.backends.sms.base import Answer, Gateway, Posted, Report, Request, Text, is_loopback, safe_url, texts_of

URL = "https://api.twilio.com"
NO_SUCH_NUMBER = frozenset({21211, 21217, 21614, 30005, 30006})
"""Invalid number (21211, 21217), no mobile number (21614), unknown handset (30005), land line or unreachable carrier (30006).

Not these: a phone that is off (30003), a text that was blocked or filtered (30004, 30007), and what nobody knows (30008).
"""
OPTED_OUT = 21610
"""The person sent STOP to this sender."""
ACCOUNT = frozenset({
    20003, 20005, 21212, 21603, 21606, 21608, 21609, 21611, 21659, 21660, 21703, 21704, 21705, 21730, 30001, 30002, 63038,
})
"""Password, suspended account, wrong or missing sender, full queue, daily limit, maintenance: the same for every text, so no single one
is given up for it. 21608 is a trial account, 21609 a callback that Twilio cannot reach."""
KINDS = {
    "accepted": "accepted", "scheduled": "accepted", "queued": "accepted", "sending": "accepted", "sent": "accepted",
    "delivered": "delivered", "read": "delivered", "undelivered": "bounced", "failed": "rejected", "canceled": "rejected",
}
"""``MessageStatus`` in our words."""
FIELDS = 200
"""Fields of a form at most; Twilio posts some thirty."""


class Twilio(Gateway):
    """An account, spoken to with its auth token, or with an API key; the token is needed for the webhook all the same."""

    needs: ClassVar = {"account_sid": "AC…", "auth_token": "signs what Twilio tells; a list while it is replaced"}
    takes: ClassVar = {
        "api_key": "SK…, to send with instead of the token", "api_secret": "that of the key", "from": "the sender, a number or a name",
        "messaging_service_sid": "MG…, instead of a sender", "base_url": "another address of the API",
    }
    content_types: ClassVar = frozenset({"application/x-www-form-urlencoded"})
    thanks: ClassVar = ("text/xml", '<?xml version="1.0" encoding="UTF-8"?><Response/>')

    def __init__(self, name: str, options: dict[str, object]) -> None:
        super().__init__(name, options)
        if bool(self.options.get("from")) == bool(self.options.get("messaging_service_sid")):
            raise ImproperlyConfigured(f"The SMS gateway {name!r} needs a sender: either from, or messaging_service_sid.")
        if bool(self.options.get("api_key")) != bool(self.options.get("api_secret")):
            raise ImproperlyConfigured(f"The SMS gateway {name!r} needs api_key and api_secret, or neither.")
        self._base = safe_url(name, self.options.get("base_url") or URL).rstrip("/")

    @property
    def url(self) -> str:
        """The account's messages."""
        return f"{self._base}/2010-04-01/Accounts/{self.options['account_sid']}/Messages.json"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The auth token."""
        return texts_of(self.options["auth_token"])

    def request(self, message: Outgoing, callback: str) -> Request:
        """A form."""
        options = self.options
        sender = {"From": options["from"]} if options.get("from") else {"MessagingServiceSid": options["messaging_service_sid"]}
        # Twilio refuses the whole text (21609) for a callback that it cannot reach.
        callbacks = {"StatusCallback": callback} if callback and not is_loopback(urlsplit(callback).hostname or "") else {}
        has_key = options.get("api_key")
        name, password = (has_key, options["api_secret"]) if has_key else (options["account_sid"], self.secrets[0])
        return Request(
            url=self.url, body=urlencode({"To": message.recipient, "Body": message.short, **sender, **callbacks}).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}, login=(str(name), str(password)),
        )

    def receipt(self, answer: Answer) -> Receipt:
        """``sid`` is the number; a text may be refused in the same breath."""
        number = answer.data.get("sid")
        if not isinstance(number, str) or not number:
            raise self.unreadable(answer)
        if KINDS.get(str(answer.data.get("status"))) in ("bounced", "rejected"):
            raise self._refusal(answer, _code(answer.data.get("error_code")))
        return Receipt(provider_message_id=number, answer=f"{answer.status} {answer.data.get('status', '')}".strip())

    def failure(self, answer: Answer) -> DeliveryError:
        """By Twilio's own code where there is one."""
        code = _code(answer.data.get("code"))
        return self._refusal(answer, code) if 400 <= answer.status < 429 and code else super().failure(answer)

    def _refusal(self, answer: Answer, code: int) -> DeliveryError:
        if code in ACCOUNT or answer.status == 401:
            return transient(answer.said, code=answer.status, blames=True, retry_after=retry_after(answer.headers.get("Retry-After", "")))
        refused = permanent(answer.said, answer.status)
        refused.bad_address, refused.has_opted_out = code in NO_SUCH_NUMBER, code == OPTED_OUT
        return refused

    def is_signed(self, posted: Posted) -> bool:
        """HMAC-SHA1 over the address and the sorted fields."""
        fields = sorted(set(_form(posted)))
        tail = "".join(f"{name}{value}" for name, value in fields).encode("utf-8", "surrogatepass")
        given = posted.headers.get("X-Twilio-Signature")
        return any(signing.same(given, _signature(secret, url, tail)) for secret in self.secrets for url in posted.urls)

    def reports(self, posted: Posted) -> Iterator[Report]:
        """One of a text of ours."""
        form = dict(_form(posted))
        status = form.get("MessageStatus") or form.get("SmsStatus") or ""
        if "Body" in form or not status or status in ("received", "receiving"):
            return
        code = _code(form.get("ErrorCode"))
        query = dict(parse_qsl(urlsplit(posted.urls[0]).query))
        yield Report(
            to=form.get("To", ""), number=form.get("MessageSid") or form.get("SmsSid") or "", key=query.get("message", ""),
            kind=KINDS.get(status, "other"), is_dead=code in NO_SUCH_NUMBER, has_opted_out=code == OPTED_OUT,
            detail=f"{status} {code or ''} {form.get('ErrorMessage', '')}".strip(),
        )

    def inbound(self, posted: Posted) -> Iterator[Text]:
        """One of a customer's."""
        form = dict(_form(posted))
        if "Body" in form and "From" in form:
            yield Text(sender=form["From"], text=form["Body"], number=form.get("MessageSid") or form.get("SmsSid") or "",
                       word=form.get("OptOutType", "").lower())


def _form(posted: Posted) -> list[tuple[str, str]]:
    return parse_qsl(posted.body.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS, errors="strict")


def _signature(secret: str, url: str, tail: bytes) -> bytes:
    made = hmac.new(secret.encode(), url.encode("utf-8", "surrogatepass") + tail, hashlib.sha1)
    return b64encode(made.digest())


def _code(value: object) -> int:
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
