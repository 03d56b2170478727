"""What a text may cost when it is filled in: a time, a number of rounds, a length of everything that goes through a filter."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, TextIO

from liquid import BoundTemplate, Markup, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import LoopExpression, StringLiteral
from liquid.builtin.expressions.filtered import FilteredExpression
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.tags.for_tag import ForNode, ForTag
from liquid.exceptions import LiquidError, LiquidSyntaxError, LoopIterationLimitError, ResourceLimitError, UnknownFilterError
from liquid.expression import Expression

LONGEST_SECONDS = 0.1
"""How much of the processor one part of a text may take to be filled in; usual ones take a thousandth of that."""
MOST_ROUNDS = 5_000
"""How many rounds all loops of a part may go together."""
LONGEST_RANGE = 1_000
LONGEST_VALUE = 2_000
"""How long a text or list may be that goes through a filter."""
LONGEST_RESULT = 20_000
"""How long what comes out of a filter may be."""
_KEEPING_HTML = frozenset({"append", "prepend", "strip", "default"})
"""Filters that add to a captured piece of HTML, escaped, or pass it on as a whole; all others take it for the text that it shows."""
LARGEST_NUMBER = 10**15
"""Larger ones are no amounts; numbers of a million digits take minutes to write."""


class Bounded(RenderContext):
    """The context of one filling, which ends it when it has cost too much."""

    __slots__ = ("_rounds", "_until")

    def __init__(self, template: BoundTemplate, **named: Any) -> None:
        super().__init__(template, **named)
        self._until = time.thread_time() + LONGEST_SECONDS
        self._rounds = 0

    def watch(self) -> None:
        """Raise ``ResourceLimitError`` if the time is up."""
        if time.thread_time() > self._until:
            raise ResourceLimitError("it takes too long to be filled in", token=None)

    def get(self, path: list[object], **named: Any) -> object:
        """The value at ``path``, if there is time left."""
        self.watch()
        return super().get(path, **named)

    def filter(self, name: str, token: Any) -> Callable[..., object]:
        """The filter ``name``, if there is time left."""
        self.watch()
        return super().filter(name, token)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """Count the rounds of all loops together; Liquid multiplies those of nested ones and forgets the others."""
        super().raise_for_loop_limit(length)
        self._rounds += length
        if self._rounds > MOST_ROUNDS:
            raise LoopIterationLimitError("its loops go too many rounds", token=None)

    @contextmanager
    def loop(self, namespace: Mapping[str, object], forloop: Any) -> Iterator[RenderContext]:
        """As Liquid's, with a look at the time in each round."""
        forloop.it = self._watched(forloop.it)
        with super().loop(namespace, forloop) as context:
            yield context

    def _watched(self, things: Iterator[Any]) -> Iterator[Any]:
        for thing in things:
            self.watch()
            yield thing


class BoundedTemplate(BoundTemplate):
    """A template that is filled in within bounds."""

    context_class = Bounded


class BoundedLoop(ForNode):
    """A loop that refuses a giant range before it is turned into a list, or walked through to where the loop begins."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Go through the loop."""
        things = self.expression.iterable.evaluate(context)
        if isinstance(things, range) and things.stop - things.start > LONGEST_RANGE:
            raise LoopIterationLimitError(f"a range may hold at most {LONGEST_RANGE} numbers", token=self.token)
        return super().render_to_output(context, buffer)


class BoundedFor(ForTag):
    """The tag of bounded loops."""

    node_class = BoundedLoop


class Quoted(StringLiteral):
    """Words that the author put in quotes. Liquid takes them for safe HTML; they are text like any other, and escaped."""

    __slots__ = ()

    def evaluate(self, _: RenderContext) -> str:
        """The words."""
        return self.value


def bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter ``function`` called ``name``, refusing long values and never letting pieces of HTML through as HTML.

    A chain of ``replace`` could fill the memory before any limit of Liquid's is asked, and make a tag of what was captured.
    """

    @wraps(function)
    def call(*values: Any, **named: Any) -> Any:
        for value in values:
            _refuse(value, LONGEST_VALUE)
        if name not in _KEEPING_HTML:
            values = tuple(value.unescape() if isinstance(value, Markup) else value for value in values)
        result = function(*values, **named)
        _refuse(result, LONGEST_RESULT)
        return result

    return call


def _refuse(value: Any, longest: int) -> None:
    if isinstance(value, (str, list, range)) and len(value) > longest:
        raise LiquidError("a value is too long for a filter", token=None)
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        raise LiquidError("a number is too large", token=None)


def settle(template: BoundTemplate, filters: Collection[str]) -> None:
    """Make what a parsed template quotes plain text; raise ``LiquidError`` for a filter not in ``filters`` and for a stray range."""
    context = RenderContext(template)
    for node in template.nodes:
        _settle(node, context, filters)


def _settle(node: Node, context: RenderContext, filters: Collection[str]) -> None:
    for expression in node.expressions():
        _settle_expression(expression, filters)
    for child in node.children(context):
        _settle(child, context, filters)


def _settle_expression(expression: Expression, filters: Collection[str], *, in_loop: bool = False) -> None:
    if type(expression) is StringLiteral:
        expression.__class__ = Quoted
    if isinstance(expression, RangeLiteral) and not in_loop:
        raise LiquidSyntaxError("a range such as (1..5) can stand in a “for” only", token=expression.token)
    if isinstance(expression, FilteredExpression):
        for one in expression.filters or ():
            if one.name not in filters:
                raise UnknownFilterError(f"there is no filter “{one.name}”", token=one.token)
    for child in expression.children():
        _settle_expression(child, filters, in_loop=isinstance(expression, LoopExpression))
