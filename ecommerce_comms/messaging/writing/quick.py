"""Liquid that only asks for facts and shows them, done without Liquid's machinery: it would take a third of the time of a mail.

Everything else (loops, filters, assignments) stays with Liquid itself, and so does every mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from liquid import BoundTemplate, Undefined
from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import BooleanExpression, FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.expression import Expression
from liquid.stringify import to_liquid_string

Facts = Mapping[str, Any]
Part = str | Callable[[Facts], str]
Test = Callable[[Facts], bool]
_OWN_WAYS = frozenset({"size", "first", "last", "now", "today"})
"""Names to which Liquid gives a meaning of its own."""
_NOTHING = Undefined("fact")


class NotQuick(Exception):
    """This takes Liquid."""


class Lookup:
    """As much of Liquid's context as its comparisons use."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def get(self, path: Sequence[str], *, token: object = None) -> Any:
        """The fact at ``path``."""
        return _at(self.facts, path, _NOTHING)


def quicken(template: BoundTemplate) -> Callable[[Facts], str] | None:
    """``template`` as a plain function of the facts; None if it takes Liquid."""
    try:
        parts = [_part(node, template.env.autoescape) for node in template.nodes]
    except NotQuick:
        return None
    limit = (template.env.output_stream_limit or 0) // 4  # characters, of which each may take four bytes

    def render(facts: Facts) -> str:
        try:
            text = _joined(parts, facts)
        except Exception:
            return template.render(facts)
        return text if len(text) < limit else template.render(facts)

    return render


def _joined(parts: Sequence[Part], facts: Facts) -> str:
    return "".join([part if type(part) is str else part(facts) for part in parts])  # type: ignore[operator]


def _part(node: Node, autoescape: bool) -> Part:
    if isinstance(node, ContentNode):
        return node.text
    if isinstance(node, OutputNode) and type(node.expression) is FilteredExpression and not node.expression.filters:
        return _shown(_path(node.expression.left), autoescape)
    if isinstance(node, IfNode):
        return "" if node.blank else _choice(node, autoescape)
    raise NotQuick


def _shown(path: Sequence[str], autoescape: bool) -> Part:
    def show(facts: Facts) -> str:
        value = _at(facts, path, "")
        return value if type(value) is str and not autoescape else to_liquid_string(value, autoescape)

    return show


def _choice(node: IfNode, autoescape: bool) -> Part:
    def inside(block: BlockNode) -> list[Part]:
        return [_part(each, autoescape) for each in block.nodes]

    ways = [(_test(node.condition), inside(node.consequence))]
    ways += [(_test(other.expression), inside(other.block)) for other in node.alternatives]
    default = inside(node.default) if node.default else []

    def choose(facts: Facts) -> str:
        for test, parts in ways:
            if test(facts):
                return _joined(parts, facts)
        return _joined(default, facts)

    return choose


def _test(condition: Expression) -> Test:
    asked = condition.expression if isinstance(condition, BooleanExpression) else condition
    if isinstance(asked, Path):
        path = _path(asked)
        return lambda facts: _is_true(_at(facts, path, None))
    _check(asked)
    return lambda facts: bool(condition.evaluate(Lookup(facts)))  # type: ignore[arg-type]


def _is_true(value: Any) -> bool:
    return value is not None and value is not False


def _check(expression: Expression) -> None:
    """Raise unless ``expression`` does nothing but compare facts and words."""
    if isinstance(expression, Path):
        _path(expression)
    elif type(expression).__name__ not in _COMPARING:
        raise NotQuick
    for child in expression.children():
        _check(child)


_COMPARING = frozenset({
    "LogicalAndExpression", "LogicalOrExpression", "EqExpression", "NeExpression", "LtExpression", "GtExpression", "LeExpression",
    "GeExpression", "IntegerLiteral", "StringLiteral", "Quoted",
})


def _path(expression: Expression) -> tuple[str, ...]:
    names = tuple(expression.path) if isinstance(expression, Path) else ()
    if not names or not all(isinstance(name, str) and name not in _OWN_WAYS for name in names):
        raise NotQuick
    return names  # type: ignore[return-value]


def _at(facts: Any, path: Sequence[str], default: Any) -> Any:
    try:
        for name in path:
            facts = facts[name]
    except (KeyError, TypeError, IndexError):
        return default
    return facts
