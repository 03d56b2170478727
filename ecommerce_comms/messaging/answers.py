"""What a mail server or a provider said, in a shopkeeper's words: who it was, what it means, and what can be done about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anymail.backends.base import AnymailBaseBackend
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise as LazyText
from django.utils.module_loading import import_string
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import CommsError, DeliveryError, PermanentDeliveryError, TemplateError, TransientDeliveryError
from ecommerce_comms.masking import mask
from ecommerce_comms.messaging.backends.base import get_backend
from ecommerce_comms.messaging.backends.errors import BAD_ADDRESS
from ecommerce_comms.messaging.backends.providers import DEFAULT, providers
from ecommerce_comms.messaging.models import Attempt

_SERVERS = frozenset({"", DEFAULT, "email"})
"""Names that stand for the shop's own mail server where no setting says otherwise."""
_OUR_WORDS = tuple(f"{(kind.__doc__ or '').splitlines()[0]} " for kind in (
    TransientDeliveryError, PermanentDeliveryError, TemplateError, DeliveryError, CommsError))
"""What an error of ours begins with, before the other side's words."""


@dataclass(frozen=True)
class Meaning:
    """What an answer means: a clause about ``%(who)s``, and what can be done; an empty ``todo`` is a matter for who runs the server."""

    clause: str | LazyText
    todo: str | LazyText = ""


_NOWHERE = "|".join(re.escape(code) for code in sorted(BAD_ADDRESS))
_TWILIO = r"(?:\"(?:error_)?code\": ?|^(?:undelivered|failed) )"
"""What stands before a code of Twilio's, in an answer and in a report."""
_MEANINGS: tuple[tuple[str, Meaning], ...] = (
    (r"^cut after (?P<seconds>\d+) s", Meaning(_("%(who)s took longer than %(seconds)s seconds and was cut"))),
    (r"fell silent while|worker died", Meaning(
        _("the program that was sending it stopped in the middle"),
        _("If this happens often, see why it stops: memory, a kill, the machine."))),
    (rf"(?<!\S)({_NOWHERE})(?!\S)|^551\b(?! \d\.)", Meaning(
        _("%(who)s says that there is no such address"),
        _("Ask the customer for a working address and correct it in the shop; the next news goes there."))),
    (rf"{_TWILIO}(21211|21217|21614|30005|30006)\b|\"bad_address\"", Meaning(
        _("%(who)s says that there is no such number, or that it takes no texts"),
        _("Ask the customer for a mobile number and correct it in the shop; the next news goes there."))),
    (rf"{_TWILIO}21610\b|\"opted_out\"", Meaning(
        _("%(who)s says that the customer has answered STOP"),
        _("Nothing more goes to this number; the customer can lift that by answering START."))),
    (r"but not in the way of a gateway", Meaning(
        _("%(who)s said yes in a way that cannot be understood; the text may have gone out"),
        _("See that the gateway's address in the settings is right; no text is sent twice."))),
    (r"(?<!\S)[45]\.2\.2(?!\S)|mailbox (is )?full|over ?quota", Meaning(
        _("%(who)s says that the customer's mailbox is full"),
        _("Tell the customer in another way, or ask for another address; send it again when there is room."))),
    (r"(?<!\S)[45]\.2\.1(?!\S)", Meaning(
        _("%(who)s says that the customer's mailbox is closed"),
        _("Ask the customer for another address and correct it in the shop."))),
    (r"(?<!\S)[45]\.1\.[78](?!\S)", Meaning(_("%(who)s does not take the shop's own address as the sender"))),
    (r"(?<!\S)5\.3\.4(?!\S)|^552\b|HTTP 413", Meaning(
        _("it is too big for %(who)s"), _("Make the text shorter under Message texts, then send it again."))),
    (r"^(No connection: )?(\w+: )?\(?(530|534|535)\b|HTTP 40[13]", Meaning(_("%(who)s did not accept the shop's name, password or key"))),
    (r"HTTP 402", Meaning(_("%(who)s waits for its bill to be paid"))),
    (r"HTTP 429|Throttl|TooManyRequests", Meaning(_("%(who)s takes no more mails for the moment"))),
    (r"HTTP 5\d\d", Meaning(_("%(who)s had a failure of its own"))),
    (r"gaierror|NameResolution|name resolution|Name or service not known|nodename nor|has no address", Meaning(
        _("%(who)s could not be found by its name"))),
    (r"SSL|certificate", Meaning(_("no safe connection to %(who)s could be made"))),
    (r"^No connection: (?!\d)|Connection ?refused|NewConnectionError|ConnectTimeout|EndpointConnection|unreachable|No route", Meaning(
        _("%(who)s could not be reached"))),
    (r"TimeoutError|timed out|ReadTimeout", Meaning(_("%(who)s did not answer in time"))),
    (r"Disconnected|Connection\w*Error|BrokenPipe|Connection (aborted|broken)|IncompleteRead", Meaning(
        _("the connection to %(who)s broke in the middle"))),
    (r"(un(able|authori[sz]ed) to |not |no )relay|relay(ing)?( access)? (denied|not|prohibited)", Meaning(
        _("%(who)s does not pass on mail to this address for the shop"))),
    (r"(?<!\S)5\.7\.\d", Meaning(_("%(who)s refused it by its rules, perhaps as unwanted mail"))),
    (r"^(No connection: )?4\d\d\b", Meaning(_("%(who)s asked to try again later"))),
)
"""What answers look like, the most telling first."""
_PATTERNS = tuple((re.compile(look, re.IGNORECASE), meaning) for look, meaning in _MEANINGS)
_NO_TEXT = Meaning(_("its text could not be made"), _("Mend the text under Message texts, then send it again."))
_BROKEN_TEXT = re.compile(r"(\w+\.)*[A-Z]\w*(Error|Exception)\b")
"""How an error begins that came up before any provider was asked."""
_OTHERWISE: dict[str, Meaning] = {
    Attempt.Outcome.TRANSIENT: Meaning(_("%(who)s refused it for now")),
    Attempt.Outcome.PERMANENT: Meaning(_("%(who)s refused it for good")),
    Attempt.Outcome.UNKNOWN: Meaning(_("%(who)s gave no answer")),
}
"""What an answer means that looks like nothing known, by the outcome of the try."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of one try."""

    raw: str
    """The other side's own words, masked; may be empty."""
    provider: str = ""
    outcome: str = Attempt.Outcome.TRANSIENT

    @property
    def clause(self) -> str:
        """What it means, as a part of a sentence: "the mail server could not be reached"."""
        meaning, found = self._found
        return str(meaning.clause) % {"who": who(self.provider), **found}

    @property
    def sentence(self) -> str:
        """The same as a whole sentence."""
        return f"{self.clause[:1].upper()}{self.clause[1:]}."

    @property
    def todo(self) -> str:
        """What can be done about it: by the shop, or by those who run the server or the provider."""
        return str(self._found[0].todo) or ask(self.provider)

    @property
    def _found(self) -> tuple[Meaning, dict[str, str]]:
        if not self.provider and _BROKEN_TEXT.match(self.raw):
            return _NO_TEXT, {}
        for look, meaning in _PATTERNS:
            if found := look.search(self.raw):
                return meaning, found.groupdict()
        return _OTHERWISE[self.outcome], {}


