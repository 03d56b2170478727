"""Whether a bounce says that the address does not exist.

Anymail calls a full mailbox, a spam filter and an unknown user alike "bounced", and nothing is ever sent again to an address that
is taken for dead. So the provider has to say that it is for good, and the mail server's answer must not say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
NOT_THE_ADDRESS = re.compile(r"[24]\..*|5\.7\..*|5\.2\.[23]|5\.3\.\d+|5\.[56]\..*")
"""Enhanced status codes (RFC 3463) of policy and spam (5.7), full mailboxes (5.2.2), size and content: not the address's fault."""
NO_SUCH_ADDRESS = re.compile(r"5\.1\.(1|2|3|6|10)")


def at(data: Any, *path: str) -> Any:
    """What lies under ``path`` in nested mappings; ``None`` if there is no such place."""
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def _sparkpost(event: Any) -> Any:
    wrapped = at(event, "msys")
    return next(iter(wrapped.values()), None) if isinstance(wrapped, Mapping) else None


FOR_GOOD: dict[str, Callable[[Any, str], bool]] = {
    "amazon_ses": lambda event, status: at(event, "bounce", "bounceType") == "Permanent",
    "brevo": lambda event, status: at(event, "event") in ("hard_bounce", "invalid_email"),
    "mailersend": lambda event, status: at(event, "data", "type") == "hard_bounced",
    "mailgun": lambda event, status: (
        at(event, "event") == "bounced"
        or (at(event, "event-data", "severity") == "permanent" and at(event, "event-data", "reason") in ("bounce", "suppress-bounce"))
    ),
    "mailjet": lambda event, status: at(event, "event") == "bounce" and at(event, "hard_bounce") is True,
    "mailtrap": lambda event, status: at(event, "event") == "bounce",
    "mandrill": lambda event, status: at(event, "event") == "hard_bounce",
    # A mail server's answer is all that Postal has to say.
    "postal": lambda event, status: bool(NO_SUCH_ADDRESS.fullmatch(status)),
    "postmark": lambda event, status: not {at(event, "Type"), at(event, "SuppressionReason")}.isdisjoint({"HardBounce", "BadEmailAddress"}),
    "resend": lambda event, status: at(event, "data", "bounce", "type") == "Permanent",
    "sendgrid": lambda event, status: at(event, "event") == "bounce" and at(event, "type") == "bounce",
    # 10 "Invalid Recipient" and 30 "Generic Bounce: No RCPT" are SparkPost's hard ones.
    "sparkpost": lambda event, status: at(_sparkpost(event), "bounce_class") in ("10", "30"),
    "unisender_go": lambda event, status: (
        at(event, "delivery_info", "delivery_status") in ("err_user_unknown", "err_user_inactive", "err_domain_inactive")
    ),
}
"""By provider: whether its event, with the status code that was found in it, is for good."""


def is_hard(provider: str, event: Any, said: str) -> bool:
    """Whether ``event`` (as the provider wrote it) and ``said`` (what the mail server answered) mean that the address is dead."""
    found = _STATUS.search(said)
    status = found.group() if found else ""
    return FOR_GOOD[provider](event, status) and not NOT_THE_ADDRESS.fullmatch(status)
