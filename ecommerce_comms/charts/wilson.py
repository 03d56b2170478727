"""How far a share that was counted may be from the true one."""

from __future__ import annotations

import math

Z95 = 1.959964
"""Quantile of the normal distribution that leaves 5 % outside, half on each side."""


def wilson(hits: int, of: int, z: float = Z95) -> tuple[float, float]:
    """The score interval of a share, lower and upper bound between 0 and 1; of nothing at all it is (0, 1).

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22 (1927), pages 209-212. Unlike the textbook interval it stays between 0 and 1 and is honest for small
    numbers. Raises ``ValueError`` if ``hits`` is not between 0 and ``of``.
    """
    if not 0 <= hits <= of:
        raise ValueError(f"A share needs between 0 and all of its cases, got {hits} of {of}.")
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    reach = z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    # At the ends the formula gives 0 and 1 but for the last digits.
    return 0.0 if hits == 0 else max(0.0, middle - reach), 1.0 if hits == of else min(1.0, middle + reach)
