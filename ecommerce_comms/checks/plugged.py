"""System checks of what the settings plug in: the order adapter, the backends, the estimator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from ecommerce_comms.adapters.base import get_adapter
from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import CommsError
from ecommerce_comms.messaging.backends.base import get_backend
from ecommerce_comms.shipping.estimators.base import get_estimator


def check_plugins(**_arguments: Any) -> list[CheckMessage]:
    """E005: an adapter, backend or estimator that cannot be loaded. E002 to E004: what the adapter says of itself."""
    found: list[CheckMessage] = []
    loads: list[Callable[[], object]] = [get_adapter, get_estimator, *(lambda name=name: get_backend(name) for name in conf.BACKENDS)]
    for load in loads:
        try:
            load()
        except (ImproperlyConfigured, CommsError) as error:
            hint = "Give the dotted path of a class that can be imported."
            found.append(Error(str(error), hint=hint, id="ecommerce_comms.E005"))
    return found or get_adapter().check()
