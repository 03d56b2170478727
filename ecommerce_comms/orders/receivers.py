"""What listens to the shop's signals."""

from __future__ import annotations

from typing import Any

from django.dispatch import Signal

from ecommerce_comms.orders import events
from ecommerce_comms.signals import EVENT_SIGNALS

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
    given = {name: arguments[name] for name in _ARGUMENTS if arguments.get(name) is not None}
    events.record_safely(_KINDS[signal], order, **given)
