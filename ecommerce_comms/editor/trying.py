"""A test of a text, sent to who writes it and to nobody else."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ecommerce_comms.editor import trail
from ecommerce_comms.exceptions import DeliveryError
from ecommerce_comms.messaging import channels
from ecommerce_comms.messaging.backends.base import Outgoing, get_backend
from ecommerce_comms.messaging.channels import Contact
from ecommerce_comms.messaging.plain import one_line
from ecommerce_comms.messaging.speaking.rendering import Rendered

MARK = "[Test]"
MOST, SECONDS = 20, 3_600.0
"""So many tests one user may send in so many seconds."""
FORMS = ("email", "sms")
"""The forms in which a test can be sent: what leads to a customer's own place, such as a conversation, has none for staff."""
_PHONES = ("phone", "phone_number", "mobile")


class NotSent(Exception):
    """The test was not sent; the message says why, for who asked."""


def ways(request: HttpRequest) -> list[tuple[str, str]]:
    """The channels on which the user of ``request`` can be sent a test, each with the user's own address there."""
    contact = _contact(request)
    known = [(name, channels.address_of(name, contact)) for name in channels.known() if channels.form_of(name) in FORMS]
    return [(name, address) for name, address in known if address]


def send(request: HttpRequest, channel: str, made: Rendered, kind: str, language: str) -> str:
    """Hand ``made`` over to the backend of ``channel``, addressed to the user of ``request``; returns where it went.

    It leaves no ``Message``: nothing was decided about an order. Raises ``NotSent``.
    """
    address = dict(ways(request)).get(channel, "")
    if not address:
        raise NotSent(_("Your account has no usable address for this. Add your e-mail address to your account, then try again."))
    if trail.tests_of(request, SECONDS) >= MOST:
        raise NotSent(_("You have sent %d tests within an hour. Wait a little before the next one.") % MOST)
    key = uuid.uuid4().hex
    name = request.user.get_full_name() if request.user.is_authenticated else ""
    outgoing = Outgoing(
        recipient=address, recipient_name=name, subject=one_line(f"{MARK} {made.subject}"), text=made.text, html=made.html,
        short=f"{MARK} {made.sms}", message_id=f"{key}@test.invalid", kind=kind, language=language, key=key,
    )
    # Noted first: a test that fails counts too, or a broken backend could be asked without end.
    trail.note(request, kind, language, f"{trail.TESTED}, by {channel}.")
    _hand_over(channel, outgoing)
    return address


def _hand_over(channel: str, outgoing: Outgoing) -> None:
    backend = get_backend(channel).routes(channel)[0].backend
    try:
        backend.open()
        try:
            backend.send(outgoing)
        finally:
            backend.close()
    except DeliveryError as error:
        raise NotSent(_("The test was not sent. The other side said: %s") % error) from error


def _contact(request: HttpRequest) -> Contact:
    """The addresses that the user's own account has; a phone number only if the shop's user model has a field for one."""
    user = request.user
    if not user.is_authenticated:
        return Contact()
    names = {field.name for field in user._meta.get_fields()}
    phones = (str(getattr(user, name) or "") for name in _PHONES if name in names)
    return Contact(email=str(getattr(user, user.get_email_field_name(), "") or ""), phone=next(filter(None, phones), ""))
