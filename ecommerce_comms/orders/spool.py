"""Facts that the database would not take, kept on this host's disk until it does.

Each is one file, put into place whole and readable by its owner alone, named by its key: the same fact told twice is one file, and
a fact that is read back twice is one row. The process that wrote it tries again after a while, and so does every sweep of this host.
"""

from __future__ import annotations

import json
import os
import threading
import time
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, connections, router

from ecommerce_comms import hostfiles, masking
from ecommerce_comms.conf import conf
from ecommerce_comms.orders import waker
from ecommerce_comms.orders.contained import contain
from ecommerce_comms.orders.inserting import insert
from ecommerce_comms.orders.models import OrderEvent

log = masking.logger(__name__)
WAITS = (1.0, 5.0, 30.0)
"""Seconds before each further attempt of this process; the last one stands for all that follow."""
_TIMES = ("occurred_at", "recorded_at")
_NAMES = (
    "event_key", "kind", "order_reference", "order_key", *_TIMES, "source", "notify_customer", "snapshot", "parcel", "data", "language",
    "error",
)
_trying: dict[int, threading.Thread] = {}
"""The thread that tries again, by process: a fork does not take it along."""
_looked: set[int] = set()


def keep(event: OrderEvent) -> None:
    """Write ``event`` down, and try again soon. Never raises: what cannot even be written is in the log."""
    try:
        _write(event)
    except Exception:
        log.exception("The fact %s of order %s is lost: no file could be written either.", event.kind, event.order_reference)
    else:
        log.warning("The fact %s of order %s is kept in %s for the time being.", event.kind, event.order_reference, folder())
        _try_soon()


def look() -> None:
    """Once in the life of a process: try again what an earlier one has left."""
    if os.getpid() not in _looked:
        _looked.add(os.getpid())
        if _files():
            _try_soon()


def read_back() -> int:
    """Record what is kept; returns how many facts were. Raises ``DatabaseError`` while the database still refuses."""
    recorded = 0
    for path in _files():
        event = _read(path)
        if event is not None:
            recorded += insert(event, contain(router.db_for_write(OrderEvent)))
            path.unlink(missing_ok=True)
    if recorded:
        waker.wake(waker.WORK)
    return recorded


def folder() -> Path:
    """Where the facts of this database are kept on this host."""
    return hostfiles.folder(router.db_for_write(OrderEvent), "facts")


def _write(event: OrderEvent) -> None:
    place = folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = blake2b(event.event_key.encode(), digest_size=16).hexdigest()
    content = {each: getattr(event, each) for each in _NAMES} | {each: getattr(event, each).isoformat() for each in _TIMES}
    draft = place / f"{name}.{os.getpid()}-{threading.get_ident()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file)
    draft.replace(place / f"{name}.json")


def _files() -> list[Path]:
    """The oldest first; none where there is no folder that we may use."""
    try:
        paths = sorted(folder().glob("*.json"))
    except OSError:
        return []
    try:
        return sorted(paths, key=lambda path: path.stat().st_mtime_ns)
    except OSError:  # somebody else reads them back at this moment
        return paths


def _read(path: Path) -> OrderEvent | None:
    """``None`` if somebody else has read it back; a file that makes no sense is put aside."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return OrderEvent(**content | {each: datetime.fromisoformat(content[each]) for each in _TIMES})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError):
        log.exception("%s cannot be read and is put aside.", path)
        path.replace(path.with_suffix(".unreadable"))
        return None


def _try_soon() -> None:
    thread = _trying.get(os.getpid())
    if conf.WAKER != "off" and (thread is None or not thread.is_alive()):
        _trying[os.getpid()] = thread = threading.Thread(target=_try, name="comms-spool", daemon=True)
        thread.start()


def _try() -> None:
    """Until nothing is left."""
    tries = 0
    while tries == 0 or _files():
        time.sleep(WAITS[min(tries, len(WAITS) - 1)])
        tries += 1
        try:
            read_back()
        except (DatabaseError, InterfaceError) as error:
            log.warning("The database takes no facts yet: %s", error)
        except Exception:
            log.exception("Facts could not be read back.")
        finally:
            connections.close_all()
