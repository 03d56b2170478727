"""The language of message texts: Liquid, cut down to what can reach plain data only, with limits on what it may cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from liquid import BoundTemplate, Environment
from liquid.exceptions import LiquidError

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.writing.quick import quicken

_OUTPUT = re.compile(r"\{\{.*?\}\}", re.DOTALL)
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

LONGEST_VALUE = 2_000
"""How long a text or list may be that goes through a filter."""


class SafeEnvironment(Environment):
    """Liquid without loaders and without expensive loops."""

    context_depth_limit = 12
    loop_iteration_limit = 1_000
    local_namespace_limit = 20_000
    output_stream_limit = 40_000
    block_nesting_limit = 12

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register Liquid's own tags and filters, then drop all that are not on the lists above."""
        super().setup_tags_and_filters(extra=False)
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS or name in _INNER}
        self.filters = {name: _bounded(function) for name, function in self.filters.items() if name in FILTERS}


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function``, refusing long values: a chain of ``replace`` could fill the memory before any limit of Liquid's is asked."""

    @wraps(function)
    def call(*values: Any, **named: Any) -> Any:
        if any(len(value) > LONGEST_VALUE for value in values if isinstance(value, (str, list))):
            raise LiquidError("a value is too long for a filter", token=None)
        return function(*values, **named)

    return call


PLAIN = SafeEnvironment(autoescape=False)
HTML = SafeEnvironment(autoescape=True)
Piece = Callable[[dict[str, Any]], str]
"""A compiled part of a text: facts go in, words come out."""


def parse(source: str, environment: Environment = PLAIN) -> BoundTemplate:
    """``source`` as a Liquid template; raises ``TemplateError`` with the line of the mistake."""
    try:
        return environment.from_string(source)
    except (LiquidError, RecursionError, ValueError) as error:
        raise TemplateError(explain(error, _line_of(error, source, environment))) from error


def compile(source: str, environment: Environment = PLAIN) -> Piece:
    """``source`` as a function of the facts; text without any braces costs nothing when it is rendered."""
    if "{{" not in source and "{%" not in source:
        return lambda facts: source
    template = parse(source, environment)
    fill = quicken(template) or template.render

    def render(facts: dict[str, Any]) -> str:
        try:
            return fill(facts)
        except (LiquidError, RecursionError, ArithmeticError, ValueError, TypeError) as error:
            raise TemplateError(explain(error)) from error

    return render


def explain(error: Exception, line: int = 0) -> str:
    """What went wrong, with the line: Liquid's own, or else ``line``."""
    token = getattr(error, "token", None)
    said = str(getattr(error, "message", "") or error).strip() or type(error).__name__
    if token is not None and token.start_index >= 0:
        line = token.source.count("\n", 0, token.start_index) + 1
    return f"{said[0].upper()}{said[1:]} (line {line})." if line else f"{said[0].upper()}{said[1:]}."


def _line_of(error: Exception, source: str, environment: Environment) -> int:
    """The line of a mistake that Liquid does not place: a block left open, or the first ``{{ … }}`` that fails by itself."""
    left_open = re.search(r"expected tag end(\w+)", str(error))
    if left_open:
        starts = [match.start() for match in re.finditer(rf"\{{%-?\s*{left_open[1]}\b", source)]
        return source.count("\n", 0, starts[-1]) + 1 if starts else 0
    for match in _OUTPUT.finditer(source):
        try:
            environment.from_string(match.group())
        except (LiquidError, RecursionError, ValueError):
            return source.count("\n", 0, match.start()) + 1
    return 0


def facts_in(source: str) -> set[str]:
    """The facts that ``source`` names from outside, as "order.number"; raises ``TemplateError`` if it does not parse."""
    named: set[str] = set()
    for variables in parse(source).analyze().globals.values():
        named.update(".".join(str(segment) for segment in variable.segments[:2]) for variable in variables)
    return named
