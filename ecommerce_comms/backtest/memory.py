"""How much memory the process has held at most."""

from __future__ import annotations

import sys
from types import ModuleType

resource: ModuleType | None
try:
    import resource
except ImportError:  # Windows keeps no such account
    resource = None

_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in what the system calls one: see getrusage(2) of macOS and of Linux."""


def peak_megabytes() -> float | None:
    """The most memory that this process held since it began, in megabytes; ``None`` where nobody counts it."""
    if resource is None:
        return None
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * _UNIT / 1e6
