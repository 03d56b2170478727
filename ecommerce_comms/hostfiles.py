"""Where the processes of one host keep what must outlive them and need not outlive the host."""

from __future__ import annotations

import os
import tempfile
from hashlib import sha256
from pathlib import Path

from django.db import connections

from ecommerce_comms.conf import conf


def folder(database: str, *parts: str) -> Path:
    """The folder of this user, for the database with the alias ``database``; not made yet.

    Raises ``PermissionError`` where the folder for temporary files holds one of that name that belongs to somebody else.
    """
    base = Path(conf.JOURNAL_DIR) if conf.JOURNAL_DIR else _own_temporary()
    return base.joinpath(sha256(_which(database).encode()).hexdigest()[:16], *parts)


def _own_temporary() -> Path:
    # The number, not the name: in a container the user often has none.
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    found = Path(tempfile.gettempdir()) / f"ecommerce-comms-{user}"
    if hasattr(os, "getuid") and found.exists() and found.stat().st_uid != user:
        raise PermissionError(f"{found} belongs to another user; set ECOMMERCE_COMMS[\"JOURNAL_DIR\"].")
    return found


def _which(database: str) -> str:
    """What tells one database from another; a path is made whole, since two projects may both have a ``db.sqlite3``."""
    settings = connections[database].settings_dict
    name = str(settings.get("NAME", ""))
    is_file = connections[database].vendor == "sqlite" and ":memory:" not in name
    return "|".join([os.path.abspath(name) if is_file else name, *(str(settings.get(each, "")) for each in ("ENGINE", "HOST", "PORT"))])
