"""Payloads with a few of their parts taken away or replaced by something odd."""

from __future__ import annotations

import copy
from uuid import UUID

from hypothesis import strategies as st

OURS = UUID(int=1)
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=20), st.just([]), st.just({}),
    st.sampled_from(["\x00", "\ud800", "1e400", "9" * 100, "a@b", "<>", "%s", "{}", "' OR 1=1", "ASHA@customers.example", OURS.hex,
                     "hard_bounce",
                     10**400, -1, 0, 2**63, [None], {"comms": 7}, [[]], {"": {}}, "2026-13-45T99:99:99Z", "0001-01-01T00:00:00+14:00"]),
)


def places(value, path=()):
    """The way to every part of nested data."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def changed(payload, path, change):
    """``payload`` with the part at ``path`` taken away (``change`` is ``None``) or replaced by what ``change`` holds."""
    payload, change = copy.deepcopy(payload), copy.deepcopy(change)
    if not path:
        return change[0] if change else payload
    inside = payload
    for key in path[:-1]:
        inside = inside[key]
    if change is None:
        del inside[path[-1]]
    else:
        inside[path[-1]] = change[0]
    return payload


@st.composite
def mutated(draw, payload):
    """A payload with a few of its parts changed."""
    for _time in range(draw(st.integers(1, 4))):
        if not isinstance(payload, (dict, list)):
            break
        path = draw(st.sampled_from(list(places(payload))))
        payload = changed(payload, path, draw(st.one_of(st.none(), st.tuples(ODD))))
    return payload
