"""The door of suppressions: addresses to which nothing, or no advertising, is sent any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ecommerce_comms import clock, keys
from ecommerce_comms.customers.hashing import address_hashes
from ecommerce_comms.customers.models import Suppression
from ecommerce_comms.lookups import among
from ecommerce_comms.masking import mask
from ecommerce_comms.prepared import TEXT, TEXTS, Read

Scope, Reason = Suppression.Scope, Suppression.Reason
SCOPES: dict[str, str] = {
    Reason.BOUNCED: Scope.ALL,
    Reason.COMPLAINED: Scope.MARKETING,
    Reason.UNSUBSCRIBED: Scope.MARKETING,
    Reason.MERCHANT: Scope.ALL,
}
"""What is no longer sent, by the reason. Who complains of advertising is still told that an order is on its way."""


def suppress(
    address_hash: str, reason: str, *, scope: str = "", channel: str = "email", shown: str = "", at: datetime | None = None,
    detail: str = "", message_uid: UUID | None = None,
) -> bool:
    """Send nothing of ``scope`` (that of the reason, if empty) to the address any more; returns whether that is news.

    ``address_hash`` is ``hashing.address_hash(address)`` and ``shown`` the address as a merchant may see it
    (``masking.masked(address)``). ``at`` (aware; now, if not given) is when it happened: what happened before a merchant
    lifted the suppression does not bring it back, and what happened after that does.
    """
    if not address_hash:
        return False
    now, scope = clock.now(), scope or SCOPES[reason]
    why: dict[str, Any] = {"reason": reason, "since": now, "message_uid": message_uid}
    row, is_new = Suppression.objects.get_or_create(key=keys.make(channel, address_hash, scope), defaults={
        **why, "channel": channel, "address_hash": address_hash, "scope": scope, "shown": shown[:100], "detail": mask(detail)[:500],
    })
    if is_new or row.lifted_at is None or row.lifted_at >= (at or now):
        return is_new
    trail = f"{mask(detail)[:300]} (allowed again by {row.lifted_by} on {row.lifted_at:%Y-%m-%d})".strip()
    return bool(Suppression.objects.filter(pk=row.pk, lifted_at=row.lifted_at).update(**why, detail=trail, lifted_at=None, lifted_by=""))


def lift(pk: int, by: str) -> bool:
    """Allow the address again; ``by`` is who decided so. The row stays as the trail. Returns whether it was in force."""
    return bool(Suppression.objects.filter(pk=pk, lifted_at=None).update(lifted_at=clock.now(), lifted_by=by[:150]))


def suppressed(hashes: Collection[str], channel: str = "email") -> dict[str, set[str]]:
    """The scopes in force, by the hash of the address; a hash that is missing has none. One query."""
    found: dict[str, set[str]] = defaultdict(set)
    for address_hash, scope in _IN_FORCE.rows(set(hashes) - {""}, channel):
        found[address_hash].add(scope)
    return dict(found)


_IN_FORCE = Read(Suppression, lambda hashes, channel: (
    Suppression.objects.filter(among("address_hash", hashes), channel=channel, lifted_at=None).values_list("address_hash", "scope")
), TEXTS, TEXT)


def suppressed_addresses(addresses: Iterable[str], channel: str = "email") -> dict[str, set[str]]:
    """The scopes in force, by the address as it is written; hashes of older keys count too. One query."""
    hashes = {address: address_hashes(address) for address in set(addresses)}
    found = suppressed([each for several in hashes.values() for each in several], channel)
    return {address: scopes for address, several in hashes.items() if (scopes := set().union(*(found.get(each, ()) for each in several)))}


def stop(address_hash: str, *, channel: str, shown: str = "", detail: str = "") -> bool:
    """The person wants nothing more by ``channel``, said there by a word such as STOP; returns whether that is news.

    It holds until ``restart``. An address that had bounced is alive after all, so this is why nothing is sent from now on; what the
    merchant entered stays as it is.
    """
    # The newest word counts, also where the clock of the host that lifted an earlier stop was ahead.
    said: dict[str, Any] = {"scope": Scope.ALL, "channel": channel, "shown": shown, "detail": detail, "at": clock.now() + timedelta(days=1)}
    bounced = Suppression.objects.filter(
        key=keys.make(channel, address_hash, Scope.ALL), lifted_at=None, reason__in=[Reason.BOUNCED, Reason.COMPLAINED]
    )
    is_new = suppress(address_hash, Reason.UNSUBSCRIBED, **said)
    return bool(bounced.update(reason=Reason.UNSUBSCRIBED, since=clock.now(), detail=mask(detail)[:500])) or is_new


def restart(hashes: Collection[str], *, channel: str, by: str) -> int:
    """Lift what ``stop`` did, and nothing else; ``by`` is who said so. Returns how many were in force."""
    stopped = Suppression.objects.filter(
        among("address_hash", set(hashes) - {""}), channel=channel, scope=Scope.ALL, reason=Reason.UNSUBSCRIBED, lifted_at=None
    )
    return stopped.update(lifted_at=clock.now(), lifted_by=by[:150])
