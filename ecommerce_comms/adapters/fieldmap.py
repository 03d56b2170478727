"""Reads a plain order model through a map of names: no code in the shop.

``ECOMMERCE_COMMS["ORDER_MODEL"]`` names the model and ``ECOMMERCE_COMMS["ORDER_FIELDS"]`` says where each value
is found on it::

    "ORDER_MODEL": "shop.Order",
    "ORDER_FIELDS": {
        "number": "code",
        "customer.email": "user.email|guest_email",   # the first that is not empty
        "customer.time_zone": "",                     # nothing, whatever the model has under the usual names
        "address.name": ["first_name", "last_name"],  # together
        "address.lines": ["street", "district"],
        "lines": "items",
        "line.title": "product.name",
        "currency": "=INR",                           # a fixed value
        "customer.channels.orders": "notify_by",      # what was chosen at the checkout: "sms", ["sms", "email"]
        "recipients": "gift_receivers",               # who else is told of the parcels
        "recipient.role": "=receiver",
    }

A path follows attributes, dict keys and relations, and calls methods without arguments. What the map does not name
is looked for under the usual names (``USUAL_NAMES``); such a guess is believed only if it fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db.models import DateField, Model
from django.db.models.manager import BaseManager

from ecommerce_comms.adapters import choices
from ecommerce_comms.adapters.base import OrderAdapter
from ecommerce_comms.adapters.fieldchecks import check_fields, check_gaps, leads_somewhere, paths_of
from ecommerce_comms.adapters.paths import first
from ecommerce_comms.adapters.readings import Reading, Readings
from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import AdapterError
from ecommerce_comms.snapshots import OrderSnapshot, RecipientSnapshot

USUAL_NAMES: dict[str, str | list[str]] = {
    "reference": "pk",
    "number": "number|code|reference|pk",
    "placed_at": "placed_at|date_placed|created_at|created|date_created|ordered_at",
    "customer.reference": "user.pk|customer.pk",
    "customer.email": "email|user.email|customer.email|guest_email",
    "customer.phone": "phone|phone_number|customer.phone",
    "customer.first_name": "first_name|user.first_name|customer.first_name",
    "customer.last_name": "last_name|user.last_name|customer.last_name",
    "customer.language": "language|language_code|customer.language",
    "customer.time_zone": "time_zone|timezone|customer.time_zone",
    "customer.channels": "",
    "customer.channels.orders": "",
    "customer.channels.offers": "",
    "customer.call_times": "",
    "address.name": "ship_to|recipient_name",
    "address.lines": ["address|address1|street", "address2"],
    "address.postcode": "postcode|postal_code|zip_code",
    "address.city": "city",
    "address.region": "region",
    "address.country": "country|country_code",
    "address.latitude": "latitude",
    "address.longitude": "longitude",
    "lines": "lines|items",
    "line.reference": "pk",
    "line.sku": "sku|product.sku",
    "line.title": "title|name|product.title|product.name",
    "line.quantity": "quantity|qty",
    "line.price": "line_total|total",
    "line.url": "product.get_absolute_url",
    "line.image_url": "product.image_url",
    "line.origin": "warehouse_code|seller_id",
    "line.weight_kg": "weight_kg",
    "line.category": "category|product.category",
    "recipients": "",
    "recipient.role": "role",
    "recipient.name": "name|full_name",
    "recipient.email": "email",
    "recipient.phone": "phone|phone_number",
    "recipient.language": "language|language_code",
    "recipient.time_zone": "time_zone|timezone",
    "recipient.channels": "",
    "currency": "currency",
    "total": "total|grand_total|total_incl_tax",
    "shipping_price": "shipping_price|shipping_total",
    "shipping_option": "shipping_option|shipping_method|shipping_code",
    "promised_earliest": "promised_earliest",
    "promised_latest": "promised_latest",
    "quote": "quote|shipping_quote",
    "url": "get_absolute_url",
    "disputed": "disputed",
    "site": "",
    "retry_payment_url": "",
}
"""Where a value is looked for that the map does not name. An order's ``state`` is more often its progress than its region,
and a line's ``price`` more often that of one piece: neither is guessed. Nor is what a customer chose, or who else is told."""
DEFAULT_ROLE = RecipientSnapshot.RECEIVER
MODEL_HINT = 'Name the order model as "app_label.ModelName", or set ECOMMERCE_COMMS["ORDER_ADAPTER"] to an adapter of your own.'


