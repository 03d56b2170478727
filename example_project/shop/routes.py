"""The way of a parcel through the simulated carrier: the same for the same tracking number, on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from example_project.shop.models import Scan

K = Scan.Kind


@dataclass(frozen=True, kw_only=True)
class Stop:
    """What happens, and how many of the carrier's days after the hand-over."""

    kind: Scan.Kind
    days: float


ON_TIME = (Stop(kind=K.ON_THE_WAY, days=0.5), Stop(kind=K.OUT_FOR_DELIVERY, days=2), Stop(kind=K.DELIVERED, days=2.5))
NOBODY_HOME = (*ON_TIME[:2], Stop(kind=K.FAILED, days=2.5), Stop(kind=K.OUT_FOR_DELIVERY, days=3), Stop(kind=K.DELIVERED, days=3.5))
LATE = (ON_TIME[0], Stop(kind=K.DELAYED, days=1.5), Stop(kind=K.OUT_FOR_DELIVERY, days=4), Stop(kind=K.DELIVERED, days=4.5))

#: Of eight parcels two are late, and with one more nobody is at home at first.
ROUTES = (LATE, LATE, NOBODY_HOME, ON_TIME, ON_TIME, ON_TIME, ON_TIME, ON_TIME)


def route(tracking_number: str) -> tuple[Stop, ...]:
    """The stops of a parcel after its hand-over."""
    digest = blake2b(tracking_number.encode(), digest_size=4).digest()
    return ROUTES[int.from_bytes(digest, "big") % len(ROUTES)]
