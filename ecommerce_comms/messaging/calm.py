"""The last look at what nobody must get without wanting it: consent, suppression, pauses, quiet hours and caps.

It is asked about messages that one worker has claimed, after the claim is committed and right before they are sent, with a
handful of queries for a batch of any size: one for order mails alone, at most five with advertising.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zlib import crc32

from django.db.models import Q

from ecommerce_comms.conf import conf
from ecommerce_comms.customers import calling, consents, suppressions
from ecommerce_comms.customers.hashing import address_hashes
from ecommerce_comms.customers.models import Consent
from ecommerce_comms.messaging import channels, quiet, unsubscribe
from ecommerce_comms.messaging.models import Message, Pause
from ecommerce_comms.zones import zone

State, Reason, Purpose = Message.State, Message.Reason, Message.Purpose
SMS, PHONE = "sms", "phone"
"""Forms of messages that ring."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
LOOK_AGAIN = timedelta(hours=1)
"""When something that is paused is looked at again."""
MORNING_SECONDS = 1_800
"""What waited for the night to end goes out over so many seconds, not all at once."""
FLYING_SECONDS = 600
"""Within so many seconds it is known what became of a message that another worker is sending."""


@dataclass(frozen=True)
class Verdict:
    """A message that is not sent now: its new state, why, and when it is due again."""

    message: Message
    state: str
    reason: str
    due_at: datetime


def look(messages: Iterable[Message], now: datetime) -> list[Verdict]:
    """Those of ``messages`` that must not be sent ``now``, in the order in which they came; the others may be sent.

    What an order mail suggests besides is taken out of its facts (in memory only) where there is no consent to advertising.
    """
    groups: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        groups[message.backend].append(message)
    return [verdict for channel, group in groups.items() for verdict in _Look(channel, group, now).verdicts()]


