"""What a customer would see: one text about one order, on every channel."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ecommerce_comms.conf import conf
from ecommerce_comms.editor import framing, kinds
from ecommerce_comms.editor.subjects import Subject
from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.editing import differences, versions
from ecommerce_comms.messaging.editing.differences import Change
from ecommerce_comms.messaging.editing.linting import LONGEST, LONGEST_SHOWN, Complaint
from ecommerce_comms.messaging.models import WORDING, Template
from ecommerce_comms.messaging.speaking import rendering, sms
from ecommerce_comms.messaging.speaking.layout.look import look_of
from ecommerce_comms.messaging.speaking.rendering import Rendered
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.messaging.writing.texts import Text


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a merchant wants to see."""

    kind: str
    language: str
    """Of the text that is written."""
    text: Text
    tongue: str = ""
    """Another language whose text is shown instead; empty: that of the text."""
    now: bool = False
    """Show what customers get now, and not what is written."""
    dark: bool = False
    pictures: bool = True

    @property
    def shown_language(self) -> str:
        """The language that is shown."""
        return self.tongue or self.language


@dataclass(frozen=True, kw_only=True)
class Preview:
    """All panes, the complaints and the counts."""

    made: Rendered | None
    """None if the text does not work for this order."""
    problem: str = ""
    """Why it does not."""
    mail: str = ""
    """The page of the mail, for a frame."""
    bubbles: tuple[str, ...] = ()
    """The text message, as the parts in which it travels."""
    bubbles_say: str = ""
    shop: str = ""
    shows: str = ""
    """Which text it is, in a sentence."""
    note: str = ""
    """What of the order is not real."""
    language: str = ""
    direction: str = "ltr"
    difference: list[Change] = field(default_factory=list)
    """What differs from what customers get now."""
    complaints: tuple[Complaint, ...] = ()
    counts: dict[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        """How many complaints forbid publishing."""
        return sum(one.severity == "error" for one in self.complaints)

    @property
    def summary(self) -> str:
        """The complaints in one sentence."""
        warnings = len(self.complaints) - self.errors
        if not self.complaints:
            return _("Nothing to complain about.")
        told = [ngettext("%d error", "%d errors", self.errors) % self.errors if self.errors else "",
                ngettext("%d hint", "%d hints", warnings) % warnings if warnings else ""]
        found = _(" and ").join(filter(None, told))
        return (_("%s: it cannot be published yet.") if self.errors else _("%s: it can be published.")) % found

    def about(self, part: str) -> list[Complaint]:
        """The complaints about ``part``; of those that are about the text as a whole, ``part`` is empty."""
        return [one for one in self.complaints if one.part == part]


def preview(wish: Wish, subject: Subject) -> Preview:
    """Everything that is shown beside the text."""
    own = {text.language: text for text in Template.objects.filter(kind=wish.kind, language__in={wish.language, wish.shown_language})}
    used = versions.in_use(own.get(wish.language), wish.kind, wish.language)
    text, is_own, shows = _shown(wish, own)
    parts = rendering.parts_of(wish.kind, wish.shown_language, subject.facts, subject.time_zone, own=is_own, look=look_of(subject.site))
    about = Preview(
        made=None, shows=shows, note=subject.note, complaints=tuple(versions.complaints(wish.text, wish.kind, wish.language)),
        difference=differences.between(used, wish.text), counts=_counts(wish.text, None), shop=parts.shop or conf.SHOP_NAME,
        language=parts.language, direction=parts.direction,
    )
    try:
        made = rendering.compose(_completed(text, wish), parts, "merchant" if is_own else "built-in")
    except TemplateError as error:
        return replace(about, problem=error.detail)
    return replace(
        about, made=made, mail=framing.framed(made.html, dark=wish.dark, pictures=wish.pictures), bubbles=tuple(sms.split(made.sms)),
        bubbles_say=_bubbles_say(made), counts=_counts(wish.text, made) if text is wish.text else about.counts,
    )


def _shown(wish: Wish, own: dict[str, Template]) -> tuple[Text, bool, str]:
    """The text to show, whether it is the shop's own, and what to call it."""
    if not wish.now and wish.shown_language == wish.language:
        return wish.text, True, _("What you have written, in %s.") % kinds.language_name(wish.language)
    template, name = own.get(wish.shown_language), kinds.language_name(wish.shown_language)
    waiting = None if wish.now else versions.draft(template)
    if waiting is not None:
        return Text.of(waiting), True, _("The draft in %(language)s, version %(number)d.") % {"language": name, "number": waiting.number}
    is_own = template is not None and template.is_active
    said = _("What customers get now in %s: your own text.") if is_own else _("What customers get now in %s: the built-in text.")
    return versions.in_use(template, wish.kind, wish.shown_language), is_own, said % name


def _completed(text: Text, wish: Wish) -> Text:
    return text.completed(texts.built_in(wish.kind, wish.shown_language)) if wish.kind in texts.KINDS else text


def _bubbles_say(made: Rendered) -> str:
    measured = sms.measure(made.sms)
    one, several = "%(count)d text message, %(characters)d characters", "%(count)d text messages, %(characters)d characters"
    said = ngettext(one, several, made.sms_count)
    size = said % {"count": made.sms_count, "characters": measured.characters}
    if measured.encoding == sms.GSM:
        return _("%s. One holds 160, of several each 153.") % size
    return _("%s. With these letters one holds 70, of several each 67.") % size


def _counts(text: Text, made: Rendered | None) -> dict[str, str]:
    """How long each part is: as it is written, and as it comes out for this order."""
    return {part: _count(part, getattr(text, part), made) for part in WORDING}


def _count(part: str, source: str, made: Rendered | None) -> str:
    said = _("%(number)d of at most %(most)d characters written") % {"number": len(source), "most": LONGEST[part]}
    if made is None or not source.strip():
        return said
    if part == "subject":
        shown = _("%(number)d of at most %(most)d shown") % {"number": len(made.subject), "most": LONGEST_SHOWN}
        return f"{said} · {shown}"
    if part == "short":
        messages = ngettext("%d text message", "%d text messages", made.sms_count) % made.sms_count
        return f"{said} · {messages}"
    spoken = {"preview": made.preview, "heading": made.heading}.get(part)
    return said if spoken is None else f"{said} · " + _("%d shown") % len(spoken)
