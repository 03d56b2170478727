"""Reads which facts a part names: where, whether for showing or for asking, and whether it is sure there that they are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from liquid import BoundTemplate, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions import logical as said
from liquid.builtin.expressions.primitive import Blank, Empty, Nil, StringLiteral
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.case_tag import CaseNode, MultiExpressionBlockNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.expression import Expression

Names = tuple[str, ...]
ITEM = "[]"
"""Stands in a path for one thing of a list."""
UNKNOWN = "[?]"
"""Stands in a path for what is looked up by another fact."""
OWN = ("(own)",)
"""The path of a variable that the author made of something."""
LOOP = ("(loop)",)
_STILL_A_LIST = frozenset({"where", "sort", "reverse", "compact", "slice"})
_ONE_OF_A_LIST = frozenset({"first", "last"})


@dataclass(frozen=True, kw_only=True)
class Use:
    """One place where a part names a fact."""

    path: Names
    """Seen from the facts: ``("order", "lines", "[]", "title")`` for a loop's ``line.title``."""
    written: str
    """As the author wrote it: ``line.title``."""
    index: int
    """Where in the source."""
    is_shown: bool = False
    is_sure: bool = False
    """Whether the part has asked before, or says what stands there instead."""
    filters: Names = ()


@dataclass
class Reader:
    """Walks through a template, remembering what the author's own names stand for."""

    context: RenderContext
    names: dict[str, Names] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)

    def read(self, nodes: Iterable[Node], sure: frozenset[Names]) -> None:
        """Take note of every use in ``nodes``, where the facts of ``sure`` are known."""
        for node in nodes:
            self._read_node(node, sure)

    def _read_node(self, node: Node, sure: frozenset[Names]) -> None:
        match node:
            case OutputNode():
                self._note(node.expression, sure, is_shown=True)
            case IfNode() | UnlessNode():
                self._read_choice(node, sure)
            case CaseNode():
                self._read_case(node, sure)
            case ForNode():
                self._read_loop(node, sure)
            case AssignNode():
                self._note(node.expression, sure)
                self.names[node.name] = self._meaning(node.expression)
            case _:
                for expression in node.expressions():
                    self._note(expression, sure)
                self.read(node.children(self.context), sure)
                if isinstance(node, CaptureNode):
                    self.names[node.name] = OWN

    def _read_choice(self, node: IfNode | UnlessNode, sure: frozenset[Names]) -> None:
        turned = isinstance(node, UnlessNode)
        self._note(node.condition, sure)
        self.read([node.consequence], sure | self._told_by(node.condition, turned))
        sure = sure | self._told_by(node.condition, not turned)
        for other in node.alternatives:
            self._note(other.expression, sure)
            self.read([other.block], sure | self._told_by(other.expression))
            sure = sure | self._told_by(other.expression, turned=True)
        if node.default:
            self.read([node.default], sure)

    def _read_case(self, node: CaseNode, sure: frozenset[Names]) -> None:
        self._note(node.expression, sure)
        for way in node.blocks:
            for expression in way.expressions():
                self._note(expression, sure)
            is_when = isinstance(way, MultiExpressionBlockNode)
            self.read(way.children(self.context), sure | self._paths(node.expression) if is_when else sure)

    def _read_loop(self, node: ForNode, sure: frozenset[Names]) -> None:
        self._note(node.expression, sure)
        name, before = node.expression.identifier, dict(self.names)
        whole = self._meaning(node.expression.iterable)
        self.names |= {"forloop": LOOP, name: OWN if whole == OWN else (*whole, ITEM)}
        self.read([node.block], sure | {whole})
        for shadowed in {"forloop", name}:  # a loop may call its own things "forloop"
            self.names.pop(shadowed)
            if shadowed in before:
                self.names[shadowed] = before[shadowed]
        if node.default:
            self.read([node.default], sure)

    def _note(self, expression: Expression, sure: frozenset[Names], *, is_shown: bool = False, filters: Names = ()) -> None:
        if isinstance(expression, Path):
            path = self._resolved(expression)
            self.uses.append(Use(
                path=path, written=str(expression), index=expression.token.start_index, is_shown=is_shown,
                is_sure=path in sure or "default" in filters, filters=filters,
            ))
        if isinstance(expression, FilteredExpression):
            names = tuple(one.name for one in expression.filters or ())
            self._note(expression.left, sure, is_shown=is_shown, filters=names)
            for child in expression.children()[1:]:
                self._note(child, sure, is_shown=is_shown)
            return
        for child in expression.children():
            self._note(child, sure)

    def _resolved(self, path: Path) -> Names:
        parts = tuple(_segment(segment) for segment in path.path)
        return (*self.names[parts[0]], *parts[1:]) if parts[0] in self.names else parts

    def _meaning(self, expression: Expression) -> Names:
        """What a name stands for that is given to ``expression``."""
        left = expression.left if isinstance(expression, FilteredExpression) else expression
        filters = {one.name for one in expression.filters or ()} if isinstance(expression, FilteredExpression) else set()
        if not isinstance(left, Path) or filters - _STILL_A_LIST - _ONE_OF_A_LIST:
            return OWN
        path = self._resolved(left)
        return (*path, ITEM) if filters & _ONE_OF_A_LIST else path

    def _paths(self, expression: Expression) -> frozenset[Names]:
        return frozenset({self._resolved(expression)}) if isinstance(expression, Path) else frozenset()

    def _told_by(self, condition: Expression, turned: bool = False) -> frozenset[Names]:
        """The facts that are known where ``condition`` is true; where it is false, if ``turned``."""
        match condition:
            case said.BooleanExpression():
                return self._told_by(condition.expression, turned)
            case Path():
                return frozenset() if turned else self._paths(condition)
            case said.LogicalAndExpression() | said.LogicalOrExpression():
                left, right = self._told_by(condition.left, turned), self._told_by(condition.right, turned)
                return left | right if isinstance(condition, said.LogicalAndExpression) != turned else left & right
            case said.NeExpression() | said.EqExpression():
                is_said = isinstance(condition, said.EqExpression) != turned
                return self._paths(condition.left) if is_said != _is_nothing(condition.right) else frozenset()
            case said.GtExpression() | said.GeExpression() | said.LtExpression() | said.LeExpression():
                return frozenset() if turned else self._paths(condition.left) | self._paths(condition.right)
            case said.ContainsExpression():
                return frozenset() if turned else self._paths(condition.left)
        return frozenset()


def _is_nothing(expression: Expression) -> bool:
    return isinstance(expression, (Blank, Empty, Nil)) or (isinstance(expression, StringLiteral) and not expression.value.strip())


def _segment(segment: object) -> str:
    if isinstance(segment, int):
        return ITEM
    return segment if isinstance(segment, str) else UNKNOWN


def uses(template: BoundTemplate) -> Iterator[Use]:
    """Every place where ``template`` names something from outside, in the order of the source."""
    reader = Reader(RenderContext(template))
    reader.read(template.nodes, frozenset())
    yield from sorted(reader.uses, key=lambda use: use.index)
