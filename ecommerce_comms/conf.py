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
    # The channels of customers who were not asked for theirs, in the order in which they are tried, by topic.
    "CHANNELS": {"orders": ["email"], "offers": ["email"]},
    # Kinds of messages that the shop has invented, by name: {"label", "purpose", "facts"}.
    "MESSAGE_KINDS": {},
    # Django e-mail backends, the preferred one first: {"name", "backend", "options", "rate"}; empty means Django's own settings.
    "EMAIL_PROVIDERS": [],
    # Dotted path of the ShippingEstimator.
    "ESTIMATOR": "ecommerce_comms.shipping.history.HistoryEstimator",
    # Share of parcels that are to arrive by the last day of a window that is told.
    "PROMISE_LEVEL": 0.9,
    # From this hour on, by the shop's clock, the sweep learns from the shop's own deliveries, once a night.
    "LEARN_AT": "03:00",
    # It looks at the orders of so many days, and at no more than so many parcels, the newest first.
    "LEARN_DAYS": 730,
    "LEARN_PARCELS": 50_000,
    # How often one address may ask the API: a number, "/" and sec, min, hour or day; empty means without limit.
    "API_RATE": "300/min",
    # Facts older than this many days when they are recorded are kept, but not told.
    "STALE_AFTER_DAYS": 7,
    # At most this many delay notices for one parcel, each only after the date of the one before has passed.
    "DELAY_NOTICES": 3,
    # The delay policy while the merchant has chosen none in the admin: "default", "early", "careful" or "when_passed".
    "DELAY_POLICY": "default",
    # Of which stages customers are told; staff see all: not_shipped, no_scan, stalled, will_miss, missed.
    "DELAY_TELLS": ["not_shipped", "will_miss", "missed"],
    # Working days beyond the handling time, without a first scan, and without a further scan, from which on something is late.
    "DELAY_DAYS": {"not_shipped": 1, "no_scan": 2, "stalled": 3},
    # Below this chance of being late (0 to 1) what was told late is back on track.
    "DELAY_CLEAR": 0.3,
    # How many minutes lie between two rounds over all open deliveries, in which their chances are computed anew.
    "DELAY_ROUND_MINUTES": 60,
    # For how many days the chances of the past are kept, from which a merchant sees what another policy would have told.
    "DELAY_OUTLOOK_DAYS": 180,
    # Advertising to one person: at most so much in any 24 hours and in any 7 days; 0 means without limit.
    "MARKETING_PER_DAY": 1,
    "MARKETING_PER_WEEK": 3,
    # When no advertising, review requests and the like go out, by the clock where the customer is; empty means at any hour.
    "QUIET_HOURS": "21:00-08:00",
    # A claim of messages ends when its worker has said nothing for so many seconds.
    "LEASE_SECONDS": 120,
    # How many messages one claim takes.
    "BATCH_SIZE": 100,
    # One send may take this many seconds in all, whatever the other side does; then the connection is cut.
    "SEND_SECONDS": 30,
    # So long only the same provider may try again a message that it may have accepted.
    "UNKNOWN_SECONDS": 600,
    # After so many failures in a row a provider is avoided, at first for so many seconds (doubled each time, at most ten minutes).
    "BREAKER_FAILURES": 5,
    "BREAKER_SECONDS": 30,
    # Folder for the journals of the workers of one host; empty means one in the folder for temporary files.
    "JOURNAL_DIR": "",
    # Whether PostgreSQL waits for its disk with each mark of a message being sent; if not, its crash may double some, unmarked.
    "DURABLE_MARKS": True,
    # Who knows this token may ask for the health and the metrics over HTTP; empty means nobody.
    "HEALTH_TOKEN": "",
    # Providers (names of django-anymail) whose webhooks are open; None means those that the configured e-mail backends use.
    "WEBHOOKS": None,
    # A webhook reads at most so many bytes, and believes nothing that was signed longer ago than so many seconds.
    "WEBHOOK_MAX_BYTES": 10_000_000,
    "WEBHOOK_MAX_AGE_SECONDS": 86_400,
    # The topics (ARNs) of Amazon SNS through which Amazon SES tells us of bounces and complaints.
    "SNS_TOPICS": [],
    # Who tells of parcels by webhook, by the last part of the address: {"provider", "secret", "time_zone", "site", "carrier"}.
    "CARRIER_WEBHOOKS": {},
    # Dotted path of each CarrierPoller, by a name of one's own.
    "CARRIER_POLLERS": {},
    # Key of the hashes of addresses; empty means SECRET_KEY.
    "HASH_KEY": "",
    # How often one message is tried, and how many seconds a failed try waits at first (doubled each time).
    "MAX_ATTEMPTS": 8,
    "RETRY_SECONDS": 30,
    # "thread" wakes Celery workers from a thread of its own; "notify" wakes comms_worker through PostgreSQL; "off" wakes nobody.
    "WAKER": "thread",
    # "worker": every Celery worker sweeps in a thread beside its tasks, in turn with the others; "off" leaves that to beat or cron.
    "SWEEPER": "worker",
    # How often a sweep is due, in seconds.
    "SWEEP_SECONDS": 30,
    # How far back the sweep compares the shop's orders with what was recorded.
    "RECONCILE_HOURS": 48,
    # How many minutes lie between two such comparisons of one process.
    "RECONCILE_MINUTES": 10,
    # After how many days comms_purge removes what was; 0 keeps it for ever.
    "RETENTION_DAYS": {
        "attempts": 180, "provider_events": 180, "messages": 730, "events": 730, "customers": 1095, "orders": 0, "consents": 1095,
        "suppressions": 1095, "scans": 365,
    },
}


class Conf:
    """``conf.SHOP_NAME`` is ``settings.ECOMMERCE_COMMS["SHOP_NAME"]`` or the default above."""

    _kept: dict[str, Any] | None = None

    def __getattr__(self, name: str) -> Any:
        given = self.given()
        if name in given:
            return given[name]
        try:
            return DEFAULTS[name]
        except KeyError:
            raise AttributeError(f"ECOMMERCE_COMMS has no setting {name!r}.") from None

    def given(self) -> dict[str, Any]:
        """The dict as the shop wrote it; raises ``ImproperlyConfigured`` if it is not one."""
        if self._kept is None:
            value = getattr(settings, "ECOMMERCE_COMMS", {})
            if not isinstance(value, dict):
                raise ImproperlyConfigured(f"ECOMMERCE_COMMS must be a dict, got {type(value).__name__}.")
            self._kept = value
        return self._kept

    def forget(self) -> None:
        """Look for the dict again: the settings have changed."""
        self._kept = None

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
