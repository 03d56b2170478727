"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.signals import setting_changed
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class EcommerceCommsConfig(AppConfig):
    """One app, one label, one line in INSTALLED_APPS."""

    name = "ecommerce_comms"
    label = "ecommerce_comms"
    verbose_name = _("Customer communication")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the shop's signals and register the checks."""
        from ecommerce_comms import checks, masking, plugins, sweeper, tasks  # noqa: F401 - a web process that runs tasks eagerly needs them too
        from ecommerce_comms.conf import conf
        from ecommerce_comms.journeys.rules import ensure_rows
        from ecommerce_comms.orders import receivers, waker

        masking.cover(self.name)
        checks.register()
        receivers.connect()
        waker.remember_app()
        sweeper.connect()
        post_migrate.connect(ensure_rows, sender=self, dispatch_uid="ecommerce_comms.rules")
        setting_changed.connect(lambda **_signal: conf.forget(), dispatch_uid="ecommerce_comms.conf", weak=False)
        setting_changed.connect(lambda **_signal: plugins.forget(), dispatch_uid="ecommerce_comms.plugins", weak=False)
