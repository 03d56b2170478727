"""What a customer chose at the checkout, as a snapshot has it."""

from __future__ import annotations

from typing import Any

_OF_TOPIC = "channels."


def gather(customer: dict[str, Any]) -> None:
    """Put ``channels.orders`` and its like under ``channels``, where they go before what stands there.

    An empty list is left out: it is what a field holds that nobody has filled in, and no "no".
    """
    by_topic = {name.removeprefix(_OF_TOPIC): customer.pop(name) for name in list(customer) if name.startswith(_OF_TOPIC)}
    told = {topic: names for topic, names in {**customer.pop("channels", {}), **by_topic}.items() if names}
    if told:
        customer["channels"] = told
