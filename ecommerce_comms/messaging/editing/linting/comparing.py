"""Complains where one channel states a date or an amount that the e-mail does not."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from ecommerce_comms.messaging.editing.linting import stating
from ecommerce_comms.messaging.editing.linting.complaints import Complaint, error, warning
from ecommerce_comms.messaging.editing.linting.sources import outside
from ecommerce_comms.messaging.speaking.rendering import Rendered

_OLD_AND_NEW = {"promise.was_window": "promise.window", "promise.was_earliest": "promise.earliest", "promise.was_latest": "promise.latest"}
_NUMBERS = {"parcel.tracking_number": "the tracking number", "order.number": "the order's number"}
_STYLE = re.compile(r"<style.*?</style>|<head.*?</head>", re.DOTALL)
_MARK = re.compile(r"<[^>]*>")


def channels(made: Rendered, heading: str) -> dict[str, tuple[str, str]]:
    """What is said besides the mail's text: by the words for it, the part to mend and what is said."""
    return {
        "subject": ("subject", made.subject), "heading": ("heading", heading), "preview line": ("preview", made.preview),
        "short form": ("short", made.short), "text message": ("short", made.sms), "chat line": ("short", made.chat),
        "script for a call": ("body", made.script),
        "HTML of the mail": ("body", html.unescape(_MARK.sub(" ", _STYLE.sub("", made.html)))),
    }


def complaints(made: Rendered, heading: str, view: dict[str, Any], language: str, circumstance: str) -> Iterator[Complaint]:
    """Where ``made``, of the facts in ``view``, states different things on different channels; its ``heading`` is one of these."""
    facts = stating.words_of(view)
    in_mail = stating.stated(stating.flat(made.text).removeprefix(stating.flat(heading)), facts, language)
    days = {meaning.rpartition(": ")[2] for meaning in in_mail}
    seen: set[tuple[str, str]] = set()
    for name, (part, words) in channels(made, heading).items():
        said = stating.stated(words, facts, language)
        for meaning, written in said.items():
            if ": " in meaning or meaning in in_mail or (meaning in days and "promise" not in meaning) or (part, meaning) in seen:
                continue
            seen.add((part, meaning))
            yield _missing(part, name, stating.named(meaning, written), circumstance)
        for old, new in _OLD_AND_NEW.items():
            if old in said and new not in said and new in in_mail and name != "HTML of the mail" and (part, old) not in seen:
                seen.add((part, old))
                yield error(part, f"The {name} tells only {stating.named(old, facts[old])}{circumstance}, while the mail tells "
                                  f"{stating.named(new, facts[new])}; please write {{{{ {new} }}}} there.")


def _missing(part: str, name: str, what: str, circumstance: str) -> Complaint:
    if name == "HTML of the mail":
        return error(part, f"The mail's HTML states {what}{circumstance}, which its plain text does not.")
    said = f"The {name} states {what}{circumstance}, which the mail does not; please say the same in the body, or leave it out."
    return error(part, said)


def numbers(made: Rendered, view: dict[str, Any]) -> Iterator[Complaint]:
    """Where the short form gives a number that the mail does not."""
    for fact, words in _NUMBERS.items():
        group, _, name = fact.partition(".")
        number = str(view[group].get(name, ""))
        if number and number in made.short and number not in made.text:
            yield warning("short", f"The short form gives {words}, which the mail does not; please write {{{{ {fact} }}}} in the body too.")


def typed(part: str, source: str, language: str) -> Iterator[Complaint]:
    """Dates and amounts that the author typed: a text is sent to many, and the same to all of them."""
    told: set[str] = set()
    for said in stating.typed(outside(source), language):
        if said.meaning not in told:
            told.add(said.meaning)
            fact = "{{ promise.window }}" if said.meaning.endswith(".") else "{{ order.total }}"
            words = f"{{part}} states “{said.words}”{{at}}, the same for every customer"
            yield warning(part, f"{words}; if it is about the order, please write a fact such as {fact}.", source, said.start)
