"""System checks of ``ECOMMERCE_COMMS`` itself: what each setting has to be, and what is wrong with it if it is not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import get_language_info

from ecommerce_comms.checks import channels, kinds
from ecommerce_comms.checks.calling import call_hours
from ecommerce_comms.conf import DEFAULTS, conf
from ecommerce_comms.customers import phones
from ecommerce_comms.messaging import quiet
from ecommerce_comms.messaging.addresses import usable
from ecommerce_comms.messaging.backends.provider_checks import are_entries
from ecommerce_comms.messaging.feedback import sns
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.shipping.models import Lateness
from ecommerce_comms.shipping.policy import POLICIES
from ecommerce_comms.zones import is_zone

Rule = tuple[Callable[[Any], str], str]
"""What is wrong with a value, in words that follow a colon (none if it fits), and how to write it."""
_RATE = re.compile(r"\d{1,7}/(sec|min|hour|day)")
_LANGUAGE = re.compile(r"([a-z]{2,3}([-_][a-z0-9]{2,8})*)?", re.IGNORECASE)
_SLUG = re.compile(r"[-\w]{1,40}", re.ASCII)
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
STAGES = tuple(Lateness.Stage.values)
SECRETS = frozenset({"CARRIER_WEBHOOKS", "EMAIL_PROVIDERS", "HASH_KEY", "HEALTH_TOKEN", "MESSENGERS", "SMS_GATEWAYS"})
"""What no log must quote."""


def check_settings(**_arguments: Any) -> list[CheckMessage]:
    """E001: not a dict. W001: a name that the app does not know."""
    try:
        given = conf.given()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint='Write ECOMMERCE_COMMS = {"ORDER_MODEL": "shop.Order", …}.', id="ecommerce_comms.E001")]
    return [_unknown(name) for name in given if name not in DEFAULTS]


def _unknown(name: str) -> CheckMessage:
    close = difflib.get_close_matches(str(name), DEFAULTS, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known settings: {', '.join(DEFAULTS)}."
    return Warning(f"ECOMMERCE_COMMS has no setting {name!r}; it has no effect.", hint=hint, id="ecommerce_comms.W001")


def wrong_values() -> dict[str, CheckMessage]:
    """E007: a value of the wrong type or meaning, by the name of its setting."""
    given = {name: value for name, value in conf.given().items() if name in DEFAULTS}
    return {name: _wrong(name, value, why) for name, value in given.items() if (why := _rule(name)[0](value))}


def _wrong(name: str, value: Any, why: str) -> CheckMessage:
    shown = f"a secret ({type(value).__name__})" if name in SECRETS else repr(value)
    hint = _rule(name)[1].format(DEFAULTS[name])
    return Error(f'ECOMMERCE_COMMS["{name}"] is {shown}: {why}.', hint=hint, id="ecommerce_comms.E007")


def _rule(name: str) -> Rule:
    return RULES.get(name) or TYPES[type(DEFAULTS[name])]


def _bool(value: Any) -> str:
    return "" if isinstance(value, bool) else "this is neither True nor False"


def _count(value: Any, least: int = 0) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return "this is no whole number"
    return "" if value >= least else f"this is less than {least}"


def _positive(value: Any) -> str:
    return _count(value, least=1)


def _text(value: Any) -> str:
    return "" if isinstance(value, (str, Promise)) else "this is no text"


def _paths(value: Any) -> str:
    if not isinstance(value, dict):
        return "this is no dict"
    odd = [part for pair in value.items() for part in pair if not isinstance(part, str)]
    return f"{odd[0]!r} in it is no text" if odd else ""


def _days(value: Any) -> str:
    """Numbers of days by kinds of rows that there are."""
    if not isinstance(value, dict):
        return "this is no dict"
    wrong = (f"there is no kind {name!r}" if name not in DEFAULTS["RETENTION_DAYS"] else f"for {name!r}, {why}"
             for name, kept in value.items() if (why := _count(kept)) or name not in DEFAULTS["RETENTION_DAYS"])
    return next(wrong, "")


def _some_of(known: Sequence[str]) -> Callable[[Any], str]:
    """A rule: a list of names that are known."""
    return lambda value: _texts(value) or next((f"there is no {name!r}" for name in value if name not in known), "")


def _channels(value: Any) -> str:
    """Lists of channels by the topics that there are."""
    if not isinstance(value, dict):
        return "this is no dict"
    odd = (f"there is no topic {name!r}" for name in value if name not in DEFAULTS["CHANNELS"])
    return next(odd, "") or next((f"for {name!r}, {why}" for name, listed in value.items() if (why := _texts(listed))), "")


def _kinds(value: Any) -> str:
    """A list of kinds of messages, the shop's own included."""
    return _some_of((*texts.KINDS, *conf.given().get("MESSAGE_KINDS", ())))(value)


