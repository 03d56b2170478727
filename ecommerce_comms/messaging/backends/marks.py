"""What tells a provider, and later us, which message a request is about."""

from __future__ import annotations

from typing import Any

from ecommerce_comms.messaging.backends.mails import Mail

METADATA = "comms"
"""Under this name a message's key comes back in the metadata of a provider's events."""
NO_METADATA = frozenset({"MailerSend", "Postal"})
"""Providers for whom anymail refuses metadata."""
OWN_MESSAGE_ID = frozenset({"Mailjet"})
"""Providers who refuse a mail that brings a Message-ID along (Mailjet's list of forbidden headers)."""
KEY_HEADERS = {"Brevo": "idempotencyKey"}
"""Providers who read the key among the mail's headers (Brevo: developers.brevo.com/docs/heterogenous-versions-batch-emails)."""
KEY_SECONDS = {"ecommerce_comms.messaging.backends.resend.EmailBackend": 24 * 3600.0, "anymail.backends.brevo.EmailBackend": 15 * 60.0}
"""How long a provider knows a key again: Resend a day (resend.com/docs/dashboard/emails/idempotency-keys), Brevo a quarter of an hour."""


def mark(mail: Mail, backend: Any, key: str) -> None:
    """Put ``key`` where the provider behind ``backend`` (of anymail) will return it, and where it will recognise a repetition."""
    provider = backend.esp_name
    # Brevo refuses letters beyond ASCII in a header, others mangle them; none of ours says anything in them.
    mail.extra_headers = {name: value.encode("ascii", "ignore").decode() for name, value in mail.extra_headers.items()}
    if provider in OWN_MESSAGE_ID:
        mail.extra_headers.pop("Message-ID", None)
    if not key:
        return
    mail.comms_key = key
    if provider not in NO_METADATA:
        mail.metadata = {METADATA: key}
    if provider in KEY_HEADERS:
        mail.extra_headers[KEY_HEADERS[provider]] = key
