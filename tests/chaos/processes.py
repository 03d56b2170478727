"""Processes as the kernel shows them in ``/proc``: whose child is whose, and what each has cost."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """One line of the kernel's book."""

    pid: int
    parent: int
    session: int
    state: str
    seconds: float
    """CPU time, its own only."""


def running() -> Iterator[Process]:
    """Every process of this machine."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            yield Process(int(entry.name), int(words[1]), int(words[3]), words[0], (int(words[11]) + int(words[12])) / TICKS)


def family(leader: int) -> list[Process]:
    """The living processes of the session that ``leader`` began, with their children, and so on.

    The session holds what has lost its parent, and the children are those that began a session of their own.
    """
    everybody = [process for process in running() if process.state != "Z"]
    children = defaultdict(list)
    for process in everybody:
        children[process.parent].append(process)
    found = {process.pid: process for process in everybody if process.session == leader}
    left = list(found)
    while left:
        new = {child.pid: child for child in children[left.pop()] if child.pid not in found}
        found |= new
        left += new
    return list(found.values())
