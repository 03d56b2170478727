"""Personal data as it may stand in a log: enough to recognise one's own, too little to write to.

Every module of the app that writes a log asks here for its logger::

    from ecommerce_comms import masking

    log = masking.logger(__name__)

What it writes is masked just before it is handed to the handlers, tracebacks included, so a line that is never written
costs nothing. A filter on the logger ``ecommerce_comms`` alone would not see the records of the loggers below it.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from types import TracebackType
from typing import Any
from uuid import UUID

_ADDRESS = re.compile(r"[^\s<>\"'(),:;\[\]@=]{1,256}(?:@|%40)[^\s<>\"'(),:;\[\]@&?]*[^\s<>\"'(),:;\[\]@&?.]", re.IGNORECASE)
#: What may be a phone number at all; looking for it costs a tenth of looking closely.
_LONG = re.compile(r"\d[\d ()/.-]{6,}\d")
#: A number that a mail server gave to a mail, as it says itself: it may have as many digits as a phone number, and is none.
_QUEUED = r"""
    (?:\bqueued\ (?:mail\ )?(?:for\ delivery\ )?as | \b(?:queue|message|internal|transaction)[ _-]?id | \b[qm]id
     | (?:^|[\s'":>])2\d\d[ -](?:2\.\d{1,3}\.\d{1,3}\ )?(?:ok|accepted|queued)(?:[:,]?\ {1,2}id)?)
    [\s:=#]{1,3} [<"'(\[]? \d{8,}+ (?!@|[ ()/-]+\d)
"""
#: As people write phone numbers: at least eight digits, with or without "+", in groups or in one; as one, no more than the fifteen of
#: E.164; with dots, only in the ways of France and America, or addresses of hosts would look like phones. Neither a part of a word or
#: of a time, nor a date.
_NUMBER = r"""
    (?: (?<![\w.:-]) | (?<=\btel:) | (?<=\bsms:) | (?<=\bfax:) | (?<=\bphone:) | (?<=\bmobile:) | (?<=\bwhatsapp:) )
    (?!\d{4}(?P<dash>[-/])\d\d(?P=dash)\d\d(?!\d)) (?!\d{16,}+(?![ ()/-]+\d))
    (?: \+?\d[\d ()/-]{6,}\d | 0\d(?:\.\d\d){4} | \d{3,5}\.\d{3,4}\.\d{4} ) (?!\w|:\d|-\w)
"""
_PHONE = re.compile(rf"(?P<queued>{_QUEUED})|{_NUMBER}".replace("[ ", r"[\ "), re.IGNORECASE | re.VERBOSE)
#: Where databases quote a row in their errors: PostgreSQL's details and the line of the statement, MariaDB's duplicate entries.
_QUOTES = (
    (re.compile(r"((?:DETAIL|CONTEXT|LINE \d+):).*?(?=\n(?:HINT|CONTEXT|LINE \d+):|\Z)", re.DOTALL), r"\1 …"),
    (re.compile(r"(Duplicate entry ').*(' for key)", re.DOTALL), r"\1…\2"),
    (re.compile(r"(invalid input (?:syntax|value) for [^:\n]*: \").*(\")", re.DOTALL), r"\1…\2"),
)
_NAME = re.compile(r"[\w.:/#~-]*")
"""One bare word, without blanks, "@" and "+": the name or number of something, such as an order's."""
_PLAIN = (int, float, Decimal, date, timedelta, UUID, type(None))
ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def masked(address: str) -> str:
    """``a…@c….example`` for ``asha@customers.example``; a phone number keeps its last two digits."""
    local, at, domain = re.sub("%40", "@", address.strip()).rpartition("@")
    if not at:
        return f"…{address.strip()[-2:]}" if address.strip() else ""
    name, dot, top = domain.rpartition(".")
    return f"{local[:1]}…@{name[:1]}…{dot}{top}" if dot else f"{local[:1]}…@{domain[:1]}…"


def mask(text: str) -> str:
    """``text`` with every e-mail address, phone number and row quoted by a database in it masked."""
    if ":" in text or "'" in text:
        for quote, instead in _QUOTES:
            text = quote.sub(instead, text)
    if "@" in text or "%40" in text:
        text = _ADDRESS.sub(lambda found: masked(found.group()), text)
    if not _LONG.search(text):
        return text
    return _PHONE.sub(lambda found: found.group() if found["queued"] else masked(found.group()), text)


def hide(text: str, words: Iterable[str]) -> str:
    """``text`` with ``…`` for each of ``words``, in upper or lower case, however an accent is encoded or a phone number is spaced.

    Short words in Latin letters are hidden only where they stand alone; longer ones also within others ("Ashas").
    """
    pattern = _pattern(frozenset(words)) if text else None
    return pattern.sub("…", text) if pattern else text


@lru_cache(maxsize=256)
def _pattern(words: frozenset[str]) -> re.Pattern[str] | None:
    forms = {unicodedata.normalize(form, word.strip()) for word in words for form in ("NFC", "NFD")}
    usable = [form for form in forms if len(form) > 1 or (form and not form.isascii())]
    ordered = sorted(usable, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(_one, ordered)), re.IGNORECASE) if ordered else None


def _one(word: str) -> str:
    digits = re.sub(r"\D", "", word)
    if len(digits) >= 7 and re.fullmatch(r"[+\d\s()./-]+", word):
        return r"[\s()./-]*".join(digits)
    body = r"\s+".join(map(re.escape, word.split()))
    return rf"(?<!\w){body}(?!\w)" if len(word) < 4 and word.isascii() else body


def logger(name: str) -> logging.Logger:
    """The logger ``name``, which writes nothing that is not masked."""
    found = logging.getLogger(name)
    if not any(isinstance(each, MaskingFilter) for each in found.filters):
        found.addFilter(MaskingFilter())
    return found


def cover(package: str) -> None:
    """Mask what the loggers of ``package`` write that were made so far, by whichever way."""
    for name in [package, *(name for name in logging.root.manager.loggerDict if name.startswith(f"{package}."))]:
        logger(name)


class MaskingFilter(logging.Filter):
    """Lets every record pass, masked: its arguments, its error and the causes of that. The words of the log call stay.

    An argument that is one bare word or a number is taken for the name of something (an order's number looks like a phone's),
    so a call that logs a phone number masks it by itself.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask ``record``."""
        if isinstance(record.args, Mapping):
            record.args = {name: _shown(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(map(_shown, record.args))
        else:
            record.msg = mask(str(record.msg))
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_info = _masked_info(record.exc_info[1])
        if record.exc_text:
            record.exc_text = mask(record.exc_text)
        return True


def masked_error(error: BaseException) -> BaseException:
    """A copy of ``error`` for logs: its class, traceback and causes, with masked texts and no arguments."""
    return _twin(error, set())


def _masked_info(error: BaseException) -> ErrorInfo:
    twin = masked_error(error)
    return type(twin), twin, error.__traceback__


def _twin(error: BaseException, seen: set[int]) -> BaseException:
    seen.add(id(error))
    twin = _of_the_same_name(type(error), mask(_text(error)))
    twin.__traceback__ = error.__traceback__
    for note in getattr(error, "__notes__", ()):
        twin.add_note(mask(str(note)))
    for name in ("__cause__", "__context__"):
        before = getattr(error, name)
        if before is not None and id(before) not in seen:
            setattr(twin, name, _twin(before, seen))
    twin.__suppress_context__ = error.__suppress_context__
    return twin


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""


def _of_the_same_name(kind: type[BaseException], text: str) -> BaseException:
    """An error that is printed as ``kind: text``; of a subclass of ``kind`` if that can be made without arguments."""
    body = {
        "__module__": kind.__module__, "__qualname__": kind.__qualname__, "__init__": lambda self: None,
        "__str__": lambda self: text, "__repr__": lambda self: f"{kind.__name__}({text!r})",
    }
    try:
        made: BaseException = type(kind.__name__, (kind,), body)()
    except Exception:  # an exception group wants its members
        made = type(kind.__name__, (Exception,), body)()
    return made


class _Later:
    """A value that is masked when it is written."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __str__(self) -> str:
        return mask(str(self._value))

    def __repr__(self) -> str:
        return mask(repr(self._value))


def _shown(value: object) -> Any:
    """``value`` as an argument of a log line."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, str):
        return value if _NAME.fullmatch(value) else mask(value)
    return _Later(value)
