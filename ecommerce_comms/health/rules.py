"""Which rules cannot do what they say: for want of a text, a language, a channel, an address, or of the fact that sets them off.

One door for the system checks (``from_settings``), ``comms_doctor`` and the list of rules in the admin (``from_rows`` as well). Another
room's findings join by a function in ``PROBES``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import global_settings, settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from ecommerce_comms.adapters.base import get_adapter
from ecommerce_comms.conf import conf
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.exceptions import CommsError
from ecommerce_comms.journeys.rules import SPECS, merchants_rules
from ecommerce_comms.messaging.backends.base import get_backend
from ecommerce_comms.messaging.editing import linting
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.reaching import TOPICS
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.models import OrderEvent

EXAMPLES = re.compile(r"(.*\.)?example\.(com|org|net)", re.IGNORECASE)
"""Domains of which no mail may come (RFC 2606)."""
FACTS_LOOKED_AT, LEAST_FACTS = 2_000, 200
"""Among so many of the newest facts, and no fewer, every step of an ordinary order should be found."""
ORDINARY = ("order_placed", "order_shipped", "order_delivered")
"""What happens to nearly every order; a payment that fails may never happen in a good shop."""
PHONE_FIELD = "customer.phone"
"""Where an adapter finds the phone number. Another check asks for the e-mail address, and every customer has a key."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is missing: what, of which rules, where, and how to mend it."""

    id: str
    """Of the system check that tells it, or a word of its own if only the database knows."""
    is_error: bool = False
    """Messages are lost by it; else they are worse than they could be."""
    rules: tuple[str, ...] = ()
    """Kinds of message; none if it is about all."""
    what: str
    where: str
    """The setting or the page of the admin where it is mended."""
    todo: str

    def __str__(self) -> str:
        return f"{self.what} {_('Rules:')} {', '.join(self.rules)}." if self.rules else self.what


Probe = Callable[[], Iterator[Finding]]


def from_settings() -> list[Finding]:
    """What the settings alone tell, without a look into the database."""
    return [finding for probe in (_kinds, _languages, _channels, _addresses, _sender) for finding in probe()]


def from_rows(*, lint: bool = True) -> list[Finding]:
    """What only the database knows; ``lint``: every own text is tried as well, which takes some milliseconds each."""
    return [finding for probe in ((*PROBES, _own_texts) if lint else PROBES) for finding in probe()]


def _rules_of(topic: str) -> tuple[str, ...]:
    return tuple(kind for kind, spec in SPECS.items() if TOPICS[spec.purpose] == topic)


def _kinds() -> Iterator[Finding]:
    silent = tuple(kind for kind in SPECS if kind not in texts.KINDS)
    if silent:
        yield Finding(id="ecommerce_comms.E040", is_error=True, rules=silent, what=_("There is no text for a message."),
                      where="MESSAGE_KINDS",
                      todo=_("Write its words in the language of the shop under Message texts, or take the rule away."))


def _languages() -> Iterator[Finding]:
    """Each language that the shop speaks and we do not, or not in every message."""
    begun = {texts.primary(tag) for tag in texts.languages()}
    for tag in sorted(set(_spoken())):
        told = {kind: texts.told_in(kind, tag) for kind in SPECS if kind in texts.KINDS}
        silent = tuple(kind for kind, language in told.items() if texts.primary(language) != texts.primary(tag))
        if silent:
            what, todo = _HALF_TRANSLATED if texts.primary(tag) in begun else _NOT_TRANSLATED
            yield Finding(
                id="ecommerce_comms.W040", rules=silent, where="LANGUAGES", todo=str(todo),
                what=str(what) % {"language": tag, "other": told[silent[0]]},
            )


_NOT_TRANSLATED = (
    _lazy("There are no built-in texts in “%(language)s”, a language of the shop; such customers are written to in “%(other)s”."),
    _lazy("Add the language to the texts (see “Add a language” in the docs), or take it out of LANGUAGES."),
)
_HALF_TRANSLATED = (
    _lazy("Not everything is translated into “%(language)s”, a language of the shop; such customers are written to in “%(other)s”."),
    _lazy("“manage.py comms_texts --check” lists what is missing. Translate it, or take the language out of LANGUAGES."),
)


def _spoken() -> list[str]:
    """The tags of the shop's languages; Django's own list of a hundred is nobody's choice."""
    listed = [tag for tag, _name in settings.LANGUAGES] if settings.LANGUAGES != global_settings.LANGUAGES else []
    return [*listed, conf.language]


def _channels() -> Iterator[Finding]:
    """Each channel that customers get and the shop has not."""
    for topic, listed in conf.CHANNELS.items():
        for channel in listed:
            if channel not in conf.BACKENDS:
                yield Finding(
                    id="ecommerce_comms.E041", is_error=True, rules=_rules_of(topic),
                    what=_("CHANNELS names the channel “%(channel)s” for %(topic)s, and BACKENDS has none of that name.")
                    % {"channel": channel, "topic": topic},
                    where=f'CHANNELS["{topic}"]', todo=_meant(channel) or _("Add its backend to BACKENDS, or take it out of CHANNELS."),
                )
        if not listed and _rules_of(topic):
            yield Finding(
                id="ecommerce_comms.W041", rules=_rules_of(topic), where=f'CHANNELS["{topic}"]',
                what=_("CHANNELS has no channel for %(topic)s: customers who were not asked hear nothing.") % {"topic": topic},
                todo=_("Name at least one channel, such as email."),
            )


