"""The language of message texts: Liquid, cut down to what can reach plain data only, with limits on what it may cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from liquid import BoundTemplate, Environment
from liquid.exceptions import LiquidError

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.writing import braces
from ecommerce_comms.messaging.writing.bounds import BoundedFor, BoundedTemplate, bounded, settle
from ecommerce_comms.messaging.writing.quick import quicken

# Liquid registers plain text, output and unparsable tags as tags too; these have no name that an author could write.
_INNER = {"content", "output", "illegal"}
TAGS = frozenset({"if", "unless", "case", "for", "break", "continue", "assign", "capture", "cycle", "comment", "raw", "#"})
"""The tags an author may use; there is none that reads another template."""

FILTERS = frozenset({
    "append", "at_least", "at_most", "capitalize", "ceil", "compact", "default", "divided_by", "downcase", "first", "floor", "join",
    "last", "minus", "modulo", "plus", "prepend", "remove", "replace", "reverse", "round", "size", "slice", "sort", "split", "squish",
    "strip", "times", "truncate", "truncatewords", "upcase", "where",
})
"""The filters an author may use; none of them reads the clock or switches escaping off."""

_FAILURES = (LiquidError, RecursionError, ArithmeticError, ValueError, TypeError, LookupError, AttributeError, MemoryError)
_MEANINGS: tuple[tuple[str, str], ...] = (
    (r"expected tag end(\w+), found.*", r"The {{% {0} %}} that begins here is never closed; please write {{% end{0} %}} where it ends"),
    (r"expected '}}', found end of file", r"The {{{{ that begins here is never closed; please write }}}} where it ends"),
    (r"missing tag name or closing delimiter", r"The {{% that begins here has no name or is never closed"),
    (r"unexpected tag '(\w+)'", r"There is no tag “{0}” here, or nothing that it could end"),
    (r"missing expression|expected a primitive expression, found .*", r"A fact, a number or words in quotes are missing here"),
    (r"expected (?:an identifier|word), found end of expression", r"A name is missing at the end of what stands in braces"),
    (r"expected end of expression, found '='", r"A single = compares nothing; please write =="),
    (r"expected end of expression, found .*", r"There is something too much here"),
    (r"unexpected [\"'](['\"])[\"']", r"The quotation mark {0} that begins here is never closed"),
    (r"unexpected '(.)'", r"The sign {0} means nothing between braces"),
    (r"'<' and '>' are not supported between .*", r"Only numbers can be compared with < and >"),
    (r"block nesting limit reached", r"There are too many blocks inside each other"),
    (r"output stream limit reached", r"It comes out too long"),
    (r"(?:loop iteration|local namespace) limit reached", r"Its loops or its own variables hold too much"),
    (r"unexpected liquid parsing error", r"It cannot be read: too much stands inside of other things"),
)
"""What Liquid says, and what that means to somebody who writes texts."""


class SafeEnvironment(Environment):
    """Liquid without loaders and without expensive loops."""

    context_depth_limit = 12
    loop_iteration_limit = 1_000
    local_namespace_limit = 20_000
    output_stream_limit = 40_000
    block_nesting_limit = 12
    template_class = BoundedTemplate

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register Liquid's own tags and filters, then drop all that are not on the lists above."""
        super().setup_tags_and_filters(extra=False)
        self.add_tag(BoundedFor)
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS or name in _INNER}
        self.filters = {name: bounded(name, function) for name, function in self.filters.items() if name in FILTERS}


PLAIN = SafeEnvironment(autoescape=False)
HTML = SafeEnvironment(autoescape=True)
Piece = Callable[[dict[str, Any]], str]
"""A compiled part of a text: facts go in, words come out."""


def parse(source: str, environment: Environment = PLAIN) -> BoundTemplate:
    """``source`` as a Liquid template; raises ``TemplateError`` with line and column of the mistake."""
    braces.check(source)
    try:
        template = environment.from_string(source)
        settle(template, FILTERS)
    except _FAILURES as error:
        raise explained(error, source) from error
    return template


def compile(source: str, environment: Environment = PLAIN) -> Piece:
    """``source`` as a function of the facts; text without any braces costs nothing when it is rendered."""
    if "{{" not in source and "{%" not in source:
        braces.check(source)
        return lambda facts: source
    template = parse(source, environment)
    fill = quicken(template) or template.render

    def render(facts: dict[str, Any]) -> str:
        try:
            return fill(facts)
        except _FAILURES as error:
            raise explained(error, source) from error

    return render


def explained(error: Exception, source: str) -> TemplateError:
    """The error that tells an author what went wrong, and where if Liquid knows it."""
    said = _meaning(str(getattr(error, "message", "") or error).strip() or type(error).__name__)
    said = f"{said[0].upper()}{said[1:]}"
    index = _index(error, source)
    return braces.mistake(said, source, index) if index >= 0 else TemplateError(f"{said}.")


def _meaning(said: str) -> str:
    for pattern, meaning in _MEANINGS:
        if found := re.fullmatch(pattern, said, re.DOTALL):
            return meaning.format(*found.groups())
    return said


def _index(error: Exception, source: str) -> int:
    """Where in ``source`` the mistake is; -1 if nobody knows."""
    left_open = re.match(r"expected tag end(\w+)", str(getattr(error, "message", "")))
    if left_open:
        starts = [match.start() for match in re.finditer(rf"\{{%-?\s*{left_open[1]}\b", source)]
        return starts[-1] if starts else -1
    token = getattr(error, "token", None)
    if token is not None and token.start_index >= 0 and token.source == source:
        return int(min(token.start_index, len(source)))
    return _first_failing(source)


def _first_failing(source: str) -> int:
    """The first ``{{ … }}`` that fails by itself: Liquid does not place a missing end."""
    for piece in braces.pieces(source):
        if piece.text.endswith("}}"):
            try:
                PLAIN.from_string(piece.text)
            except _FAILURES:
                return piece.start
    return -1
