"""What became of a call is told to its message, in the way in which a provider tells of a mail."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ecommerce_comms import clock, keys
from ecommerce_comms.contact.models import CallbackRequest
from ecommerce_comms.messaging.feedback import receiving
from ecommerce_comms.messaging.feedback.notices import Kind, Notice

State, Ending = CallbackRequest.State, CallbackRequest.Ending
KINDS: dict[str, str] = {State.DONE: Kind.DELIVERED, State.GIVEN_UP: Kind.BOUNCED}
"""An item that is done delivers its message; one that is given up sends it back, so that the next channel can have it."""


def tell(item: CallbackRequest) -> None:
    """Tell the message of ``item`` how it ended, if it did; a number that is wrong is left alone from then on."""
    kind, message = KINDS.get(item.state), item.message
    if kind is None or message is None:
        return
    receiving.receive([Notice(
        key=keys.make("call", item.pk, kind), provider=message.backend, kind=kind, is_hard=item.ending == Ending.WRONG_NUMBER,
        hashes=(message.recipient_hash,), message_uid=message.uid, provider_message_id=f"call-{item.pk}", occurred_at=clock.now(),
        detail=in_words(item),
    )])


def in_words(item: CallbackRequest) -> str:
    """How it ended, in a sentence without names or numbers."""
    calls = ngettext("after %d call", "after %d calls", item.tries) % item.tries if item.tries else _("no call was made")
    return f"{item.get_ending_display()} ({calls})"