def answer(text: str, provider: str = "", outcome: str = Attempt.Outcome.TRANSIENT) -> Answer:
    """The answer that was kept as ``text`` (``Attempt.answer``, ``Message.last_error``)."""
    for words in _OUR_WORDS:
        text = text.removeprefix(words)
    return Answer(raw=mask(text), provider=provider, outcome=outcome)


def called(provider: str) -> str:
    """What a merchant calls a way out that is neither mail server nor provider, such as the call list; empty for those."""
    if provider not in conf.BACKENDS:
        return ""
    try:
        return str(get_backend(provider).called)
    except ImproperlyConfigured:  # the system checks tell of it
        return ""


def is_service(provider: str) -> bool:
    """Whether ``provider`` is a mail service with an account of the shop's, and not a mail server."""
    path = next((one.path for one in providers() if one.name == provider), "")
    if not path:
        return provider not in _SERVERS
    try:
        return issubclass(import_string(path), AnymailBaseBackend)
    except (ImportError, TypeError):  # the system checks tell of it
        return False


def who(provider: str) -> str:
    """Who answered: the mail server, the provider, or what the backend calls it."""
    if own := called(provider):
        return own
    return now_in_words("the provider") if is_service(provider) else now_in_words("the mail server")


def named(provider: str) -> str:
    """The same with its name, in quotes so that a name such as “default” reads as one."""
    if not provider or called(provider):
        return who(provider)
    text = now_in_words("the provider “%(name)s”") if is_service(provider) else now_in_words("the mail server “%(name)s”")
    return text % {"name": provider}


def ask(provider: str) -> str:
    """Who can help with an answer of ``provider``."""
    if called(provider):
        return now_in_words("Look at the health page; it says what is wrong and what to do.")
    if is_service(provider):
        return now_in_words("See your account at %(provider)s, or show its answer to its support.") % {"provider": named(provider)}
    if host := _host(provider):
        return now_in_words("Show the answer to whoever looks after your mail server (%(host)s).") % {"host": host}
    return now_in_words("Show the answer to whoever looks after your mail server.")


def _host(provider: str) -> str:
    """The name of the machine that is the mail server, if the settings tell."""
    try:
        return str(next((getattr(one.connect(), "host", "") for one in providers() if one.name == provider), "") or "")
    except Exception:  # a backend that cannot be made; the system checks tell of it
        return ""
