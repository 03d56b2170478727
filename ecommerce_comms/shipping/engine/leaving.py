"""Days of leaving, taken together the later they come: what leaves in five weeks needs no day of its own."""

from __future__ import annotations

TOGETHER = ((24, 3),)
"""After so many days of waiting, so many days are taken together: all that leave on one of them leave on the first.

They are fixed days, and fewer the sooner they come: so a later order never leaves before an earlier one that leaves on the same day.
"""


def grouped(leaves: list[float], today: int) -> list[float]:
    """Chances of leaving today, tomorrow and so on, with those of days that are taken together on the first of them."""
    together = list(leaves)
    ends = [min(-(-(today + soon) // width) * width - today, len(leaves)) for soon, width in TOGETHER]
    for (_soon, width), begin, end in zip(TOGETHER, ends, [*ends[1:], len(leaves)], strict=True):
        for first in range(begin, end, width):
            last = min(first + width, end)
            together[first:last] = [sum(leaves[first:last]), *[0.0] * (last - first - 1)]
    return together
