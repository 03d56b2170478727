"""The merchant's texts that fail for some orders: which, how often, why, until a newer version is in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ecommerce_comms import clock
from ecommerce_comms.messaging import answers
from ecommerce_comms.messaging.models import Attempt, Message, Template
from ecommerce_comms.messaging.writing import texts

TOLD_FOR = timedelta(days=7)
"""For so long after its last failure a text is told of."""
SHOWN = 10
"""Order numbers that are told."""
Outcome = Attempt.Outcome
_FAILED = Q(outcome=Outcome.OWN_TEXT) | Q(outcome=Outcome.PERMANENT, message__state=Message.State.FAILED,
                                          message__reason=Message.Reason.TEMPLATE)


@dataclass(frozen=True, kw_only=True)
class FailingText:
    """One text in the version in use."""

    template: Template
    messages: int
    """How many messages it failed for."""
    lost: int
    """How many of these did not leave at all, since there is no built-in text for them."""
    since: datetime
    reason: str
    """Of the last failure, in a sentence, without a full stop at its end."""
    orders: tuple[str, ...]
    """Numbers of the last orders that it failed for."""

    @property
    def says(self) -> str:
        """What went wrong, in a sentence."""
        sent = self.messages - self.lost
        in_ours = ngettext("%d message went out in the built-in words", "%d messages went out in the built-in words", sent)
        lost = ngettext("%d message could not be sent", "%d messages could not be sent", self.lost)
        told = [*([in_ours % sent] if sent else []), *([lost % self.lost] if self.lost else [])]
        what = {"what": ", ".join(told), "text": self.template, "reason": self.reason}
        return _("%(text)s: %(what)s, because: %(reason)s") % what


def failing(template: Template | None = None) -> list[FailingText]:
    """The texts that failed within a week and have not been changed since; or ``template`` alone, if it is one of them."""
    now = clock.now()
    tries = Attempt.objects.filter(_FAILED, ended_at__gte=now - TOLD_FOR).order_by()
    in_use = [template] if template else list(_concerned(tries))
    return [found for text in in_use if text.is_active and (found := _of(text, tries))]


def _concerned(tries: QuerySet[Attempt]) -> QuerySet[Template]:
    kinds = set(tries.values_list("message__kind", flat=True).distinct())
    keys = kinds | {f"{kind}{texts.OTHERS}" for kind in kinds}
    return Template.objects.filter(kind__in=keys, is_active=True).order_by("kind", "language")


def _of(text: Template, tries: QuerySet[Attempt]) -> FailingText | None:
    kind = text.kind.removesuffix(texts.OTHERS)
    mine = tries.filter(_readers(text.kind), message__kind=kind, message__language=text.language, message__text_version=text.version)
    if not text.version:  # written by code, and not counted: what failed before it was changed is past
        mine = mine.filter(ended_at__gte=text.changed_at)
    found: dict[str, Any] = mine.aggregate(
        messages=Count("message", distinct=True), since=Min("ended_at"),
        lost=Count("message", distinct=True, filter=Q(outcome=Outcome.PERMANENT)))
    if not found["messages"]:
        return None
    rows = list(mine.order_by("-ended_at", "-pk").values_list("answer", "message__order__number")[: 5 * SHOWN])
    numbers = dict.fromkeys(number for _answer, number in rows if number)
    reason = next((answer for answer, _number in rows if answer), "")
    return FailingText(template=text, reason=_sentence(reason), orders=tuple(numbers)[:SHOWN], **found)


def _readers(key: str) -> Q:
    """Whose messages speak from the text with this key."""
    if key.endswith(texts.OTHERS):
        return ~Q(message__role="")
    return Q(message__role="") if f"{key}{texts.OTHERS}" in texts.KINDS else Q()


def _sentence(reason: str) -> str:
    """Without the names of our errors, and without its full stop."""
    said = answers.answer(reason).raw.removeprefix("TemplateError: ")
    return answers.answer(said).raw.strip().rstrip(".")
