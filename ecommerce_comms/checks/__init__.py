"""System checks: what a misconfigured shop has to mend, told at start-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.checks import CheckMessage, Tags
from django.core.checks import register as register_check

from ecommerce_comms.checks.carriers import check_carriers
from ecommerce_comms.checks.mail import check_mail, check_unsubscribe, check_webhooks
from ecommerce_comms.checks.plugged import check_plugins
from ecommerce_comms.checks.rules import check_messengers, check_rules
from ecommerce_comms.checks.services import check_broker, check_database, check_notify, check_time_zones
from ecommerce_comms.checks.values import check_settings, wrong_values
from ecommerce_comms.checks.working import check_lease, check_token
from ecommerce_comms.messaging.backends.provider_checks import check_providers
from ecommerce_comms.messaging.backends.sms.checks import check_gateways


def register() -> None:
    """Register the checks of this package."""
    register_check(check_all, Tags.compatibility)


def check_all(**_arguments: Any) -> list[CheckMessage]:
    """Every check; but settings that cannot be read at all are the only complaint, and no check reads what is wrong already."""
    found = check_settings()
    if any(message.id == "ecommerce_comms.E001" for message in found):
        return found
    wrong = wrong_values()
    checks = [check for check, names in CHECKS.items() if wrong.keys().isdisjoint(names)]
    return [*found, *wrong.values(), *(message for check in checks for message in check())]


CHECKS: dict[Callable[[], list[CheckMessage]], tuple[str, ...]] = {
    check_plugins: ("ORDER_ADAPTER", "ORDER_MODEL", "BACKENDS", "ESTIMATOR"),
    check_time_zones: (),
    check_database: (),
    check_mail: ("FROM_EMAIL", "SHOP_NAME", "EMAIL_PROVIDERS"),
    check_providers: ("EMAIL_PROVIDERS",),
    check_broker: ("WAKER",),
    check_notify: ("WAKER",),
    check_lease: ("LEASE_SECONDS", "SEND_SECONDS"),
    check_token: ("HEALTH_TOKEN",),
    check_unsubscribe: ("SHOP_URL",),
    check_carriers: ("CARRIER_WEBHOOKS", "CARRIER_POLLERS", "TIME_ZONE"),
    check_gateways: ("BACKENDS", "SMS_GATEWAYS", "EMAIL_PROVIDERS", "SHOP_URL"),
    check_messengers: ("BACKENDS", "MESSENGERS"),
    check_rules: ("BACKENDS", "CHANNELS", "FROM_EMAIL", "LANGUAGE", "ORDER_ADAPTER", "ORDER_MODEL"),
    check_webhooks: ("WEBHOOKS", "EMAIL_PROVIDERS", "SNS_TOPICS"),
}
"""Every check of what the settings lead to, and the settings that it could not read if they were wrong."""
