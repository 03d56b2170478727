"""The check of the names that channels have in ``BACKENDS``."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = re.compile(r"[-\w]{1,20}", re.ASCII)
"""A name is kept with each message (20 characters), and written into lists with commas."""


def names(given: Iterable[str]) -> str:
    """What is wrong with the first name that does not fit; nothing if all do."""
    odd = [name for name in given if not _NAME.fullmatch(name)]
    return f"{odd[0]!r} in it is no name of at most 20 letters, digits, hyphens and underscores" if odd else ""
