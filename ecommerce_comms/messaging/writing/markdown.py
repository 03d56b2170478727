"""A text's body, written once in Markdown with Liquid in it, becomes an HTML and a plain-text template.

Markdown is worked on the author's source alone, when a text is compiled. Liquid is hidden from it behind plain words
and put back afterwards, so what a customer wrote is never read as Markdown, nor as Liquid.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.writing import braces

LONGEST_BODY = 20_000
"""Characters; Markdown made to be slow takes a fifth of a second for as many."""
_BRACES = re.compile(r"\{(?=[{%])")
_NO_LETTERS = re.compile(r"[\W_]+")
_TAG_LINE = re.compile(r"^[ \t]*((?:\{%(?:(?!%\}).)*%\}[ \t]*)+)$", re.MULTILINE)
_WINDOW = re.compile(r"\{\{-?\s*promise\.(?:was_)?window\b")
_NAME = re.compile(r"\{\{-?\s*(?:customer\.(?:first_name|last_name|name)|\w+\.title)\b")
_PARSER = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline", "code", "fence", "reference"])


class Hidden:
    """The Liquid of one source, each piece of it standing behind a word that Markdown leaves alone."""

    def __init__(self, source: str) -> None:
        self.pieces: list[str] = []
        if len(source) > LONGEST_BODY:
            raise TemplateError(f"It is too long: {len(source)} characters, at most {LONGEST_BODY} are allowed.")
        source = source.replace("\r\n", "\n")
        braces.check(source)
        # Also where Markdown would put the word together, out of entities or around marks that it takes away.
        letters = _NO_LETTERS.sub("", unquote(html.unescape(source)))
        self.word = "lq"
        while self.word in letters:
            self.word += "q"
        self.source = self._hidden(_TAG_LINE.sub(r"\n\1\n", source))
        self.places = re.compile(rf"{self.word}(\d+)z")

    def _hidden(self, source: str) -> str:
        at, parts = 0, []
        for piece in braces.pieces(source):
            parts += [source[at : piece.start], f"{self.word}{len(self.pieces)}z"]
            self.pieces.append(piece.text)
            at = piece.end
        return "".join([*parts, source[at:]])

    def show(self, text: str, brace: str = "{{ '{' }}") -> str:
        """``text`` with every piece back in its place; braces that Markdown itself put together, as of ``{\\{``, stay braces."""
        return self.places.sub(lambda match: self.pieces[int(match[1])], _BRACES.sub(brace, text))

    def show_html(self, page: str) -> str:
        """As ``show``; windows stay on one line, and names are set apart so that none of them turns its sentence round."""
        outside = re.split(r'(="[^"]*")', page)
        outside[1::2] = [self.show(attribute, "&#123;") for attribute in outside[1::2]]
        outside[::2] = [self.places.sub(self._isolated, _BRACES.sub("&#123;", part)) for part in outside[::2]]
        return "".join(outside)

    def _isolated(self, match: re.Match[str]) -> str:
        piece = self.pieces[int(match[1])]
        if _WINDOW.match(piece):
            return f'<span style="white-space:nowrap">{piece}</span>'
        return f"<bdi>{piece}</bdi>" if _NAME.match(piece) else piece

    def only_tags(self, text: str) -> bool:
        """Whether ``text`` is nothing but hidden block tags, which must leave no paragraph behind."""
        numbers = self.places.findall(text)
        return bool(numbers) and not self.places.sub("", text).strip() and all(self.pieces[int(n)].startswith("{%") for n in numbers)


def to_html(source: str, styles: Mapping[str, str]) -> str:
    """The HTML template of a body, every element with its style (by tag) written on it."""
    hidden = Hidden(source)
    tokens = _PARSER.parse(hidden.source)
    _unwrap_tags(tokens, hidden)
    for token in _all(tokens):
        if token.nesting >= 0 and token.tag in styles:
            token.attrSet("style", styles[token.tag])
    return hidden.show_html(_PARSER.renderer.render(tokens, _PARSER.options, {})).strip()


def to_text(source: str) -> str:
    """The plain-text template of a body: bullets, "label: address" for links, no marks and no entities."""
    hidden = Hidden(source)
    writer = PlainWriter()
    for token in _PARSER.parse(hidden.source):
        writer.take(token)
    return hidden.show("\n".join(writer.lines)).strip()


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _unwrap_tags(tokens: list[Token], hidden: Hidden) -> None:
    """Take the paragraph away from lines that hold block tags only."""
    for index in range(len(tokens) - 2):
        if tokens[index].type == "paragraph_open" and hidden.only_tags(tokens[index + 1].content):
            tokens[index].hidden = tokens[index + 2].hidden = True


class PlainWriter:
    """Writes Markdown's elements as lines of plain text."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.lists: list[str] = []
        self.start = ""

    def take(self, token: Token) -> None:
        """Write what ``token`` adds."""
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self.lists.append(token.type)
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
                self.start = "  " * len(self.lists)
                self.lines.extend([] if self.lists else [""])
            case "list_item_open":
                bullet = f"{token.info}." if self.lists[-1].startswith("ordered") else "-"
                self.start = f"{'  ' * (len(self.lists) - 1)}{bullet} "
            case "inline":
                self.lines.append(self.start + _inline(token.children or []))
                self.start = "  " * len(self.lists)
                self.lines.extend([] if self.lists else [""])
            case "hr":
                self.lines.extend(["---", ""])


def _inline(children: Sequence[Token]) -> str:
    """The words of a paragraph; a link becomes "label: address", or the address alone where that is its label."""
    said: list[str] = []
    starts: list[tuple[int, str]] = []
    for child in children:
        if child.type == "link_open":
            starts.append((len(said), str(child.attrGet("href") or "")))
        elif child.type == "link_close":
            start, address = starts.pop()
            label = "".join(said[start:])
            said[start:] = [address if label in ("", address) else f"{label}: {address}"]
        else:
            said.append("\n" if child.type == "hardbreak" else " " if child.type == "softbreak" else child.content)
    return "".join(said)
