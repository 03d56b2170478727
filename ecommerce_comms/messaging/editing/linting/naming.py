"""Complaints about the facts that a part names: unknown ones, such as its kind never has, and such as may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from liquid import BoundTemplate

from ecommerce_comms.messaging.editing.linting.complaints import Complaint, error, warning
from ecommerce_comms.messaging.editing.linting.reading import ITEM, LOOP, OWN, UNKNOWN, Use, uses
from ecommerce_comms.messaging.writing import facts, texts
from ecommerce_comms.messaging.writing.facts import Fact

_OF_A_LOOP = frozenset({"index", "index0", "rindex", "rindex0", "first", "last", "length", "parentloop"})
_ADVERTISING = "suggestions"
_OF_A_LIST = frozenset({"first", "last", ITEM})
_WHOLE = frozenset({"join", "size", "first", "last"})


def complaints(part: str, source: str, template: BoundTemplate, kind: str) -> Iterator[Complaint]:
    """What is wrong with the facts that ``template``, made of ``source``, names in a message of ``kind``."""
    known = _by_name(kind)
    told: set[str] = set()
    for use in uses(template):
        found = _about(use, part, source, kind, known)
        name = use.path[0] if use.path[0] == _ADVERTISING else use.written
        if found and name not in told:
            told.add(name)
            yield found


@lru_cache(maxsize=128)
def _known_to_built_in(kind: str) -> dict[str, Fact]:
    return {fact.name: fact for fact in facts.of(kind)}


def _by_name(kind: str) -> dict[str, Fact]:
    return {fact.name: fact for fact in facts.of(kind)} if kind in texts.KINDS_OF_SHOP else _known_to_built_in(kind)


def _about(use: Use, part: str, source: str, kind: str, known: dict[str, Fact]) -> Complaint | None:
    name, rest = ".".join(use.path[:2]), use.path[2:]
    if use.path[0] == LOOP[0]:
        is_known = use.path[1:2] and use.path[1] in _OF_A_LOOP
        return None if is_known else error(part, f"{{part}} uses {_shown(use)}{{at}}, which a loop does not know.", source, use.index)
    if use.path[0] == OWN[0]:
        return None
    if use.path[0] == _ADVERTISING:
        said = "{part} uses the suggestions; they are advertising, and stand by themselves below the order."
        return error(part, said, source, use.index)
    if UNKNOWN in use.path:
        said = f"{{part}} looks up {_shown(use)}{{at}} by another fact; please name the fact itself, as in {{{{ order.number }}}}."
        return error(part, said, source, use.index)
    fact = facts.FACTS.get(name)
    member = _member(fact, rest) if fact else None
    if fact is None or member is None:
        return error(part, _unknown(use, known, fact), source, use.index)
    return _misplaced(use, part, source, kind, known, fact) or _fragile(use, part, source, member)


def _member(fact: Fact, rest: tuple[str, ...]) -> Fact | None:
    """What ``rest`` reaches from ``fact``; None if there is no such thing."""
    if rest in {(), ("size",)}:
        return fact
    if fact.type != "list" or rest[0] not in _OF_A_LIST:
        return None
    if len(rest) == 1 or rest[1:] == ("size",):
        return fact
    return next((member for member in fact.members if rest[1:] == (member.name,)), None)


def _unknown(use: Use, known: dict[str, Fact], fact: Fact | None) -> str:
    said = f"{{part}} uses {_shown(use)}{{at}}, which is not a fact that a message knows"
    if fact is not None and fact.members:
        near = get_close_matches(use.path[-1], [member.name for member in fact.members], 1, 0.5)
        return f"{said}; did you mean {{{{ {use.written.rpartition('.')[0]}.{near[0]} }}}}?" if near else f"{said}."
    near = _nearest(use.written, known)
    return f"{said}; did you mean {{{{ {near[0]} }}}}?" if near else f"{said}; the list beside the text shows those it knows."


def _nearest(written: str, known: dict[str, Fact]) -> list[str]:
    """The known fact that looks most like ``written``: as a whole, or by the last part of its name alone."""
    near = get_close_matches(written, known, 1, 0.75)
    ends = {name.partition(".")[2]: name for name in reversed(known)}
    return near or [ends[end] for end in get_close_matches(written.rpartition(".")[2], ends, 1, 0.8)]


def _misplaced(use: Use, part: str, source: str, kind: str, known: dict[str, Fact], fact: Fact) -> Complaint | None:
    """The complaint about a fact that exists, though not for this kind or not in this way."""
    if fact.name not in known or (fact.members and use.path[3:] and _member(known[fact.name], use.path[2:]) is None):
        words = kind.replace("_", " ").replace(".", " to ")
        if use.is_shown and not use.is_sure:
            said = f"{{part}} uses {_shown(use)}{{at}}, which a message of the kind “{words}” never knows; please leave it out."
            return error(part, said, source, use.index)
        return warning(part, f"{{part}} asks for {_shown(use)}{{at}}, which a message of the kind “{words}” never knows: that part never "
                             "shows.", source, use.index)
    is_whole_list = fact.type == "list" and not use.path[2:]
    if use.is_shown and (is_whole_list or (use.path[2:] and fact.members and not use.path[3:] and use.path[-1] != "size")):
        if _WHOLE & set(use.filters) and not fact.members:
            return None
        how = f"{{% for one in {fact.name} %}}{{{{ one{'.title' if fact.members else ''} }}}}{{% endfor %}}"
        return error(part, f"{{part}} shows {_shown(use)}{{at}}, which is a list; please write {how}.", source, use.index)
    return None


def _fragile(use: Use, part: str, source: str, fact: Fact) -> Complaint | None:
    """The complaint about a sentence that breaks where a fact is not known."""
    if not fact.optional or not use.is_shown or use.is_sure or fact.type == "list" or _stands_alone(source, use.index):
        return None
    return warning(
        part, f"{{part}} uses {_shown(use)}{{at}} without asking for it; where it is not known, {fact.optional} comes out. Please write "
        f"{{% if {use.written} %}} before and {{% endif %}} behind what depends on it, or say what else should stand there: "
        f"{{{{ {use.written} | default: \"…\" }}}}.", source, use.index,
    )


def _stands_alone(source: str, index: int) -> bool:
    """Whether the braces at ``index`` are all that their line holds: without the fact there is no line."""
    start, end = source.rfind("{{", 0, index), source.find("}}", index) + 2
    before, behind = source[source.rfind("\n", 0, start) + 1 : start], source[end:].partition("\n")[0]
    return "\n" in source.strip() and not before.strip() and not behind.strip()


def _shown(use: Use) -> str:
    return f"{{{{ {use.written} }}}}"


