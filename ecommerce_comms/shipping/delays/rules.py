"""What the merchant, or else the settings, say about delays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from ecommerce_comms.conf import conf
from ecommerce_comms.shipping.delays.stages import Stage
from ecommerce_comms.shipping.kept import Kept
from ecommerce_comms.shipping.models import DelayPolicy
from ecommerce_comms.shipping.models.delaying import OWN
from ecommerce_comms.shipping.policy import POLICIES, Policy

_DAYS = (Stage.NOT_SHIPPED, Stage.NO_SCAN, Stage.STALLED)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """When something counts as late, and when that is told."""

    policy: Policy
    clear: float
    """Below this chance of being late, 0 to 1, what was told late is back on track."""
    days: dict[str, int]
    """Working days that are waited before a stage is reached."""
    tells: frozenset[str]
    """The stages that customers are told of; staff see all."""
    is_held: bool = False
    left_out: frozenset[str] = frozenset()
    """Carriers and options of which nothing is told, in lower case."""

    def may_tell(self, stage: str, names: Iterable[str]) -> bool:
        """Whether customers hear of ``stage`` of a parcel whose carrier and option are ``names``."""
        return not self.is_held and stage in self.tells and not any(name.strip().lower() in self.left_out for name in names if name)


def rules() -> Rules:
    """The rules of this moment."""
    row = _kept.get()
    return _of_row(row) if row else _of_settings()


def policy_of(row: DelayPolicy) -> Policy:
    """The policy that a merchant chose, or made."""
    if row.policy == OWN or row.policy not in POLICIES:
        return Policy(at=row.at / 100, soon=row.soon / 100, soon_days=row.soon_days)
    return POLICIES[row.policy]


def policy_choices() -> list[tuple[str, Any]]:
    """The policies by name, and the merchant's own."""
    return [*((name, name.replace("_", " ").capitalize()) for name in POLICIES), (OWN, _("Own thresholds"))]


def described() -> list[tuple[str, Any]]:
    """What each choice does, in words: title and sentence."""
    return [(title, _in_words(POLICIES.get(name))) for name, title in policy_choices()]


def _in_words(policy: Policy | None) -> Any:
    if policy is None:
        return _("tells at the chances that you fill in below")
    if policy.at > 1:
        return _("tells only once the date has passed")
    shares = {"at": round(policy.at * 100), "soon": round(policy.soon * 100), "days": policy.soon_days}
    return _("tells as soon as the chance of being late is %(at)d %%, in the last %(days)d day(s) before the date at %(soon)d %%") % shares


def row_of_settings() -> DelayPolicy:
    """A row that says what the settings say: what a merchant begins with."""
    policy = POLICIES[conf.DELAY_POLICY]
    row = DelayPolicy(policy=conf.DELAY_POLICY, clear=round(conf.DELAY_CLEAR * 100))
    if policy.at <= 1:
        row.at, row.soon, row.soon_days = round(policy.at * 100), round(policy.soon * 100), policy.soon_days
    for stage in Stage.values:
        setattr(row, f"tell_{stage}", stage in conf.DELAY_TELLS)
    for stage in _DAYS:
        setattr(row, f"{stage}_days", _days()[stage])
    return row


def _of_row(row: DelayPolicy) -> Rules:
    return Rules(
        policy=policy_of(row), clear=row.clear / 100, days={stage: getattr(row, f"{stage}_days") for stage in _DAYS},
        tells=frozenset(stage for stage in Stage.values if getattr(row, f"tell_{stage}")), is_held=row.is_held,
        left_out=frozenset(line.strip().lower() for line in row.left_out.splitlines() if line.strip()),
    )


def _of_settings() -> Rules:
    return Rules(policy=POLICIES[conf.DELAY_POLICY], clear=conf.DELAY_CLEAR, days=_days(), tells=frozenset(conf.DELAY_TELLS))


def _days() -> dict[str, int]:
    return {stage: conf.DELAY_DAYS.get(stage, 2) for stage in _DAYS}


def _load() -> DelayPolicy | None:
    return DelayPolicy.objects.order_by("pk").first()


_kept = Kept(_load, (DelayPolicy,))