class _Look:
    """What has to be known about the messages of one channel, each thing read once and only if it is needed."""

    def __init__(self, channel: str, messages: Sequence[Message], now: datetime) -> None:
        self.channel, self.messages, self.now = channel, messages, now
        self.form = channels.form_of(channel) if channel in channels.known() else channels.EMAIL
        self.hashes = {message.recipient: address_hashes(message.recipient) for message in messages}
        self.suppressed = suppressions.suppressed([each for hashes in self.hashes.values() for each in hashes], channel)

    def verdicts(self) -> list[Verdict]:
        """Ask each message the questions of its purpose until one is against it."""
        found = []
        for message in self.messages:
            if verdict := next((said for ask in QUESTIONS[message.purpose] if (said := ask(self, message))), None):
                found.append(verdict)
            elif "suggestions" in message.facts and not self.is_welcome(message):
                message.facts = {name: facts for name, facts in message.facts.items() if name != "suggestions"}
        return found

    def is_welcome(self, message: Message) -> bool:
        """Whether the person wants advertising."""
        word = self._word(message, Consent.Topic.MARKETING)
        return word is not None and not word.is_no and not self._scopes(message)

    def no_consent(self, message: Message) -> Verdict | None:
        """Advertising needs a yes; other messages of free will end with a no."""
        word = self._word(message, message.purpose)
        is_no = message.purpose == Purpose.MARKETING if word is None else word.is_no
        return self._skip(message, Reason.NO_CONSENT) if is_no else None

    def is_suppressed(self, message: Message) -> Verdict | None:
        """Mail came back for good, or the person complained."""
        scopes = self._scopes(message)
        is_meant = scopes if message.purpose == Purpose.MARKETING else "all" in scopes
        return self._skip(message, Reason.SUPPRESSED) if is_meant else None

    def is_paused(self, message: Message) -> Verdict | None:
        """The lane is paused, or no link could be given with which to unsubscribe."""
        return self._later(message, Reason.PAUSED, self.now + LOOK_AGAIN) if self._pause else None

    def is_night(self, message: Message) -> Verdict | None:
        """It is night where the person is; or, for a call, no time at which they want to be called."""
        here = zone(message.time_zone)
        if self.form == PHONE and (times := _call_times(message)):
            opens = times.opens_at(self.now, here)
            return self._later(message, Reason.QUIET_HOURS, opens) if opens else None
        hours = quiet.parse(conf.QUIET_HOURS)
        morning = hours.ends_at(self.now, here) if hours else None
        return self._later(message, Reason.QUIET_HOURS, morning + _spread(message, MORNING_SECONDS)) if morning else None

    def wakes_somebody(self, message: Message) -> Verdict | None:
        """It would ring at night. A text message that is about the next few hours may; nobody is called."""
        is_loud = self.form == PHONE or (self.form == SMS and message.kind not in conf.URGENT_KINDS)
        return self.is_night(message) if is_loud else None

    def is_too_much(self, message: Message) -> Verdict | None:
        """The person has had as much advertising as one person may get; counts this message if not.

        What another worker is sending at this moment counts too. Each worker claims before it looks, so of two that send to
        one person at least one sees the other's, and the cap holds whatever they do; if both do, both look again a little later.
        """
        person = self.hashes[message.recipient][0]
        sent, flying = self._sent[person], self._flying[person]
        due = []
        for limit, window in ((conf.MARKETING_PER_DAY, DAY), (conf.MARKETING_PER_WEEK, WEEK)):
            recent = sorted(at for at in sent if at > self.now - window)
            if limit and len(recent) >= limit:
                due.append(recent[-limit] + window)
            elif limit and len(recent) + flying >= limit:
                due.append(self.now + timedelta(seconds=60) + _spread(message, FLYING_SECONDS))
        if due:
            return self._later(message, Reason.CAP, max(due))
        sent.append(self.now)
        return None

    @cached_property
    def _words(self) -> dict[tuple[str, str], consents.Word]:
        asked = (each for message in self.messages if message.purpose != Purpose.TRANSACTIONAL or "suggestions" in message.facts
                 for each in self.hashes[message.recipient])
        return consents.newest(set(asked), channel=self.channel)

    @cached_property
    def _pause(self) -> bool:
        return not unsubscribe.is_possible() or Pause.objects.filter(lane=Message.Lane.OFFERS).exists()

    @cached_property
    def _told(self) -> list[tuple[str, datetime | None, datetime]]:
        """Advertising of the last week to these people, by others: person, when it was sent, when it was due."""
        offers = [message for message in self.messages if message.purpose == Purpose.MARKETING]
        person = {each: self.hashes[message.recipient][0] for message in offers for each in self.hashes[message.recipient]}
        since = self.now - WEEK
        # What may have gone out (reason "unknown") counts as if it had, at the moment at which it was due.
        counted = Q(sent_at__gt=since) | Q(state=State.SENDING) | Q(state=State.FAILED, reason=Reason.UNKNOWN, due_at__gt=since)
        rows = Message.objects.filter(counted, purpose=Purpose.MARKETING, recipient_hash__in=person)
        others = rows.exclude(pk__in=[message.pk for message in offers]).values_list("recipient_hash", "sent_at", "state", "due_at")
        return [(person[each], None if state == State.SENDING else sent_at or due_at, due_at) for each, sent_at, state, due_at in others]

    @cached_property
    def _sent(self) -> dict[str, list[datetime]]:
        sent: dict[str, list[datetime]] = defaultdict(list)
        for person, at, _ in self._told:
            if at:
                sent[person].append(at)
        return sent

    @cached_property
    def _flying(self) -> Counter[str]:
        return Counter(person for person, at, _ in self._told if at is None)

    def _word(self, message: Message, topic: str) -> consents.Word | None:
        return consents.last_word(self._words, self.hashes[message.recipient], topic)

    def _scopes(self, message: Message) -> set[str]:
        return set().union(*(self.suppressed.get(each, ()) for each in self.hashes[message.recipient]))

    def _skip(self, message: Message, reason: str) -> Verdict:
        return Verdict(message, State.SKIPPED, reason, message.due_at)

    def _later(self, message: Message, reason: str, due_at: datetime) -> Verdict:
        """Wait until ``due_at``; but what would be no news any more by then is not sent at all."""
        if message.expires_at and due_at > message.expires_at:
            return self._skip(message, Reason.STALE)
        return Verdict(message, State.QUEUED, reason, due_at)


QUESTIONS: dict[str, tuple[Callable[[_Look, Message], Verdict | None], ...]] = {
    Purpose.TRANSACTIONAL: (_Look.is_suppressed, _Look.wakes_somebody),
    Purpose.TRACKING: (_Look.no_consent, _Look.is_suppressed, _Look.wakes_somebody),
    Purpose.SERVICE: (_Look.no_consent, _Look.is_suppressed, _Look.is_night),
    Purpose.MARKETING: (_Look.no_consent, _Look.is_suppressed, _Look.is_paused, _Look.is_night, _Look.is_too_much),
}
"""What is asked about a message, by its purpose; the first answer against it counts."""


def _call_times(message: Message) -> calling.CallTimes | None:
    """When the customer wants to be called, if they said so; the others whom an order names were not asked."""
    try:
        return calling.parse(message.customer.call_times) if message.customer else None
    except ValueError:  # written by other hands
        return None


def _spread(message: Message, seconds: int) -> timedelta:
    """A wait below ``seconds``, always the same for one message, also when a history is played once more."""
    return timedelta(seconds=crc32(message.dedupe_key.encode()) % seconds)
