"""numpy, if it is there: needed for learning, never for reading what was learnt."""

from __future__ import annotations

from typing import Any

from ecommerce_comms.exceptions import CommsError

numpy: Any
try:
    import numpy
except ImportError:  # pragma: no cover  (tried in a subprocess)
    numpy = None


class NumpyMissing(CommsError):
    """Learning from deliveries needs numpy."""


def installed() -> bool:
    """Whether it is there."""
    return numpy is not None


def need() -> Any:
    """The module ``numpy``; :class:`NumpyMissing` says how to install it."""
    if numpy is None:
        raise NumpyMissing("Install it where the nightly learning runs: pip install numpy")
    return numpy