class FieldMapOrderAdapter(OrderAdapter):
    """An ``OrderAdapter`` made of names. Subclass it and override a method where names are not enough."""

    _made: Readings | None = None

    @property
    def model(self) -> type[Model]:
        """The shop's order model."""
        return apps.get_model(conf.ORDER_MODEL)

    def snapshot(self, order: Any) -> OrderSnapshot:
        """``order`` as frozen plain data, read through the map; a bare reference is loaded first."""
        found = self.load(str(order)) if isinstance(order, (str, int, UUID)) else order
        if found is None:
            raise AdapterError(f"There is no {conf.ORDER_MODEL or 'order'} {order!r}.")
        readings = self._readings()
        data: dict[str, Any] = {}
        for reading in readings.of_order:
            value = reading.value(found)
            if value is not None:
                (data.setdefault(reading.group, {}) if reading.group else data)[reading.key] = value
        choices.gather(data.get("customer", {}))
        data["lines"] = _read(readings.of_part["line"], self._rows(found, "lines", "line"))
        if readings.paths["recipients"]:
            rows = _read(readings.of_part["recipient"], self._rows(found, "recipients", "recipient"))
            data["recipients"] = [{"role": DEFAULT_ROLE, **row} for row in rows if row.get("email") or row.get("phone")]
        return OrderSnapshot.from_json(data)

    def load(self, reference: str) -> Any | None:
        """The order whose ``reference`` field says so, or ``None``."""
        for path in self._paths("reference") if conf.ORDER_MODEL else []:
            try:
                found = self.model._default_manager.filter(**{path.replace(".", "__"): reference}).first()
            except (FieldError, ValueError, ValidationError, OverflowError):
                continue  # a property, or a text that cannot be such a key
            if found is not None:
                return found
        return None

    def reference(self, order: Any) -> str:
        """The order's key as text. Never raises."""
        if isinstance(order, str):
            return order
        try:
            found = first(order, self._paths("reference"), strict=False)
        except Exception:
            found = None
        return str(getattr(order, "pk", order) if found is None else found)

    def recent(self, since: datetime) -> Iterable[Any]:
        """Orders placed since ``since``, if the model stores when an order was placed."""
        for path in self._paths("placed_at") if conf.ORDER_MODEL else []:
            try:
                field = self.model._meta.get_field(path)
            except FieldDoesNotExist:
                continue
            if isinstance(field, DateField):
                return self.model._default_manager.filter(**{f"{path}__gte": since}).order_by(path, "pk")
        return ()

    def check(self) -> list[CheckMessage]:
        """E002: no such model. E003 and E004: a map that names what does not exist. W008 and W009: what no name leads to."""
        if not conf.ORDER_MODEL:
            return [Error('ECOMMERCE_COMMS["ORDER_MODEL"] is not set.', hint=MODEL_HINT, id="ecommerce_comms.E002")]
        try:
            model = self.model
        except (LookupError, ValueError, AttributeError) as error:
            return [Error(f'ECOMMERCE_COMMS["ORDER_MODEL"] is {conf.ORDER_MODEL!r}: {error}', hint=MODEL_HINT, id="ecommerce_comms.E002")]
        found = list(check_fields(model, conf.ORDER_FIELDS, USUAL_NAMES))
        # Whoever reads orders by code of their own may find there what no name leads to.
        reads_by_names = type(self).snapshot is FieldMapOrderAdapter.snapshot
        return found if found or not reads_by_names else list(check_gaps(model, self._paths))

    def may_tell(self, name: str) -> bool:
        """Whether a path of ``name`` leads somewhere; a subclass that reads orders by code of its own is believed."""
        if type(self).snapshot is not FieldMapOrderAdapter.snapshot:
            return True
        try:
            return leads_somewhere(self.model, self._paths(name))
        except (LookupError, ValueError, AttributeError):  # no such model, which ``check`` tells
            return True

    def _readings(self) -> Readings:
        """The map, read once for as long as it stays what it is."""
        given = conf.ORDER_FIELDS
        if self._made is None or self._made.given != given:
            self._made = Readings(dict(given), {**USUAL_NAMES, **given})
        return self._made

    def _rows(self, order: Any, name: str, part: str) -> Iterable[Any]:
        """The order's lines, or its recipients, always in the same order, with what they point at in the same query."""
        readings = self._readings()
        found = first(order, readings.paths[name], strict=name in readings.given)
        if not isinstance(found, BaseManager):
            return found or ()
        links = readings.links(part, found.model)
        rows = found.all().select_related(*links) if links else found.all()
        return rows if rows.ordered else rows.order_by("pk")

    def _wanted(self, name: str) -> str | list[str]:
        return conf.ORDER_FIELDS.get(name, USUAL_NAMES.get(name, "")) or ""

    def _paths(self, name: str) -> list[str]:
        return paths_of(self._wanted(name))


def _read(readings: Iterable[Reading], rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [{reading.key: value for reading in readings if (value := reading.value(row)) is not None} for row in rows]
