"""System checks of settings that fit by themselves and not together, or not for their purpose."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning

from ecommerce_comms.conf import conf

SENDS_IN_A_LEASE = 3
"""A worker that hangs in one send must still have its claim when that send is cut."""
SHORTEST_TOKEN = 16
"""Characters; a shorter one can be guessed."""


def check_lease(**_arguments: Any) -> list[CheckMessage]:
    """W011: a claim that may end while its worker is still sending."""
    least = SENDS_IN_A_LEASE * conf.SEND_SECONDS
    if least <= conf.LEASE_SECONDS:
        return []
    return [Warning(f"LEASE_SECONDS is {conf.LEASE_SECONDS}, less than three times SEND_SECONDS ({conf.SEND_SECONDS}): another worker "
                    "could take over a message that is just being sent.", id="ecommerce_comms.W011",
                    hint=f'Set ECOMMERCE_COMMS["LEASE_SECONDS"] to {least} or more, or SEND_SECONDS to less.')]


def check_token(**_arguments: Any) -> list[CheckMessage]:
    """W013: a token that strangers could guess."""
    if not conf.HEALTH_TOKEN or len(str(conf.HEALTH_TOKEN)) >= SHORTEST_TOKEN:
        return []
    return [Warning(f"HEALTH_TOKEN has fewer than {SHORTEST_TOKEN} characters; strangers could guess it and read the health of the mail.",
                    hint="Make a long one: python -c 'import secrets; print(secrets.token_urlsafe(32))'.", id="ecommerce_comms.W013")]