def _meant(channel: str) -> str:
    """The channel whose name was perhaps meant, as advice; nothing if none is like it."""
    close = difflib.get_close_matches(channel.lower(), conf.BACKENDS, n=1)
    return _("Did you mean “%(channel)s”?") % {"channel": close[0]} if close else ""


def _addresses() -> Iterator[Finding]:
    """Each channel whose address no order tells."""
    for topic, listed in conf.CHANNELS.items():
        for channel in listed:
            if _address_for(channel) == "phone" and not _may_tell(PHONE_FIELD):
                yield Finding(
                    id="ecommerce_comms.W043", rules=_rules_of(topic), where=f'ORDER_FIELDS["{PHONE_FIELD}"]',
                    what=_("The channel “%(channel)s” needs a phone number, and none is found on your orders.") % {"channel": channel},
                    todo=_("Say in ORDER_FIELDS where the number is, or take the channel out of CHANNELS."),
                )


def _may_tell(name: str) -> bool:
    try:
        return get_adapter().may_tell(name)
    except (CommsError, ImproperlyConfigured):  # told elsewhere
        return True


def _address_for(channel: str) -> str:
    try:
        return get_backend(channel).address_for(channel)
    except (CommsError, ImproperlyConfigured):  # told elsewhere
        return ""


def _sender() -> Iterator[Finding]:
    domain = parseaddr(conf.from_email)[1].rpartition("@")[2]
    if not settings.DEBUG and EXAMPLES.fullmatch(domain) and any(_address_for(channel) == "email" for channel in conf.BACKENDS):
        yield Finding(
            id="ecommerce_comms.W042", rules=tuple(SPECS), where="FROM_EMAIL",
            what=_("Mails go out from %(domain)s, a domain for examples: mail servers refuse them.") % {"domain": domain},
            todo=_("Set FROM_EMAIL to an address at the shop's own domain."),
        )


def _own_texts() -> Iterator[Finding]:
    """Own words that cannot be used."""
    where = _("Message texts")
    for row in Template.objects.filter(is_active=True).order_by("kind", "language"):
        found = [str(each) for each in linting.lint(texts.Text.of(row), row.kind, row.language) if each.severity == "error"]
        if found:
            more = ngettext(" (and %d more)", " (and %d more)", len(found) - 1) % (len(found) - 1) if found[1:] else ""
            yield Finding(
                id="text_broken", is_error=True, rules=(row.kind,), where=where,
                what=_("The own words in “%(language)s” have a mistake: %(why)s%(more)s")
                % {"language": row.language, "why": found[0], "more": more},
                todo=_("Mend it under Message texts and publish it; until then customers may get the built-in words."),
            )


def _never_set_off() -> Iterator[Finding]:
    """Rules that wait for a fact of which nobody has told for a long time."""
    told = list(OrderEvent.objects.order_by("-pk").values_list("kind", flat=True)[:FACTS_LOOKED_AT])
    if len(told) < LEAST_FACTS:
        return
    active = {kind for kind, rule in merchants_rules().items() if rule.is_active}
    for trigger in ORDINARY:
        waiting = tuple(kind for kind, spec in SPECS.items() if spec.trigger == trigger and kind in active)
        if waiting and trigger not in told:
            yield Finding(
                id="never_told", rules=waiting, where=f"signals.{trigger}",
                what=_("Nobody has told “%(fact)s” among the newest %(count)d facts, and rules wait for it.")
                % {"fact": trigger.replace("_", " "), "count": len(told)},
                todo=_("Send the signal where this happens in the shop, or let a carrier tell it; or switch the rules off."),
            )


def _lost_channels() -> Iterator[Finding]:
    """Channels that customers chose and that there are no more."""
    lost: dict[str, int] = {}
    rows = Customer.objects.exclude(channels={}).order_by().values_list("channels").annotate(people=Count("pk"))
    for chosen, people in rows:
        listed = [several for several in chosen.values() if isinstance(several, list)] if isinstance(chosen, dict) else []
        for channel in {str(each) for several in listed for each in several} - set(conf.BACKENDS):
            lost[channel] = lost.get(channel, 0) + people
    for channel, people in sorted(lost.items()):
        yield Finding(
            id="channel_lost", where="BACKENDS",
            what=ngettext("%(count)d customer has chosen the channel “%(channel)s”, which there is no more.",
                          "%(count)d customers have chosen the channel “%(channel)s”, which there is no more.", people)
            % {"count": people, "channel": channel},
            todo=_("Add its backend to BACKENDS again, or ask these customers anew."),
        )


PROBES: Sequence[Probe] = (_never_set_off, _lost_channels)
"""What is looked for in the database, each with a query or two."""
