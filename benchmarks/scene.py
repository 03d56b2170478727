"""What the processes of one run share: which way sends, over which database, broker and mail server."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

VARIABLE = "COMMS_BENCHMARK"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One way of sending, on its own database and queue; travels to other processes in the environment."""

    way: str
    database: str = "sqlite"
    """``postgres``, ``mariadb`` or ``sqlite``."""
    name: str = ":memory:"
    """Of the database; a file for SQLite."""
    broker_url: str = "memory://"
    queue: str = "benchmark"
    smtp_port: int = 25
    folder: str = ""
    """For files that do not outlive the run."""

    def environ(self) -> dict[str, str]:
        """The environment of a process that takes part."""
        return os.environ | {"DJANGO_SETTINGS_MODULE": "benchmarks.settings", VARIABLE: json.dumps(asdict(self))}


def current() -> Scene:
    """The scene of this process."""
    return Scene(**json.loads(os.environ[VARIABLE]))
