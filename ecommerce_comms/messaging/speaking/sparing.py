"""What goes with a message must never cost the message itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ecommerce_comms import masking

Made = TypeVar("Made")
log = masking.logger(__name__)


def spared(what: str, make: Callable[[], Made], instead: Made) -> Made:
    """What ``make`` returns; ``instead`` if it raises, whatever it is, which is logged under the name ``what``."""
    try:
        return make()
    except Exception:
        log.exception("The %s of a message could not be made; it goes without.", what)
        return instead
