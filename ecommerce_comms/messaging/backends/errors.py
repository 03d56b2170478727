"""What a failure means: whether to try again, whose fault it was, and whether the mail may have gone out all the same."""

from __future__ import annotations

import re
import smtplib
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused

from ecommerce_comms import clock
from ecommerce_comms.exceptions import DeliveryError, PermanentDeliveryError, TransientDeliveryError

LONGEST_SAID = 500
LONGEST_WAIT = 86_400.0
"""Seconds that a provider may ask us to wait, at most."""
_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?!\S)")
BAD_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4", "5.4.310"})
"""Enhanced codes of an address that does not exist (RFC 3463, 3.2 and 3.5; 5.1.10 is RFC 7505, 5.4.310 Exchange's unknown domain)."""
TOO_BIG = 552
NO_SUCH_USER_HERE = 551
LOCKED_OUT = frozenset({401, 402, 403, 404, 405})
"""HTTP: a key that was revoked, a bill, a wrong address of the service. It would be the same for every message."""
LATER = frozenset({408, 409, 425, 429})
BEFORE_THE_REQUEST = frozenset({
    "EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "NoCredentialsError", "PartialCredentialsError",
})
"""Errors of botocore, by name, for it may not be installed: nothing was sent yet."""
THROTTLED = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException", "LimitExceededException"})
ACCOUNT = frozenset({"SendingPausedException", "AccountSuspendedException", "MailFromDomainNotVerifiedException"})
"""Errors of Amazon SES that are about the shop's account, not about a message."""
LOCKED_OUT_OF_POSTAL = frozenset({"AccessDenied", "InvalidServerAPIKey", "ServerSuspended"})


def classify(error: Exception, *, handed_over: bool | None = None, opening: bool = False) -> DeliveryError:
    """``error`` in our words. ``handed_over``: the other side may have the mail; None if nobody knows.

    While a connection is being opened there is no message that could be at fault.
    """
    if isinstance(error, DeliveryError):
        return error
    if opening:
        return transient(f"No connection: {_say(error)}", code=_reply(error)[0] or None, blames=True)
    if isinstance(error, AnymailError):
        return _over_http(error, handed_over)
    code, text = _reply(error)
    if code:
        return _refused(error, code, text, handed_over)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return PermanentDeliveryError(str(error))
    if isinstance(error, OSError):  # smtplib's errors are, too
        return _lost(error, handed_over)
    if handed_over:  # it answered, and the answer could not be read
        return transient(_say(error), blames=True, uncertain=True)
    return PermanentDeliveryError(_say(error))


def is_lost(error: Exception) -> bool:
    """Whether the connection is of no use to the next mail."""
    if isinstance(error, AnymailError):
        return getattr(error, "response", None) is None
    return _reply(error)[0] in (0, 421) and isinstance(error, OSError) and not isinstance(error, smtplib.SMTPNotSupportedError)


def _refused(error: Exception, code: int, text: str, handed_over: bool | None) -> DeliveryError:
    """What an SMTP reply means (RFC 5321, 4.2; an enhanced code of RFC 3463 decides where there is one)."""
    found = _ENHANCED.match(text)
    enhanced = found[1] if found else ""
    said = f"{code} {text}"
    of_sender = isinstance(error, smtplib.SMTPSenderRefused) and code != TOO_BIG and enhanced != "5.3.4"
    if of_sender or code == 421 or enhanced.startswith("4.3."):
        # The sender is the same for every message: no single one is to be given up for it.
        return transient(said, code=code, blames=True)
    if not 400 <= code < 600:
        return transient(said, code=code, blames=True, uncertain=handed_over is not False)  # that is no SMTP
    if (enhanced or str(code)).startswith("4"):
        return transient(said, code=code)
    failure = permanent(said, code)
    failure.bad_address = enhanced in BAD_ADDRESS or (code == NO_SUCH_USER_HERE and not enhanced)
    return failure


def _reply(error: Exception) -> tuple[int, str]:
    """Code and text of the server's answer; 0 if there was none."""
    code: int
    raw: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, raw = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, raw = error.smtp_code, error.smtp_error
    else:
        return 0, ""
    return code, raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw


def _lost(error: Exception, handed_over: bool | None) -> DeliveryError:
    """The connection broke; if that was after the mail had left, nobody knows what became of it (RFC 1047)."""
    if handed_over is None:
        handed_over = isinstance(error, (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionResetError))
    return transient(_say(error), blames=True, uncertain=handed_over)


