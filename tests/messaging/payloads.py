"""What each provider posts to a webhook, in the shapes of their documentation, signed as they sign."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from copy import deepcopy
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from anymail.backends.brevo import EmailBackend as BrevoBackend

from ecommerce_comms import clock

PASSWORD = "provider:let-me-in"
AUTHORIZATION = "Basic " + b64encode(PASSWORD.encode()).decode()
KEYS = {
    "MAILGUN_WEBHOOK_SIGNING_KEY": "mailgun-key", "MAILERSEND_SIGNING_SECRET": "mailersend-key", "MANDRILL_WEBHOOK_KEY": "mandrill-key",
    "MAILTRAP_TRACKING_SECRET": "mailtrap-key", "UNISENDER_GO_API_KEY": "unisender-key",
}
MANDRILL_URL = "https://shop.example/comms/webhooks/mandrill/"
ANYMAIL = {"WEBHOOK_SECRET": PASSWORD, "MANDRILL_WEBHOOK_URL": MANDRILL_URL, **KEYS}
"""For ``settings.ANYMAIL``: every webhook here is protected."""
PLAIN = ("brevo", "mailersend", "mailgun", "mailjet", "mailtrap", "mandrill", "postmark", "resend", "sparkpost", "unisender_go")
"""Providers whose events can be made without a library of their own."""
WITH_METADATA = tuple(name for name in PLAIN if name != "mailersend")
_count = 0


def number() -> str:
    """A new number of an event."""
    global _count
    _count += 1
    return f"event-{_count}"


def event(provider: str, what: str, *, recipient: str, mark: str = "", message_id: str = "", at: datetime | None = None) -> Any:
    """One event as plain data. ``what``: accepted, deferred, delivered, hard, soft, complained, unsubscribed (if the provider has it)."""
    at = at or clock.now()
    metadata = {"comms": mark} if mark else {}
    return MAKERS[provider](what, recipient, metadata, message_id or f"<{mark}@shop.example>", at)


def _brevo(what, recipient, metadata, message_id, at):
    names = {"accepted": "request", "deferred": "deferred", "delivered": "delivered", "hard": "hard_bounce", "soft": "soft_bounce",
             "complained": "spam", "unsubscribed": "unsubscribe"}
    return {"event": names[what], "email": recipient, "id": 26224, "message-id": message_id, "ts_epoch": int(at.timestamp() * 1000),
            "reason": "550 5.1.1 unknown" if what == "hard" else "ok", "tag": number(), "X-Mailin-custom": json.dumps(metadata)}


def _mailersend(what, recipient, metadata, message_id, at):
    names = {"accepted": "sent", "delivered": "delivered", "hard": "hard_bounced", "soft": "soft_bounced", "complained": "spam_complaint",
             "unsubscribed": "unsubscribed"}
    return {"type": f"activity.{names[what]}", "data": {
        "object": "activity", "id": number(), "type": names[what], "created_at": at.isoformat(),
        "email": {"message": {"id": message_id}, "recipient": {"email": recipient}, "tags": None},
        "morph": {"object": "recipient_bounce", "reason": "Host or domain name not found"} if what == "hard" else None,
    }}


def _mailgun(what, recipient, metadata, message_id, at):
    names = {"accepted": "accepted", "deferred": "failed", "delivered": "delivered", "hard": "failed", "soft": "failed",
             "complained": "complained", "unsubscribed": "unsubscribed"}
    severity = {"hard": "permanent", "soft": "permanent", "deferred": "temporary"}.get(what)
    return {"signature": {"timestamp": str(int(clock.now().timestamp())), "token": number(), "signature": ""}, "event-data": {
        "event": names[what], "timestamp": at.timestamp(), "id": number(), "recipient": recipient, "user-variables": metadata,
        "message": {"headers": {"message-id": message_id.strip("<>"), "to": recipient}}, **({"severity": severity} if severity else {}),
        **({"reason": "bounce" if what == "hard" else "generic", "delivery-status": {"message": "5.1.1 unknown" if what == "hard" else "x"}}
           if severity else {}),
    }}


def _mailjet(what, recipient, metadata, message_id, at):
    names = {"delivered": "sent", "hard": "bounce", "soft": "bounce", "complained": "spam", "unsubscribed": "unsub"}
    return {"event": names[what], "time": int(at.timestamp()), "MessageID": message_id, "email": recipient, "Payload": json.dumps(metadata),
            "customcampaign": number(), **({"hard_bounce": what == "hard", "error": "user unknown"} if what in ("hard", "soft") else {})}


def _mailtrap(what, recipient, metadata, message_id, at):
    names = {"deferred": "soft bounce", "delivered": "delivery", "hard": "bounce", "complained": "spam", "unsubscribed": "unsubscribe"}
    return {"event": names[what], "event_id": number(), "message_id": message_id, "email": recipient, "timestamp": int(at.timestamp()),
            "custom_variables": metadata, "response": "550 5.1.1 no such user" if what == "hard" else "250"}


def _mandrill(what, recipient, metadata, message_id, at):
    names = {"accepted": "send", "deferred": "deferral", "hard": "hard_bounce", "soft": "soft_bounce", "complained": "spam",
             "unsubscribed": "unsub"}
    return {"event": names[what], "ts": int(at.timestamp()), "_id": message_id,
            "msg": {"email": recipient, "metadata": metadata, "tags": [number()], "diag": "smtp;550 5.1.1 x" if what == "hard" else ""}}


def _postmark(what, recipient, metadata, message_id, at):
    records = {"delivered": "Delivery", "hard": "Bounce", "soft": "Bounce", "deferred": "Bounce", "complained": "SpamComplaint",
               "unsubscribed": "SubscriptionChange"}
    types = {"hard": "HardBounce", "soft": "SoftBounce", "deferred": "Transient", "complained": "SpamComplaint"}
    return {"RecordType": records[what], "ID": number(), "MessageID": message_id, "Email": recipient, "BouncedAt": at.isoformat(),
            "Metadata": metadata, "Details": "smtp;550 5.1.1 unknown user" if what == "hard" else "x",
            **({"Type": types[what]} if what in types else {}),
            **({"SuppressSending": True, "SuppressionReason": "ManualSuppression"} if what == "unsubscribed" else {})}


def _resend(what, recipient, metadata, message_id, at):
    names = {"accepted": "sent", "deferred": "delivery_delayed", "delivered": "delivered", "hard": "bounced", "soft": "bounced",
             "complained": "complained"}
    kinds = {"hard": "Permanent", "soft": "Transient"}
    return {"type": f"email.{names[what]}", "created_at": at.isoformat(), "data": {
        "email_id": message_id, "to": [recipient], "subject": number(), "headers": [{"name": "X-Metadata", "value": json.dumps(metadata)}],
        **({"bounce": {"message": "a bounce message", "type": kinds[what], "subType": "General"}} if what in kinds else {}),
    }}


def _sparkpost(what, recipient, metadata, message_id, at):
    names = {"accepted": "injection", "deferred": "delay", "delivered": "delivery", "hard": "bounce", "soft": "bounce",
             "complained": "spam_complaint", "unsubscribed": "link_unsubscribe"}
    classes = {"hard": "10", "soft": "22"}
    return {"msys": {"message_event": {
        "type": names[what], "event_id": number(), "transmission_id": message_id, "raw_rcpt_to": recipient, "rcpt_meta": metadata,
        "timestamp": str(int(at.timestamp())), **({"bounce_class": classes[what]} if what in classes else {}),
    }}}


def _unisender_go(what, recipient, metadata, message_id, at):
    names = {"accepted": "sent", "deferred": "soft_bounced", "delivered": "delivered", "hard": "hard_bounced", "complained": "spam",
             "unsubscribed": "unsubscribed"}
    return {"event_name": "transactional_email_status", "event_data": {
        "status": names[what], "event_time": at.strftime("%Y-%m-%d %H:%M:%S"), "job_id": message_id, "email": recipient,
        "metadata": {**metadata, "tag": number()}, "delivery_info": {"delivery_status": "err_user_unknown" if what == "hard" else "ok"},
    }}


def _amazon_ses(what, recipient, metadata, message_id, at):
    mail = {"messageId": message_id, "destination": [recipient], "headers": [{"name": "X-Metadata", "value": json.dumps(metadata)}]}
    if what in ("hard", "soft"):
        return {"eventType": "Bounce", "mail": mail, "bounce": {
            "bounceType": "Permanent" if what == "hard" else "Transient", "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": recipient, "diagnosticCode": "smtp; 550 5.1.1 user unknown" if what == "hard" else "x"}],
        }}
    if what == "complained":
        return {"eventType": "Complaint", "mail": mail, "complaint": {"complainedRecipients": [{"emailAddress": recipient}]}}
    return {"eventType": "Delivery", "mail": mail, "delivery": {"recipients": [recipient]}}


MAKERS: dict[str, Any] = {name.removeprefix("_"): maker for name, maker in dict(globals()).items()
                          if name.removeprefix("_") in (*PLAIN, "amazon_ses")}


def batch(provider: str, events: list[Any]) -> Any:
    """The whole payload of one request with ``events``; providers that send one at a time get the first."""
    if provider in ("mailjet", "mandrill", "sparkpost"):
        return events
    if provider == "mailtrap":
        return {"events": events}
    if provider == "unisender_go":
        return {"auth": "0" * 32, "events_by_user": [{"user_id": 1, "events": events}]}
    return events[0]


def request(provider: str, payload: Any) -> dict[str, Any]:
    """Arguments for ``client.post``: ``payload`` signed by ``provider``."""
    payload = deepcopy(payload)
    if provider == "mailgun" and isinstance(payload, dict) and isinstance(payload.get("signature"), dict):
        signed = f"{payload['signature'].get('timestamp')}{payload['signature'].get('token')}".encode("utf-8", "replace")
        payload["signature"]["signature"] = hmac.new(KEYS["MAILGUN_WEBHOOK_SIGNING_KEY"].encode(), signed, hashlib.sha256).hexdigest()
    body = json.dumps(payload).encode()
    return signed_request(provider, body)


def signed_request(provider: str, body: bytes) -> dict[str, Any]:
    """Arguments for ``client.post``: ``body`` as it is, with the signature that stands beside it."""
    headers = {"Authorization": AUTHORIZATION}
    content_type = "application/json"
    if provider in ("mailersend", "mailtrap"):
        setting, header = {"mailersend": ("MAILERSEND_SIGNING_SECRET", "Signature"),
                           "mailtrap": ("MAILTRAP_TRACKING_SECRET", "Mailtrap-Signature")}[provider]
        headers[header] = hmac.new(KEYS[setting].encode(), body, hashlib.sha256).hexdigest()
    elif provider == "mandrill":
        events = body.decode("utf-8", "replace")
        headers["X-Mandrill-Signature"] = b64encode(
            hmac.new(KEYS["MANDRILL_WEBHOOK_KEY"].encode(), f"{MANDRILL_URL}mandrill_events{events}".encode(), hashlib.sha1).digest()
        ).decode()
        body, content_type = urlencode({"mandrill_events": events}).encode(), "application/x-www-form-urlencoded"
    elif provider == "unisender_go":
        mark = b"0" * 32
        body = body.replace(mark, hashlib.md5(body.replace(mark, KEYS["UNISENDER_GO_API_KEY"].encode())).hexdigest().encode())
    return {"data": body, "content_type": content_type, "headers": headers}


class OwnBackend(BrevoBackend):
    """A shop's own variant of a provider's backend."""
