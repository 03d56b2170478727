"""Resend with idempotency keys: the same message sent again within a day is not sent twice."""

from __future__ import annotations

from typing import Any

from anymail.backends.resend import EmailBackend as AnymailResend
from anymail.message import AnymailRecipientStatus


class EmailBackend(AnymailResend):  # type: ignore[misc]
    """anymail's backend, with the key in the request: in the mail's own headers Resend would not look for it.

    See resend.com/docs/dashboard/emails/idempotency-keys.
    """

    def build_message_payload(self, message: Any, defaults: dict[str, Any]) -> Any:
        """The request, with the message's key."""
        payload = super().build_message_payload(message, defaults)
        if key := getattr(message, "comms_key", ""):
            payload.headers["Idempotency-Key"] = key
        return payload

    def raise_for_status(self, response: Any, payload: Any, message: Any) -> None:
        """Raise for a refusal; that the key was used before for other words is none, but says that the message went out."""
        if not _was_sent(response):
            super().raise_for_status(response, payload, message)

    def parse_recipient_status(self, response: Any, payload: Any, message: Any) -> Any:
        """What became of each recipient."""
        if _was_sent(response):
            return {one.addr_spec: AnymailRecipientStatus(message_id=None, status="queued") for one in payload.recipients}
        return super().parse_recipient_status(response, payload, message)


def _was_sent(response: Any) -> bool:
    """Whether Resend refuses the request because an earlier one with its key, and perhaps an older text, was accepted."""
    if response.status_code != 409:
        return False
    try:
        return bool(response.json()["name"] == "invalid_idempotent_request")
    except (ValueError, KeyError, TypeError):
        return False
