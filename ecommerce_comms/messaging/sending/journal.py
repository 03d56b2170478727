"""A sending thread's own file: which message it is at, readable for whoever starts after it was killed.

A commit in the database for each message costs ten times as much as the message itself. Twenty-two bytes written to a file
cost two microseconds, and the kernel keeps them when the process dies. They do not survive the host; for that the
database has a mark of its own (``workers``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from django.db import router

from ecommerce_comms import hostfiles
from ecommerce_comms.messaging.models import Worker

try:
    import fcntl
except ImportError:  # Windows: no journal, and the database's mark decides alone
    fcntl = None  # type: ignore[assignment]

MAKING, SENDING, DONE = b"m", b"s", b"d"
"""What the thread does with the message: makes its text (before any of the claim is handed over), hands it over, has handed it over."""
_TOKEN, _STEP = 32, 21
_own: dict[str, int] = {}
"""Journals of this process and their open files: its locks do not keep itself out."""


@dataclass(frozen=True)
class Entry:
    """What a journal of a dead thread says."""

    path: Path
    token: str
    position: int
    step: bytes


class Journal:
    """One file, locked for as long as its process lives."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._path = folder() / f"{self.pid}-{token_hex(8)}.journal"
        # It gets its name when it is locked and known: whoever finds an empty journal that nobody holds removes it.
        unnamed = self._path.with_suffix(".new")
        self._file = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        _own[self._path.name] = self._file
        unnamed.rename(self._path)

    def begin(self, token: str) -> None:
        """A claim begins; none of its messages has been touched."""
        os.pwrite(self._file, token.encode().ljust(_TOKEN) + _step(0, MAKING), 0)

    def note(self, position: int, step: bytes) -> None:
        """The thread takes ``step`` with the message ``position``."""
        os.pwrite(self._file, _step(position, step), _TOKEN)

    def end(self) -> None:
        """The claim's outcomes are in the database."""
        os.ftruncate(self._file, 0)

    def abandon(self) -> None:
        """Leave the file to whoever finds it: what it says could not be brought into the database."""
        _own.pop(self._path.name, None)
        os.close(self._file)


def is_possible() -> bool:
    """Whether this machine can lock files."""
    return fcntl is not None


def folder() -> Path:
    """The folder of the journals of one user and one database on this host, made if need be; raises ``OSError``."""
    own = hostfiles.folder(router.db_for_write(Worker))
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    return own


def left_behind() -> Iterator[Entry]:
    """What the dead of this host left, each held locked until the next is asked for; empty journals are removed."""
    for path in _all():
        if path.name in _own:
            continue
        with suppress(FileNotFoundError), open(path, "r+b") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue  # its process lives
            entry = _read(path, file.read())
            if entry is None:
                path.unlink(missing_ok=True)
            else:
                yield entry


def of_claim(token: str) -> Entry | None:
    """What a journal of this host says of the claim ``token``, whether its process lives or not.

    A worker that was paused is silent and yet alive; its journal may be ahead of its row.
    """
    for path in _all():
        with suppress(OSError):
            entry = _peek(path)
            if entry and entry.token == token:
                return entry
    return None


def _all() -> list[Path]:
    """Every journal of this host; none where none can be kept, of which each sender warns when it begins."""
    try:
        return sorted(folder().glob("*.journal")) if is_possible() else []
    except OSError:
        return []


def _peek(path: Path) -> Entry | None:
    """Read without opening our own files once more: closing one would give up its lock."""
    if path.name in _own:
        return _read(path, os.pread(_own[path.name], _TOKEN + _STEP, 0))
    return _read(path, path.read_bytes())


def _step(position: int, step: bytes) -> bytes:
    return b"%020d" % position + step


def _read(path: Path, content: bytes) -> Entry | None:
    """``None`` for a journal at rest; a file that was cut off in the middle is one as well."""
    if len(content) < _TOKEN + _STEP:
        return None
    position, step = content[_TOKEN : _TOKEN + _STEP - 1], content[_TOKEN + _STEP - 1 : _TOKEN + _STEP]
    return Entry(path, content[:_TOKEN].decode("ascii", "replace").strip(), int(position), step) if position.isdigit() else None
