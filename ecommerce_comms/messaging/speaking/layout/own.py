"""A merchant's own layout: MJML that is looked through and compiled when it is saved, or refused with what to mend, and where."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser

from ecommerce_comms.exceptions import LayoutError
from ecommerce_comms.messaging.models import Branding
from ecommerce_comms.messaging.speaking.layout import frame

LARGEST = 60_000
"""Bytes of the source, and of what it compiles to: a mail needs the rest of what Gmail shows for itself."""
NEEDED = ("heading", "greeting", "body", "window", "button", "tracking", "items", "address", "footer")
"""Without these a customer would miss something, or could not unsubscribe. ``[[message]]`` stands for all but the last."""
PLACED = frozenset({*frame.BLOCKS, "message", "footer"})
"""Blocks: they stand in text, and once."""
FORBIDDEN = {
    "script": "scripts, which no mail program runs", "mj-include": "files from elsewhere; paste their content instead",
    "iframe": "frames, which no mail program shows", "object": "plug-ins", "embed": "plug-ins", "form": "forms; lead to a page instead",
    "link": "style sheets from elsewhere; use mj-style", "base": "a base address", "mj-html-attributes": "mj-html-attributes",
    **dict.fromkeys(("frame", "frameset", "portal"), "frames, which no mail program shows"),
    **dict.fromkeys(("applet", "audio", "video", "svg", "math"), "media and drawings, which few mail programs show; use a picture"),
    **dict.fromkeys(("input", "button", "select", "textarea", "isindex", "keygen", "details", "dialog"), "forms; lead to a page instead"),
    **dict.fromkeys(("noscript", "template", "title", "xmp", "plaintext", "listing", "noembed", "noframes"), "such elements"),
}
_MADE = frozenset({"link", "input", "title"})
"""What the compiler itself makes of fonts, menus and the title."""
KNOWN = frozenset({
    "mjml", "mj-head", "mj-body", "mj-title", "mj-preview", "mj-raw", "mj-attributes", "mj-all", "mj-class", "mj-style", "mj-font",
    "mj-breakpoint", "mj-wrapper", "mj-section", "mj-group", "mj-column", "mj-text", "mj-button", "mj-image", "mj-divider", "mj-spacer",
    "mj-table", "mj-hero", "mj-social", "mj-social-element", "mj-navbar", "mj-navbar-link", "mj-accordion", "mj-accordion-element",
    "mj-accordion-title", "mj-accordion-text", "mj-carousel", "mj-carousel-image",
})
_POSITION = re.compile(r"position (\d+):\d+")
_HTTP = re.compile(r"http://[^\s\"')<>]*", re.IGNORECASE)
_VOID = frozenset({"br", "img", "hr", "meta", "col", "area", "input", "wbr"})
_UNSEEN = re.compile("[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
"""What browsers or mail programs pass over when they read an address."""
_ODD = re.compile(r"(?:(?:javascript|vbscript|data):|[/\\]{2})", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"(?!(?:https?|mailto|tel|sms|cid):)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ADDRESSES = ("href", "src", "srcset", "url", "background", "action", "cite", "data", "poster")
"""How the names of attributes end that hold an address."""
_SCRIPTED = frozenset({"srcdoc", "formaction", "http-equiv"})
DEEPEST = 60
"""Elements within elements: the compiler would take any number, until its stack is used up."""


def compiled(source: str) -> str:
    """The HTML of the MJML ``source``; raises ``LayoutError`` with everything that is wrong with it."""
    size = len(source.encode("utf-8", "replace"))
    if size > LARGEST:
        raise LayoutError([f"It is too long: {size:,} bytes; at most {LARGEST:,} are allowed."])
    if found := [*_looked_through(source), *_slots(source)]:
        raise LayoutError(found)
    try:
        html = frame.compiled(source)
    except ValueError as error:
        raise LayoutError([_as_compiler_said(str(error), source)]) from error
    if found := list(_made(html)):
        raise LayoutError(found)
    if len(html.encode("utf-8", "replace")) > LARGEST:
        raise LayoutError([f"It becomes too long: {len(html):,} bytes of HTML; at most {LARGEST:,} are allowed."])
    return html


def dress(branding: Branding) -> None:
    """Put the compiled form of its layout into ``branding``, to be saved with it; raises ``LayoutError`` if that cannot be done."""
    html = compiled(branding.layout) if branding.layout.strip() else ""
    branding.compiled, branding.frame_key = html, sha256(html.encode()).hexdigest() if html else ""


def _looked_through(source: str) -> Iterator[str]:
    reader = _Reader()
    reader.feed(source)
    reader.close()
    yield from dict.fromkeys(reader.found)
    for tag, line in reader.open:
        yield f"Line {line}: <{tag}> is never closed."
    if not reader.found and (reader.first != "mjml" or "mj-body" not in reader.seen):
        yield "Line 1: a layout is <mjml> with a <mj-body> in it. The built-in one is a good start."


def _made(html: str) -> Iterator[str]:
    """What came out of the compiler that was not to be seen in the source: it writes some words where they may end an attribute."""
    reader = _Outcome()
    reader.feed(html)
    reader.close()
    yield from dict.fromkeys(f"When it is compiled: {each.partition(': ')[2]}" for each in reader.found)


def _slots(source: str) -> Iterator[str]:
    counted = Counter(frame.WORD.findall(source))
    for line, text in enumerate(source.splitlines(), 1):
        for word in frame.WORD.findall(text):
            if word not in frame.SLOTS | frame.CONSTANTS or word == "head":
                known = ", ".join(f"[[{each}]]" for each in (*frame.BLOCKS, "message", "footer"))
                yield f"Line {line}: there is no [[{word}]]. The blocks are {known}."
            elif word in PLACED and counted[word] > 1:
                yield f"Line {line}: [[{word}]] stands there {counted[word]} times; it may stand there once."
    has_all = "message" in counted
    missing = [each for each in NEEDED if each not in counted and not (has_all and each in frame.BLOCKS)]
    if missing:
        yield f"It has no place for {', '.join(f'[[{each}]]' for each in missing)}. Put what is missing into an <mj-text>."
    if has_all and (twice := [each for each in frame.BLOCKS if each in counted]):
        yield f"[[message]] holds {', '.join(f'[[{each}]]' for each in twice)} already: take one or the other."


def _as_compiler_said(message: str, source: str) -> str:
    """The compiler's complaint, with a line; it counts characters."""
    position = _POSITION.search(message)
    line = source.count("\n", 0, int(position[1])) + 1 if position else source.count("\n") + 1
    return f"Line {line}: this is no MJML that can be compiled ({message.replace(' in root template', '')})."


