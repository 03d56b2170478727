"""The demo's own SMS gateway: every text message lands in the demo mailbox, and on no phone."""

from __future__ import annotations

import hmac
import json
import mailbox
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ecommerce_comms import clock


@csrf_exempt  # a server posts here, and signs what it posts
@require_POST
def take(request: HttpRequest) -> JsonResponse:
    """Keep one text message that the shop has signed."""
    if not _is_signed(request):
        return JsonResponse({"error": "account"}, status=401)
    told = json.loads(request.body)
    box = mailbox.Maildir(settings.MAILBOX_DIR, create=True)
    return JsonResponse({"id": box.add(_as_mail(told)), "status": "delivered"})


def _is_signed(request: HttpRequest) -> bool:
    """``t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">``, as docs/how-to/send-sms.md has it."""
    parts = dict(part.partition("=")[::2] for part in request.headers.get("X-Comms-Signature", "").split(","))
    signed = parts.get("t", "").encode() + b"." + request.body
    expected = hmac.new(settings.DEMO_SMS_SECRET.encode(), signed, "sha256").hexdigest()
    return hmac.compare_digest(expected.encode(), parts.get("v1", "").encode())


def _as_mail(told: dict[str, Any]) -> EmailMessage:
    """A mailbox holds mails: the number is its recipient, the text its subject and body."""
    mail = EmailMessage()
    mail["To"], mail["Subject"] = str(told["to"]), " ".join(str(told["text"]).split())[:150]
    mail["Date"], mail["X-Channel"] = format_datetime(clock.now()), "sms"
    mail.set_content(str(told["text"]))
    return mail