def _over_http(error: AnymailError, handed_over: bool | None) -> DeliveryError:
    if isinstance(error, AnymailRecipientsRefused):
        told = error.email_message.anymail_status
        failure = permanent(_say(error))
        failure.bad_address = "invalid" in (told.status or ())
        return failure if told.status else _named_nobody()
    status, name = _status(error)
    if status is None and not isinstance(error, AnymailAPIError):
        return PermanentDeliveryError(_say(error))  # anymail could not put the message into the provider's words
    cause = type(error.__cause__).__name__
    if status is None:
        return transient(_say(error), blames=True, uncertain=cause not in BEFORE_THE_REQUEST if handed_over is None else handed_over)
    if name in THROTTLED or status == 429:
        return transient(_say(error), code=status, blames=True, retry_after=_retry_after(error))
    if status in LOCKED_OUT or name in ACCOUNT or _is_no(error, LOCKED_OUT_OF_POSTAL) or 300 <= status < 400:
        return transient(_say(error), code=status, blames=True)
    if status in LATER:
        return transient(_say(error), code=status, uncertain=status == 409, retry_after=_retry_after(error))  # 409: it is at it
    if 400 <= status < 500 or _is_no(error):
        return permanent(_say(error), status)
    # An answer that said yes and cannot be read, or a failure after the request was taken in.
    return transient(_say(error), code=status, blames=True, uncertain=True, retry_after=_retry_after(error))


def of_status(status: Any) -> DeliveryError | None:
    """What anymail's ``status`` of an accepted request means where anymail does not raise by itself."""
    if not status.status or (status.status == {"unknown"} and status.message_id is None):
        return _named_nobody()
    if "failed" not in status.status:
        return None
    code = getattr(status.esp_response, "status_code", None)
    said = f"The provider could not send it: {status!r}"
    return permanent(said, code) if code and 400 <= code < 500 else transient(said, code=code)


def _named_nobody() -> TransientDeliveryError:
    return transient("The provider said yes, but did not say of whom.", blames=True, uncertain=True)


def _status(error: AnymailError) -> tuple[int | None, str]:
    """The HTTP status and, from Amazon, the name of the error."""
    if error.status_code is not None:
        return int(error.status_code), ""
    told = getattr(error.__cause__, "response", None)
    if not isinstance(told, dict):
        return None, ""
    return told.get("ResponseMetadata", {}).get("HTTPStatusCode"), str(told.get("Error", {}).get("Code", ""))


def _is_no(error: AnymailError, codes: frozenset[str] | None = None) -> bool:
    """Whether Postal, which says 200 to everything, refuses in so many words (docs.postalserver.io); with one of ``codes``."""
    if error.esp_name != "Postal":
        return False
    try:
        told = error.response.json()
        return told["status"] in ("error", "parameter-error") and (codes is None or told["data"]["code"] in codes)
    except (AttributeError, ValueError, KeyError, TypeError):
        return False


def _retry_after(error: AnymailError) -> float | None:
    return retry_after(str(getattr(getattr(error, "response", None), "headers", {}).get("Retry-After", "")))


def retry_after(value: str) -> float | None:
    """Seconds that a provider asks us to wait by the header ``Retry-After``: a number, or until a date (RFC 9110, 10.2.3)."""
    value = value.strip()
    if value.isdecimal():
        return min(float(value[:9]), LONGEST_WAIT)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=timezone.utc)
    return min(max((aware - clock.now()).total_seconds(), 0.0), LONGEST_WAIT)


def transient(
    said: str, *, code: int | None = None, blames: bool = False, uncertain: bool = False, retry_after: float | None = None,
) -> TransientDeliveryError:
    """A failure after which trying later may help; ``blames`` the provider, so that another one may be asked."""
    failure = TransientDeliveryError(said[:LONGEST_SAID])
    failure.code, failure.blames_provider, failure.uncertain, failure.retry_after = code, blames, uncertain, retry_after
    return failure


def permanent(said: str, code: int | None = None) -> PermanentDeliveryError:
    """A refusal for good."""
    failure = PermanentDeliveryError(said[:LONGEST_SAID])
    failure.code = code
    return failure


def _say(error: Any) -> str:
    """What happened, in a line; of a web page that came instead of an answer only the beginning."""
    if not isinstance(error, AnymailError):
        code, text = _reply(error)
        return f"{code} {text}" if code else f"{type(error).__name__}: {error}"[:LONGEST_SAID]
    said = [str(part) for part in error.args] + ([f"{type(error.__cause__).__name__}: {error.__cause__}"] if error.__cause__ else [])
    content = getattr(getattr(error, "response", None), "content", b"")
    if error.status_code is not None:
        said.append(f"HTTP {error.status_code} {content[:300].decode('utf-8', 'replace') if isinstance(content, bytes) else ''}")
    return " ".join(" ".join(said).split())[:LONGEST_SAID]