class _Reader(HTMLParser):
    """Reads a layout tag by tag: what is open, and what must not be there."""

    def __init__(self, line: int = 1) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[tuple[str, int]] = []
        self.seen: set[str] = set()
        self.first = ""
        self._before = line - 1

    @property
    def _line(self) -> int:
        return self.getpos()[0] + self._before

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look_at(tag, attrs)
        if tag not in _VOID:
            self.open.append((tag, self._line))
        if len(self.open) == DEEPEST + 1:
            self.found.append(f"Line {self._line}: more than {DEEPEST} elements stand within each other.")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look_at(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if self.open and self.open[-1][0] == tag:
            self.open.pop()
        elif any(name == tag for name, _ in self.open):
            while (last := self.open.pop())[0] != tag:
                self.found.append(f"Line {last[1]}: <{last[0]}> is not closed before </{tag}> in line {self._line}.")
        else:
            self.found.append(f"Line {self._line}: </{tag}> closes nothing.")

    def handle_data(self, data: str) -> None:
        inside = self.open[-1][0] if self.open else ""
        if inside in ("style", "mj-style"):
            self._no_http(data)
        elif not any(name in ("mj-text", "mj-table", "mj-raw") for name, _ in self.open):
            for word in PLACED & set(frame.WORD.findall(data)):
                self.found.append(f"Line {self._line}: [[{word}]] stands where no text can stand. Put it into an <mj-text>.")
        if inside in ("style", "mj-style"):
            for word in frame.SLOTS & set(frame.WORD.findall(data)):
                self.found.append(f"Line {self._line}: [[{word}]] is not for a style sheet.")

    def unknown_decl(self, data: str) -> None:
        if data.upper().startswith("CDATA"):
            self.found.append(f"Line {self._line}: a layout holds no <![CDATA[ … ]]>; please write what stands in it as it is.")

    def handle_comment(self, data: str) -> None:
        if data.startswith((">", "->")) or "--!" in data:
            self.found.append(f"Line {self._line}: a comment ends before its -->, for some mail programs.")
        # Outlook reads what stands in comments such as <!--[if mso]> … <![endif]-->.
        for word in frame.SLOTS & set(frame.WORD.findall(data)):
            self.found.append(f"Line {self._line}: [[{word}]] stands in a comment.")
        inner = _Reader(self._line)
        inner.feed(data.partition(">")[2] if data.startswith("[if") else "")
        self.found += inner.found if any(tag in FORBIDDEN for tag in inner.seen) else []
        self._no_http(data)

    def _look_at(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.first = self.first or tag
        self.seen.add(tag)
        if tag in FORBIDDEN:
            self.found.append(f"Line {self._line}: <{tag}> is not allowed: a layout holds no {FORBIDDEN[tag]}.")
        elif tag.startswith("mj") and tag not in KNOWN:
            self.found.append(f"Line {self._line}: MJML has no <{tag}>.")
        for name, value in attrs:
            self._is_harmless(name, value or "")
            self._can_be_compiled(tag, name, value or "")

    def _is_harmless(self, name: str, value: str) -> None:
        if name.startswith("on") or name in _SCRIPTED:
            self.found.append(f"Line {self._line}: {name}=… is a script, which no mail program runs.")
        seen = _UNSEEN.sub("", value)
        if (_ODD.match(seen) and name != "alt") or (name.endswith(_ADDRESSES) and _OTHER_SCHEME.match(seen)):
            self.found.append(f"Line {self._line}: {name} leads to {value[:40]}; please begin an address with https://.")

    def _can_be_compiled(self, tag: str, name: str, value: str) -> None:
        # The compiler writes them as they are, and so ends an attribute, or an element.
        if tag.startswith("mj") and (odd := re.search("[<>\"]", value)):
            self.found.append(f"Line {self._line}: {odd[0]} cannot stand in {name} of <{tag}>; please leave it out, or write ' for \".")
        for word in (frame.SLOTS - {"lang"}) & set(frame.WORD.findall(value)):
            self.found.append(f"Line {self._line}: [[{word}]] cannot stand in the attribute {name}.")
        if not name.startswith("xmlns"):
            self._no_http(value)

    def _no_http(self, text: str) -> None:
        self.found += [
            f"Line {self._line}: {address[:80]} is not safe; please use https:// so that every mail program shows it."
            for address in _HTTP.findall(text)
        ]


class _Outcome(_Reader):
    """Reads what a layout was compiled to: only for what must not be there."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look_at(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Nothing: the compiler closes what it opens."""

    def handle_data(self, data: str) -> None:
        """Nothing."""

    def handle_comment(self, data: str) -> None:
        """Nothing: those of the source were read, and the compiler's own hold what Outlook wants."""

    def _look_at(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN and tag not in _MADE:
            self.found.append(f"Line {self._line}: <{tag}> is not allowed: a layout holds no {FORBIDDEN[tag]}.")
        for name, value in attrs:
            if name != "http-equiv" or (value or "").lower() not in ("x-ua-compatible", "content-type"):
                self._is_harmless(name, value or "")
