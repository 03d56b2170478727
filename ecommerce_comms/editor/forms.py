"""What a merchant writes, and what the preview is to show."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.editor import kinds, subjects
from ecommerce_comms.editor.preview import Wish
from ecommerce_comms.messaging.editing.linting import LONGEST
from ecommerce_comms.messaging.models import WORDING
from ecommerce_comms.messaging.writing.texts import Text

ROWS = {"body": 18, "short": 3, "subject": 2, "preview": 2, "heading": 1, "action": 1}
"""How high each field is. A subject with a condition in it does not fit on one line."""
LABELS = {
    "subject": (_("Subject"), _("What a list of mails shows first.")),
    "preview": (_("Preview line"), _("What a list of mails shows beside the subject.")),
    "heading": (_("Heading"), _("Large, at the top of the mail; the subject, if it stays empty.")),
    "body": (_("Body"), _("Markdown. The list of items, the address, the arrival window and the button stand around it by themselves.")),
    "action": (_("Button"), _("What the button says; the built-in words, if it stays empty.")),
    "short": (_("Short form"), _("One line for text messages, chat and the order's page; the subject, if it stays empty.")),
}


class TextForm(forms.Form):
    """The six parts of a text. A draft may have mistakes; it may not be longer than what can be kept."""

    base = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    note = forms.CharField(label=_("Note on this version"), max_length=255, required=False)

    def __init__(self, *args: Any, language: str, direction: str, may_change: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in WORDING:
            label, help_text = LABELS[part]
            widget = forms.Textarea(attrs={
                "rows": ROWS[part], "lang": language, "dir": direction, "aria-describedby": f"help-{part} count-{part} complaints-{part}",
                "data-part": part, "spellcheck": "true",
            })
            self.fields[part] = forms.CharField(
                label=label, help_text=help_text, max_length=LONGEST[part], required=False, strip=False, widget=widget,
            )
            # A browser would cut off what is too long without a word.
            self.fields[part].widget.attrs.pop("maxlength", None)
        if not may_change:
            for form_field in self.fields.values():
                form_field.widget.attrs["readonly"] = True

    @property
    def parts(self) -> list[forms.BoundField]:
        """The fields of the text, in their order."""
        return [self[part] for part in WORDING]

    @property
    def text(self) -> Text:
        """What was written, whether or not it can be kept."""
        return text_from(self.data if self.is_bound else self.initial)

    @staticmethod
    def beginning(text: Text, base: int) -> dict[str, Any]:
        """The initial values for ``text``."""
        return {**asdict(text), "base": base}


def text_from(data: Any) -> Text:
    """The six parts in ``data``, with the line ends that everything else counts by."""
    return Text(**{part: str(data.get(part) or "").replace("\r\n", "\n") for part in WORDING})


class ViewForm(forms.Form):
    """What the preview shows. What makes no sense is as it is at first."""

    about = forms.CharField(label=_("Order"), required=False, widget=forms.Select)
    search = forms.CharField(label=_("Find an order"), required=False, max_length=320, widget=forms.TextInput(
        attrs={"type": "search", "placeholder": _("Number, name or e-mail address"), "autocomplete": "off"},
    ))
    tongue = forms.ChoiceField(label=_("Language"), required=False)
    now = forms.BooleanField(label=_("What is sent now"), required=False)
    phone = forms.BooleanField(label=_("Phone"), required=False)
    dark = forms.BooleanField(label=_("Dark"), required=False)
    plain = forms.BooleanField(label=_("Pictures off"), required=False)

    def __init__(self, *args: Any, kind: str, language: str, may_see_orders: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language, self.may_see_orders = language, may_see_orders
        others = [tag for tag in kinds.languages() if tag != language]
        tongue, about = self.fields["tongue"], self.fields["about"].widget
        assert isinstance(tongue, forms.ChoiceField) and isinstance(about, forms.Select)
        tongue.choices = [("", kinds.language_name(language)), *((tag, kinds.language_name(tag)) for tag in others)]
        told = self.data if self.is_bound else self.initial
        search = str(told.get("search") or "")[:320]
        about.choices = subjects.choices(kind, search, str(told.get("about") or ""), orders=may_see_orders)

    @property
    def boxes(self) -> list[forms.BoundField]:
        """What can be ticked."""
        return [self[name] for name in ("phone", "dark", "plain", "now")]

    @property
    def is_phone(self) -> bool:
        """Whether the mail is shown as wide as a phone."""
        return bool(self["phone"].value())

    def wish(self, kind: str, text: Text) -> Wish:
        """What to show."""
        chosen = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return Wish(
            kind=kind, language=self.language, text=text, tongue=chosen.get("tongue", ""), now=bool(chosen.get("now")),
            dark=bool(chosen.get("dark")), pictures=not chosen.get("plain"),
        )
