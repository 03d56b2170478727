"""The order mail of the peers: Django templates that say the same as our built-in text, at nearly the same length."""

from __future__ import annotations

from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from tests.hosts.plain.models import PlainOrder


def facts(order: PlainOrder) -> dict[str, Any]:
    """What the templates need, as plain data that fits into JSON; the checkout has the lines at hand, a task reads them."""
    lines = getattr(order, "lines_at_hand", None) or order.items.all()
    in_month = "" if order.expected_from.month == order.expected_until.month else f"{order.expected_from: %b}"
    return {
        "number": order.order_no, "name": order.customer_name, "total": float(order.grand_total),
        "from": f"{order.expected_from:%a %-d}{in_month}", "until": f"{order.expected_until:%a %-d %b}",
        "street": order.ship_street, "zip": order.ship_zip, "city": order.ship_city,
        "lines": [{"title": line.label, "count": int(line.count), "amount": float(line.amount)} for line in lines],
        "url": f"https://shop.example{order.get_absolute_url()}",
    }


def parts(order: PlainOrder) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    context = facts(order)
    subject, text, html = (render_to_string(f"benchmarks/order.{kind}", context) for kind in ("subject", "txt", "html"))
    return subject.strip(), text, html


def send(order: PlainOrder, connection: Any = None) -> None:
    """Render the mail and send it, over ``connection`` if there is one."""
    subject, text, html = parts(order)
    mail = EmailMultiAlternatives(subject, text, to=[f"{order.customer_name} <{order.email}>"], connection=connection)
    mail.attach_alternative(html, "text/html")
    mail.send()


class Kept:
    """A connection to the mail server that stays open."""

    def __init__(self) -> None:
        self._connection: Any = None

    def get(self) -> Any:
        """The connection, opened at its first use."""
        if self._connection is None:
            self._connection = get_connection()
            self._connection.open()
        return self._connection
