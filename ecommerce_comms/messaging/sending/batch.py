"""Sends the messages of one claim: makes all texts, keeps them, then hands them over, one by one, in the order of their keys.

That order and one rule make a single mark enough for the whole claim: whatever does not end with a plain yes is written to
the database before the next message begins. So below the mark everything was accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic, sleep

from ecommerce_comms import clock, masking, tracing
from ecommerce_comms.exceptions import CommsError, DeliveryError, PermanentDeliveryError, TemplateError, TransientDeliveryError
from ecommerce_comms.masking import mask
from ecommerce_comms.messaging.backends.base import Outgoing, Route, get_backend
from ecommerce_comms.messaging.models import Attempt, Message, Template
from ecommerce_comms.messaging.sending import claims, freezing, outcomes
from ecommerce_comms.messaging.sending.deadline import watch
from ecommerce_comms.messaging.sending.providers import Providers
from ecommerce_comms.messaging.sending.workers import Sender
from ecommerce_comms.messaging.speaking import composing
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders import waker

log = masking.logger(__name__)
State, Reason, Lane = Message.State, Message.Reason, Message.Lane
Ready = tuple[Message, Outgoing]
LONGEST_PAUSE = 2.0
"""Seconds that a worker waits for its rate; for longer waits the messages are put back."""
MAKING_TRIES = 3
"""A text that cannot be made is tried so often: memory may have been short."""
LOOK_SECONDS = 0.5
"""How often a batch of offers asks whether orders wait."""


class Batch:
    """The messages of one claim that are still wanted, and the ways out for them."""

    def __init__(self, sender: Sender, token: str, messages: Sequence[Message], own: dict[tuple[str, str], Template], lane: str) -> None:
        self._sender, self._token, self._own, self._lane = sender, token, own, lane
        self._messages = messages
        self._accepted: list[Message] = []
        self._providers: dict[str, Providers] = {}
        self._opened: dict[str, Route] = {}
        self._looked_at = monotonic()

    def send(self) -> None:
        """Send them all, or as many as can be sent now; afterwards every outcome is kept."""
        # All texts first, so that what is made is not made between two waits for a server.
        new = {message.pk for message in self._messages if not message.words}
        ready = [(message, outgoing) for message in self._messages if (outgoing := self._made(message))]
        ready = self._frozen(ready, new)
        try:
            for index, (message, outgoing) in enumerate(ready):
                seconds = self._one(message, outgoing, len(ready) - index)
                if seconds is not None:
                    self._put_back([message for message, _ in ready[index:]], seconds)
                    break
        finally:
            for route in self._opened.values():
                route.backend.close()
        if self._accepted:
            outcomes.keep(self._accepted, self._token)

    def _made(self, message: Message) -> Outgoing | None:
        """What is handed over; ``None`` if it cannot be made, which is kept at once."""
        self._sender.makes(message.id)
        own = self._own.get((texts.key(message.kind, message.role), message.language))
        try:
            return composing.outgoing(message, own)
        except Exception as error:
            log.exception("Message %s could not be made.", message.id)
            # A text that does not work will not work in a minute either; somebody has to mend it.
            is_lasting = isinstance(error, TemplateError) or message.attempts >= MAKING_TRIES
            kind = PermanentDeliveryError if is_lasting else TransientDeliveryError
            message.text_version = own.version if own else 0
            self._give_up(message, "", kind(f"{type(error).__name__}: {error}"), Reason.TEMPLATE)
            return None

    def _frozen(self, ready: list[Ready], new: set[int]) -> list[Ready]:
        """Keep the words of those that had none; returns those that are still this worker's."""
        fresh = [message for message, _ in ready if message.pk in new]
        if not fresh:
            return ready
        self._sender.keeps()
        lost = freezing.freeze(fresh, self._token)
        return [each for each in ready if each[0].pk not in lost]

    def _one(self, message: Message, outgoing: Outgoing, left: int) -> float | None:
        """Send one message; seconds to wait if it and those after it cannot be sent now."""
        if self._orders_wait():
            waker.wake(waker.OFFERS)  # for these, which are still due
            return 0.0
        with tracing.span("send", message.fact_key, kind=message.kind, lane=message.lane, attempt=message.attempts):
            try:
                providers = self._ways(message.backend)
            except CommsError as error:
                self._give_up(message, "", error)
                return None
            return self._by_one_of(providers, message, outgoing, left)

    def _by_one_of(self, providers: Providers, message: Message, outgoing: Outgoing, left: int) -> float | None:
        """Hand it to the first provider that works; the next one is asked only if this one surely did not accept it."""
        last: tuple[Route, DeliveryError] | None = None
        for route in providers.open_to(message):
            if seconds := self._pause(providers, route, left):
                return seconds
            if last:
                self._note_try(message, last[0].name, last[1])
            error = self._hand_over(route, message, outgoing)
            if error is None:
                providers.succeeded(route)
                return None
            last = (route, error)
            if error.blames_provider:
                providers.failed(route, error)
            if not error.blames_provider or getattr(error, "uncertain", False):
                break
        if last is None:
            return providers.rest()
        route, error = last
        self._give_up(message, route.name, error, key_seconds=route.key_seconds)
        return None

    def _hand_over(self, route: Route, message: Message, outgoing: Outgoing) -> DeliveryError | None:
        """Returns what went wrong, if anything did."""
        with watch.over(route.backend):
            if error := self._open(route):
                return error
            if message.provider_until and route.name != message.provider:
                message.possible_duplicate = True  # the other one has had it for a while, and may yet have sent it
            self._sender.hands_over(message.id)
            try:
                receipt = route.backend.send(outgoing)
            except DeliveryError as error:
                return error
            except Exception as error:
                log.exception("The backend of %s failed with message %s.", route.name, message.id)
                return _surprise(error)
        self._sender.done(message.id)
        outcomes.accepted(message, route, receipt)
        self._accepted.append(message)
        return None

    def _open(self, route: Route) -> DeliveryError | None:
        if route.name in self._opened:
            return None
        self._opened[route.name] = route
        try:
            route.backend.open()
        except DeliveryError as error:
            return error
        return None

    def _give_up(
        self, message: Message, provider: str, error: CommsError, reason: str = Reason.REFUSED, *, key_seconds: float = 0.0,
    ) -> None:
        """For now or for good; written before the next message begins."""
        outcomes.keep([message], self._token, [outcomes.failed(message, provider, error, reason, key_seconds=key_seconds)])

    def _note_try(self, message: Message, provider: str, error: DeliveryError) -> None:
        """The line in the message's story for a provider that did not work, while another one is asked."""
        Attempt.objects.create(
            message=message, number=message.attempts, provider=provider, ended_at=clock.now(),
            outcome=Attempt.Outcome.TRANSIENT, code=error.code, answer=mask(str(error))[:1000],
        )

    def _put_back(self, messages: Sequence[Message], seconds: float) -> None:
        for message in messages:
            outcomes.put_back(message, seconds)
        outcomes.keep(messages, self._token)

    def _ways(self, channel: str) -> Providers:
        if channel not in self._providers:
            self._providers[channel] = Providers(get_backend(channel).routes(channel), self._lane)
        return self._providers[channel]

    def _pause(self, providers: Providers, route: Route, left: int) -> float:
        """Wait for the rate of ``route``; seconds that are still missing if that would take long."""
        seconds = providers.wait(route, left)
        if 0 < seconds <= LONGEST_PAUSE:
            sleep(seconds)
            seconds = providers.wait(route, left)
        return seconds

    def _orders_wait(self) -> bool:
        """Whether a batch of offers has to make room."""
        if self._lane != Lane.OFFERS or monotonic() - self._looked_at < LOOK_SECONDS:
            return False
        self._looked_at = monotonic()
        return claims.is_due(Lane.ORDERS)


def _surprise(error: Exception) -> TransientDeliveryError:
    """A backend that breaks its contract may have handed the message over before."""
    doubt = TransientDeliveryError(f"{type(error).__name__}: {error}")
    doubt.uncertain = True
    return doubt
