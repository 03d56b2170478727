"""Complaints that come from reading a part's source letter by letter: links, tags, braces, signs that nobody sees, scripts."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher, get_close_matches
from urllib.parse import urlsplit

from babel.core import get_global

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.editing.linting import instead
from ecommerce_comms.messaging.editing.linting.complaints import Complaint, error, warning
from ecommerce_comms.messaging.writing import braces, facts, liquid

_HTTP = re.compile(r"http://[^\s)>\"'{}]+", re.IGNORECASE)
_TARGET = re.compile(
    r"\]\(\s{0,100}<?((?:\{\{.{0,1000}?\}\}|\{%.{0,1000}?%\}|\([^()\s]{0,1000}\)|[^()\s>])*)|<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*)>",
    re.IGNORECASE,
)
_GOOD_TARGET = re.compile(r"https?://[^\s/?#]|mailto:.|tel:.|\{\{|\{%", re.IGNORECASE)
_WEB = re.compile(r"https?://([^\s/?#)>\"'\]]*)", re.IGNORECASE)
_RAW_HTML = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|<!--|<!\[CDATA\[|<\?\w")
_TAG = re.compile(r"\{%-?\s{0,100}(\w+|#)")
_ELSE_IF = re.compile(r"\{%-?\s{0,100}else\s+\w")
_FILTER = re.compile(r"\|\s*([^\W\d]\w*)")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_RAW = re.compile(r"\{%-?\s{0,100}raw\s{0,100}-?%\}.*?\{%-?\s{0,100}endraw\s{0,100}-?%\}", re.DOTALL)
_CLOSING = re.compile(r"end\w+|else|elsif|when")
_FACT = re.compile(r"\{\{-?\s*([\w.]+)\s*-?\}\}")
_SINGLE = re.compile(r"\{\s{0,100}([a-z_]{1,40}\.[a-z_]{1,40})\s{0,100}\}(?!\})")
_LITERAL = re.compile(r"\{\{-?\s*(['\"])(.*?)\1", re.DOTALL)
# What ends a line, steers a terminal, or turns the direction of writing; ZWJ and ZWNJ belong to Indic words and to emoji.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)
_ENCODED = re.compile(r"=\?[^?\s]{1,40}\?[bq]\?", re.IGNORECASE)
_NO_BRACES = frozenset("｛｝﹛﹜❴❵⦃⦄")
_ALIKE = 0.8
FEWEST_LETTERS = 20
"""Of fewer nobody can tell in which script a text is written."""


def complaints(part: str, source: str) -> Iterator[Complaint]:
    """What is wrong with ``source`` as such."""
    yield from _unseen(part, source)
    yield from _tags(part, source)
    yield from _links(part, source)
    for match in _first_of_each(_RAW_HTML, source):
        yield error(part, f"{{part}} holds the HTML tag {match.group()}{{at}}; please write Markdown instead.", source, match.start())
    for match in _LITERAL.finditer(source):
        if _RAW_HTML.search(match[2]):
            yield error(part, f"{{part}} puts HTML together: {match[2][:60]}{{at}}; please write Markdown instead.", source, match.start())
    words = outside(source)
    for match in _SINGLE.finditer(words):
        if match[1] in facts.FACTS:
            said = f"{{part}} has {match.group()} in single braces{{at}}, so customers read just that; please write {{{{ {match[1]} }}}}."
            yield error(part, said, source, match.start())
    stray = words.find("}}")
    if stray >= 0:
        yield error(part, "{part} has }} without {{ before it{at}; please write {{ where the fact begins.", source, stray)


def _first_of_each(pattern: re.Pattern[str], source: str) -> Iterator[re.Match[str]]:
    told: set[str] = set()
    for match in pattern.finditer(source):
        if match.group() not in told and match.group(match.lastindex or 0):
            told.add(match.group())
            yield match


def outside(source: str) -> str:
    """``source`` with blanks where braces, and what stands in them, are; every other letter keeps its place."""
    at, kept = 0, []
    for piece in braces.pieces(source):
        kept += [source[at : piece.start], " " * (piece.end - piece.start)]
        at = piece.end
    kept.append(source[at:])
    blank = "".join(kept)
    for raw in _RAW.finditer(source):
        blank = f"{blank[: raw.start()]}{' ' * (raw.end() - raw.start())}{blank[raw.end() :]}"
    return blank


def _unseen(part: str, source: str) -> Iterator[Complaint]:
    for match in _first_of_each(_UNSEEN, source):
        name = unicodedata.name(match.group(), f"U+{ord(match.group()):04X}").lower()
        said = f"{{part}} holds a sign that nobody sees ({name}){{at}}; please delete it, or write the line anew."
        yield error(part, said, source, match.start())
    for match in _first_of_each(_ENCODED, source):
        said = f"{{part}} holds {match.group()}{{at}}, which mail programs decode; please write plain words."
        yield error(part, said, source, match.start())
    for letter in sorted(_NO_BRACES & set(source)):
        said = f"{{part}} holds {letter}{{at}}, which looks like a brace and is none; please write {{{{ and }}}}."
        yield error(part, said, source, source.index(letter))


def _tags(part: str, source: str) -> Iterator[Complaint]:
    told: set[str] = set()
    for match in _TAG.finditer(source):
        name = match[1]
        if name in told or name in liquid.TAGS or _CLOSING.fullmatch(name):
            continue
        told.add(name)
        yield error(part, _not_allowed("tag", name, instead.OF_TAGS.get(name)), source, match.start())
    if else_if := _ELSE_IF.search(source):
        yield error(part, "{part} uses {% else if %}{at}; please write {% elsif … %} instead.", source, else_if.start())
    for piece in braces.pieces(source):
        words = _QUOTED.sub(lambda match: " " * len(match.group()), piece.text)
        for match in _FILTER.finditer(words):
            if match[1] not in liquid.FILTERS and f"|{match[1]}" not in told:
                told.add(f"|{match[1]}")
                mend = instead.OF_FILTERS.get(match[1]) or _nearest_filter(match[1])
                yield error(part, _not_allowed("filter", match[1], mend), source, piece.start + match.start(1))


def _not_allowed(what: str, name: str, mend: str | None) -> str:
    said = f"{{part}} uses the {what} “{name}”{{at}}, which is not allowed here"
    return f"{said}: {mend}." if mend else f"{said}."


def _nearest_filter(name: str) -> str:
    near = get_close_matches(name, liquid.FILTERS, 1)
    return f"did you mean “{near[0]}”" if near else ""


def _links(part: str, source: str) -> Iterator[Complaint]:
    for match in _first_of_each(_HTTP, source):
        said = f"{{part}} links to {match.group()}{{at}}; please use https:// so that the link is safe."
        yield error(part, said, source, match.start())
    told: set[str] = set()
    for match in _TARGET.finditer(source):
        target = html.unescape(match[1] or match[2] or "")
        if target in told:
            continue
        told.add(target)
        if not _GOOD_TARGET.match(target):
            said = f"{{part}} links to {target or 'nothing'}{{at}}; please begin a link with https://, mailto: or tel:."
            yield error(part, said, source, match.start())
        elif fact := _FACT.match(target):
            yield from _fact_target(part, source, match.start(), fact[1])
    for match in _first_of_each(_WEB, source):
        yield from _host(part, source, match.start(), match[1])


def _fact_target(part: str, source: str, index: int, name: str) -> Iterator[Complaint]:
    known = facts.FACTS.get(name)
    if known is not None and known.type != "link":
        said = f"{{part}} links to {{{{ {name} }}}}{{at}}, which is no link; please take a fact such as {{{{ order.url }}}}."
        yield error(part, said, source, index)


def _host(part: str, source: str, index: int, host: str) -> Iterator[Complaint]:
    """The complaint about a link that leads to somebody else, or hides where it leads."""
    if "@" in host or "{" in host or not host or "\\" in host:
        said = f"{{part}} links to https://{host}{{at}}, which hides where it leads; please write the whole address of one place."
        yield error(part, said, source, index)
        return
    shop = (urlsplit(conf.SHOP_URL).hostname or "").removeprefix("www.")
    name = host.partition(":")[0].lower().removeprefix("www.")
    if not shop or name == shop or name.endswith(f".{shop}"):
        return
    looks = f"; it looks like {shop} and is not" if SequenceMatcher(None, name, shop).ratio() >= _ALIKE or "xn--" in name else ""
    said = f"{{part}} links to {name}{{at}}, which is not your shop ({shop}){looks}. Please check that this is meant."
    yield warning(part, said, source, index)


_SCRIPTS = {
    "Latn": "LATIN", "Deva": "DEVANAGARI", "Beng": "BENGALI", "Arab": "ARABIC", "Cyrl": "CYRILLIC", "Grek": "GREEK", "Hebr": "HEBREW",
    "Taml": "TAMIL", "Telu": "TELUGU", "Gujr": "GUJARATI", "Guru": "GURMUKHI", "Knda": "KANNADA", "Mlym": "MALAYALAM", "Orya": "ORIYA",
    "Sinh": "SINHALA", "Thai": "THAI",
}


def script_of(language: str) -> str:
    """How Unicode calls the script in which ``language`` is written; empty if that is not known."""
    likely = str(get_global("likely_subtags").get(language, ""))
    return next((_SCRIPTS[part] for part in likely.split("_") if part in _SCRIPTS), "")


def strange_script(part: str, source: str, language: str) -> Iterator[Complaint]:
    """The complaint about a part that is written in another script than ``language`` is."""
    script = script_of(language)
    words = (word for word in outside(source).split() if "://" not in word and "@" not in word)
    letters = [letter for word in words for letter in word if letter.isalpha()]
    own = sum(unicodedata.name(letter, "").startswith(script) for letter in letters)
    if script and len(letters) >= FEWEST_LETTERS and own * 10 < len(letters) * 3:
        yield warning(part, f"{{part}} is not written in the script of its language “{language}”; is it saved under the right language?")
