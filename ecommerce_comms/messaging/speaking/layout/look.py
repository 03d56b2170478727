"""How a shop's mails look and greet: what the merchant set under Branding, or the built-in look."""

from __future__ import annotations

from dataclasses import dataclass

from ecommerce_comms.messaging.models import Branding


@dataclass(frozen=True, kw_only=True)
class Look:
    """The branding of one shop, ready for a mail. Hashable, so that what is made for it can be kept."""

    accent: str = "#1f4fd8"
    paper: str = "#ffffff"
    desk: str = "#f4f5f7"
    ink: str = "#1d2430"
    logo: str = ""
    """Absolute address of the picture; empty: the shop's name stands there."""
    logo_width: int = 160
    greeting: str = "friendly"
    footer_address: str = ""
    frame: str = ""
    """The merchant's own layout, compiled; empty: the built-in one."""


PLAIN = Look()


def look_of(site: str) -> Look:
    """The look of the shop ``site`` (``OrderSnapshot.site``)."""
    row = Branding.objects.filter(site__in=("", site)).order_by("-site").first()
    if row is None:
        return PLAIN
    return Look(
        accent=row.accent, paper=row.paper, desk=row.desk, ink=row.ink, logo=row.logo_url, logo_width=row.logo_width,
        greeting=row.greeting, footer_address=row.footer_address,
    )
