"""What listens to the shop's signals."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.dispatch import Signal

from ecommerce_comms import masking
from ecommerce_comms.orders import events
from ecommerce_comms.signals import EVENT_SIGNALS
from ecommerce_comms.snapshots import ParcelSnapshot

log = masking.logger(__name__)
_PARCEL_FIELDS = frozenset(field.name for field in fields(ParcelSnapshot))
_ARGUMENTS = ("parcel", "occurred_at", "event_key", "data", "notify_customer", "source")


def connect() -> None:
    """Listen to every signal that tells a fact; connecting twice changes nothing."""
    for kind, signal in EVENT_SIGNALS.items():
        signal.connect(_receive, dispatch_uid=f"ecommerce_comms.{kind}")


def disconnect() -> None:
    """Stop listening."""
    for kind, signal in EVENT_SIGNALS.items():
        signal.disconnect(dispatch_uid=f"ecommerce_comms.{kind}")


_KINDS: dict[Signal, str] = {signal: kind for kind, signal in EVENT_SIGNALS.items()}


def _receive(signal: Signal, order: Any = None, **arguments: Any) -> None:
    kind = _KINDS[signal]
    if order is None:
        log.error("%s was sent without order=…; nothing is recorded.", kind)
        return
    given = {name: arguments[name] for name in _ARGUMENTS if arguments.get(name) is not None}
    for name in arguments.keys() - {*_ARGUMENTS, "sender"}:
        _warn_of(kind, "argument", name, _ARGUMENTS)
    if isinstance(given.get("parcel"), dict):
        for name in given["parcel"].keys() - _PARCEL_FIELDS:
            _warn_of(kind, "field of a parcel", name, _PARCEL_FIELDS)
    if "occurred_at" in given and not _is_aware(given["occurred_at"]):
        log.error("occurred_at of %s is %r, which is no aware datetime; the fact is recorded as of now.", kind, given.pop("occurred_at"))
    events.record_safely(kind, order, **given)


def _is_aware(moment: Any) -> bool:
    return isinstance(moment, datetime) and moment.tzinfo is not None


def _warn_of(kind: str, what: str, name: object, known: Collection[str]) -> None:
    close = difflib.get_close_matches(str(name), known, n=1)
    log.warning("%s was sent with %r, which is no %s.%s", kind, name, what, f" Did you mean {close[0]!r}?" if close else "")