def _stage_days(value: Any) -> str:
    """Numbers of days by the stages that have a clock."""
    if not isinstance(value, dict):
        return "this is no dict"
    odd = (name for name in value if name not in DEFAULTS["DELAY_DAYS"])
    wrong = (f"for {name!r}, {why}" for name, days in value.items() if (why := _count(days)))
    return next((f"no stage {name!r} has a clock" for name in odd), "") or next(wrong, "")


def _chance(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "this is no number"
    return "" if 0 < value < 1 else "this is not between 0 and 1"


def _accounts(value: Any) -> str:
    """Dicts by names that can stand in an address."""
    if not isinstance(value, dict):
        return "this is no dict"
    odd = [name for name in value if not isinstance(name, str) or not _SLUG.fullmatch(name)]
    if odd:
        return f"{odd[0]!r} in it cannot stand in an address"
    return next((f"what stands under {name!r} is no dict" for name, each in value.items() if not isinstance(each, dict)), "")


def _texts(value: Any) -> str:
    if not isinstance(value, (list, tuple)):
        return "this is no list"
    return next((f"{each!r} in it is no text" for each in value if not isinstance(each, str)), "")


def _topics(value: Any) -> str:
    return _texts(value) or next((f"{topic!r} in it is no ARN of a topic" for topic in value if not sns.TOPIC.fullmatch(topic)), "")


def _entries(value: Any) -> str:
    return "" if are_entries(value) else "this is no list of dicts"


def _url(value: Any) -> str:
    """A host on the web; empty is fine."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "?")
        is_whole = value == "" or (parts.scheme in ("http", "https") and bool(parts.hostname))
    except ValueError:
        is_whole = False
    return "" if is_whole else "this is no whole address of the web"


def _address(value: Any) -> str:
    """An e-mail address alone, without a name before it; empty is fine."""
    return _text(value) or ("" if not str(value) or usable(str(value)) else "this is no e-mail address")


def _zone(value: Any) -> str:
    return "" if value == "" or (isinstance(value, str) and is_zone(value)) else "there is no time zone of that name"


def _language(value: Any) -> str:
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        return "this is no tag of a language"
    return "" if not value or _is_spoken(re.split("[-_]", value.lower())[0]) else "neither Django nor Babel knows this language"


def _is_spoken(language: str) -> bool:
    try:
        return bool(get_language_info(language))
    except KeyError:
        pass
    try:
        return bool(Locale.parse(language))
    except (UnknownLocaleError, ValueError):
        return False


def _quiet_hours(value: Any) -> str:
    if not isinstance(value, str):
        return "this is no text"
    try:
        quiet.parse(value)
    except ValueError as error:
        return f"it {str(error).removeprefix(f'{value!r} ').rstrip('.')}"
    return ""


def _level(value: Any) -> str:
    if not isinstance(value, float):
        return "this is no number with a point"
    return "" if 0.5 <= value <= 0.99 else "this is not between 0.5 and 0.99"


def _hour(value: Any) -> str:
    """A time of day."""
    return "" if isinstance(value, str) and _HOUR.fullmatch(value) else "this is no time of day"


def _rate(value: Any) -> str:
    return "" if value == "" or (isinstance(value, str) and _RATE.fullmatch(value)) else "this is no number and time"


def _one_of(*words: str) -> Callable[[Any], str]:
    return lambda value: "" if value in words else f"this is none of {', '.join(words)}"


def _country(value: Any) -> str:
    """A country whose phone numbers are known; without the extra ``sms`` none is, which another check tells."""
    if not isinstance(value, str) or not re.fullmatch(r"([A-Z]{2})?", value):
        return "this is no code of two capital letters"
    return "" if not value or not phones.IS_KNOWING or phones.is_country(value) else "there is no such country"


def _anything(value: Any) -> str:
    return ""


TYPES: dict[type, Rule] = {
    bool: (_bool, "Write True or False, without quotes."),
    int: (_count, "Write a whole number without quotes, 0 or more, such as {}."),
    str: (_text, "Write a text in quotes."),
    dict: (_paths, 'Write a dict of texts, such as {{"email": "ecommerce_comms.messaging.backends.email.EmailBackend"}}.'),
}
"""What a value has to be, by the type of its default, and how to write it."""
ABOVE_ZERO: Rule = (_positive, "Write a whole number above 0 without quotes, such as {}.")
LIMIT: Rule = (_count, "Write how many mails one person gets at most, such as {}. For no limit write 0.")
RULES: dict[str, Rule] = {
    "ORDER_FIELDS": (_anything, ""),  # the adapter's own affair
    "BACKENDS": (lambda value: _paths(value) or channels.names(value),
                'Write dotted paths by channel, such as {{"email": "ecommerce_comms.messaging.backends.email.EmailBackend"}}.'),
    "TIME_ZONE": (_zone, 'Write the name of a zone, such as "Asia/Kolkata", or "" for Django\'s TIME_ZONE.'),
    "LANGUAGE": (_language, 'Write the tag of a language, such as "hi" or "pt-BR", or "" for LANGUAGE_CODE.'),
    "API_RATE": (_rate, 'Write a number and a time, such as "300/min" (sec, min, hour or day), or "" for no limit.'),
    "WAKER": (_one_of("thread", "notify", "off"), 'Write "thread", "notify" or "off".'),
    "SWEEPER": (_one_of("worker", "off"), 'Write "worker" or "off".'),
    "SWEEP_SECONDS": ABOVE_ZERO,
    "SHOP_URL": (_url, 'Write the whole address, such as "https://shop.example", or "" if there is none.'),
    "SHOP_EMAIL": (_address, 'Write the address alone, such as "help@shop.example", or "" if customers have none to write to.'),
    "MARKETING_PER_DAY": LIMIT,
    "MARKETING_PER_WEEK": LIMIT,
    "RETENTION_DAYS": (_days, f'Write days by kind, such as {{{{"messages": 730}}}}; there are {", ".join(DEFAULTS["RETENTION_DAYS"])}.'),
    "WEBHOOKS": (lambda value: "" if value is None else _texts(value),
                 'Write the list of providers, such as ["postmark"], or None for those through which mails are sent.'),
    "CARRIER_WEBHOOKS": (_accounts, 'Write a dict of dicts by names of letters and digits, such as {{"aftership": {{"secret": "…"}}}}.'),
    "CARRIER_POLLERS": (_paths, 'Write a dict of dotted paths, such as {{"post": "shop.tracking.PostPoller"}}.'),
    "SNS_TOPICS": (_topics, 'Write the list of topics, such as ["arn:aws:sns:eu-central-1:123456789012:bounces"].'),
    "WEBHOOK_MAX_BYTES": ABOVE_ZERO,
    "WEBHOOK_MAX_AGE_SECONDS": ABOVE_ZERO,
    "QUIET_HOURS": (_quiet_hours, 'Write when the night begins and ends, such as "21:00-08:00", or "" for no quiet hours.'),
    "CALL_HOURS": (call_hours, 'Write hours by days, such as {{"mon-fri": "09:00-12:00, 13:00-18:00", "sat": "10:00-13:00"}}.'),
    "CALL_TRIES": ABOVE_ZERO,
    "URGENT_KINDS": (_kinds, 'Write a list of kinds of messages, such as ["order_out_for_delivery"], or [] for none.'),
    "EMAIL_PROVIDERS": (_entries, 'Write a list of dicts, such as [{{"name": "relay", "backend": "dotted.path.EmailBackend"}}].'),
    "SMS_GATEWAYS": (_entries, 'Write a list of dicts, such as [{{"name": "twilio", "gateway": "twilio", "options": {{}}}}].'),
    "SMS_STOP_WORDS": (_texts, 'Write a list of words, such as ["hør op"].'),
    "PHONE_COUNTRY": (_country, 'Write the code of ISO 3166, such as "IN", or "" if all numbers begin with "+".'),
    "MESSENGERS": (_paths, 'Write a dict of addresses by channel, such as {{"telegram": "tgram://token/{{phone}}"}}.'),
    "PROMISE_LEVEL": (_level, "Write a share, such as {}; at 0.9, nine of ten parcels arrive by the last day of their window."),
    "DELAY_POLICY": (_one_of(*POLICIES), f"Write one of {', '.join(POLICIES)}, in quotes."),
    "CHANNELS": (_channels, 'Write lists of channels by topic, such as {{"orders": ["email"], "offers": ["email"]}}.'),
    "SMS_SEGMENTS": ABOVE_ZERO,
    "MESSAGE_KINDS": (kinds.kinds_of_shop, kinds.HOW),
    "DELAY_TELLS": (_some_of(STAGES), f"Write a list of some of {', '.join(STAGES)}."),
    "DELAY_DAYS": (_stage_days, 'Write working days by stage, such as {{"not_shipped": 1, "no_scan": 2, "stalled": 3}}.'),
    "DELAY_CLEAR": (_chance, "Write a chance between 0 and 1, such as {}."),
    "DELAY_ROUND_MINUTES": ABOVE_ZERO,
    "DELAY_OUTLOOK_DAYS": ABOVE_ZERO,
    "LEARN_AT": (_hour, 'Write a time of day in 24 hours, such as "{}".'),
    "LEARN_DAYS": ABOVE_ZERO,
    "LEARN_PARCELS": ABOVE_ZERO,
    "LEASE_SECONDS": ABOVE_ZERO,
    "SEND_SECONDS": ABOVE_ZERO,
    "BREAKER_FAILURES": ABOVE_ZERO,
    "BREAKER_SECONDS": ABOVE_ZERO,
    "BATCH_SIZE": ABOVE_ZERO,
    "MAX_ATTEMPTS": ABOVE_ZERO,
}
"""What a value has to be where its type says too little."""
