"""Typed view of ``settings.ECOMMERCE_COMMS``: read when used, default beside each name."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

DEFAULTS: dict[str, Any] = {
    # Dotted path of the OrderAdapter (class or ready instance) that reads the shop's orders.
    "ORDER_ADAPTER": "ecommerce_comms.adapters.fieldmap.FieldMapOrderAdapter",
    # For FieldMapOrderAdapter: model ("shop.Order") and the names of its fields.
    "ORDER_MODEL": "",
    "ORDER_FIELDS": {},
    # The shop as mails name it, its address on the web, and how customers reach it.
    "SHOP_NAME": "",
    "SHOP_URL": "",
    "SHOP_EMAIL": "",
    "SHOP_ADDRESS": "",
    # Sender of the mails; empty means settings.DEFAULT_FROM_EMAIL.
    "FROM_EMAIL": "",
    # Language and time zone where nothing better is known; empty means LANGUAGE_CODE and TIME_ZONE.
    "LANGUAGE": "",
    "TIME_ZONE": "",
    # Dotted path of the MessageBackend of each channel.
    "BACKENDS": {"email": "ecommerce_comms.messaging.backends.email.EmailBackend"},
    # Dotted path of the ShippingEstimator.
    "ESTIMATOR": "ecommerce_comms.shipping.estimators.table.TableEstimator",
    # Facts older than this many days when they are recorded are kept, but not told.
    "STALE_AFTER_DAYS": 7,
    # At most this many delay notices for one parcel, each only after the date of the one before has passed.
    "DELAY_NOTICES": 3,
    # A claim of a message ends after this many seconds, if its worker says nothing.
    "LEASE_SECONDS": 120,
    # How many messages one claim takes.
    "BATCH_SIZE": 50,
    # How often one message is tried, and how many seconds a failed try waits at first (doubled each time).
    "MAX_ATTEMPTS": 8,
    "RETRY_SECONDS": 30,
    # "thread" publishes wake-ups from a thread of its own; "off" leaves everything to the sweep.
    "WAKER": "thread",
    # The sweep leaves events alone that are younger than this many seconds: their wake-up may be on its way.
    "SWEEP_AFTER_SECONDS": 5,
    # How far back the sweep compares the shop's orders with what was recorded.
    "RECONCILE_HOURS": 48,
    # How many minutes lie between two such comparisons of one process.
    "RECONCILE_MINUTES": 10,
}


class Conf:
    """``conf.SHOP_NAME`` is ``settings.ECOMMERCE_COMMS["SHOP_NAME"]`` or the default above."""

    def __getattr__(self, name: str) -> Any:
        try:
            default = DEFAULTS[name]
        except KeyError:
            raise AttributeError(f"ECOMMERCE_COMMS has no setting {name!r}.") from None
        return self.given().get(name, default)

    def given(self) -> dict[str, Any]:
        """The dict as the shop wrote it; raises ``ImproperlyConfigured`` if it is not one."""
        value = getattr(settings, "ECOMMERCE_COMMS", {})
        if not isinstance(value, dict):
            raise ImproperlyConfigured(f"ECOMMERCE_COMMS must be a dict, got {type(value).__name__}.")
        return value

    @property
    def language(self) -> str:
        """IETF tag of the shop's own language."""
        return str(self.LANGUAGE or settings.LANGUAGE_CODE)

    @property
    def time_zone(self) -> str:
        """IANA name of the shop's own time zone."""
        return str(self.TIME_ZONE or settings.TIME_ZONE)

    @property
    def from_email(self) -> str:
        """Sender of the mails."""
        return str(self.FROM_EMAIL or settings.DEFAULT_FROM_EMAIL)


conf = Conf()
