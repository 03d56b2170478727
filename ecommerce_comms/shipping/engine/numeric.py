"""numpy, if it is there: needed for learning, never for reading what was learnt."""

from __future__ import annotations

from typing import Any

from ecommerce_comms.exceptions import CommsError

try:
    import numpy
except ImportError:  # pragma: no cover  (tried in a subprocess)
    numpy = None  # type: ignore[assignment]


class NumpyMissing(CommsError):
    """Learning from deliveries needs numpy."""


def need() -> Any:
    """The module ``numpy``; :class:`NumpyMissing` says how to install it."""
    if numpy is None:
        raise NumpyMissing("Install it where the nightly learning runs: pip install numpy")
    return numpy
