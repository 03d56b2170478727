"""The form of the branding, in a shopkeeper's words."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.exceptions import LayoutError
from ecommerce_comms.messaging.models import Branding
from ecommerce_comms.messaging.speaking.layout import own
from ecommerce_comms.messaging.speaking.layout.colours import is_colour

LARGEST_LOGO = 200_000
"""Bytes: a mail that loads slowly is closed before it is seen."""
LOGO_WIDTHS = (40, 520)
_KINDS: dict[bytes, str] = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"GIF87a": "gif", b"GIF89a": "gif"}
TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}


def kind_of_picture(content: bytes) -> str:
    """``png``, ``jpg``, ``gif`` or ``webp`` by its first bytes; empty for everything else, whatever its name says."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return next((kind for start, kind in _KINDS.items() if content.startswith(start)), "")


class BrandingForm(forms.ModelForm):
    """Refuses what mail programs could not show."""

    logo_url = forms.URLField(
        label=_("Address of the logo"), required=False, max_length=500, assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "vURLField"}),
        help_text=_("Instead of a file: where the picture is on the web. It must begin with https://."),
    )
    begins_with = ""
    """A layout to start from, where there is none yet."""

    class Meta:
        model = Branding
        fields = (
            "site", "logo", "logo_url", "logo_width", "accent", "paper", "desk", "ink", "greeting", "footer_address", "layout",
        )
        widgets: ClassVar = {
            **{name: forms.TextInput(attrs={"type": "color"}) for name in ("accent", "paper", "desk", "ink")},
            "layout": forms.Textarea(attrs={"rows": 20, "cols": 90, "spellcheck": "false", "class": "vLargeTextField comms-code"}),
            "footer_address": forms.TextInput(attrs={"class": "vTextField"}),
        }
        help_texts: ClassVar = {
            "site": _("Leave it empty for all your shops. Only if you run several: the name of the one that is to look different."),
            "logo": _("PNG, JPEG, GIF or WebP, at most 200 KB. Without one, the name of your shop stands there."),
            "logo_width": _("How wide it is shown, in pixels (40 to 520). A picture twice as wide looks sharp on every phone."),
            "accent": _("Buttons and links. Choose one that can be told from the page."),
            "paper": _("Behind the words."),
            "desk": _("Around the page, on large screens."),
            "ink": _("The words. Dark on a light page is read most easily."),
            "greeting": _("How every mail begins. If the name is not known, it greets without one."),
            "footer_address": _("Stands at the end of every mail. Many countries want your postal address there."),
            "layout": _("MJML. Leave it empty for the built-in layout, which follows your logo and colours by itself."),
        }
        error_messages: ClassVar = {"site": {
            "unique": _("There is a branding for this already (without a name: for all shops). Go to the list and change that one."),
        }}
        labels: ClassVar = {"logo_width": _("Width of the logo"), "layout": _("Layout in MJML")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.begins_with and not self.instance.layout:
            self.initial["layout"] = self.begins_with
        if width := self.fields.get("logo_width"):
            width.widget.attrs |= {"min": LOGO_WIDTHS[0], "max": LOGO_WIDTHS[1]}

    def clean_logo(self) -> Any:
        """A small picture, stored under a name that says what it is: what a visitor's program does with it follows from that name."""
        logo = self.cleaned_data["logo"]
        if not isinstance(logo, UploadedFile):
            return logo
        if (logo.size or 0) > LARGEST_LOGO:
            raise ValidationError(_("This picture has %(size)d KB; at most 200 are allowed. Save it smaller, or as WebP."),
                                  params={"size": (logo.size or 0) // 1000})
        kind = kind_of_picture(logo.read(16))
        logo.seek(0)
        if not kind:
            raise ValidationError(_("This is no PNG, JPEG, GIF or WebP. Mail programs show no other pictures, and no SVG."))
        logo.name = f"logo.{kind}"
        return logo

    def clean_logo_url(self) -> str:
        """An address from which every mail program fetches it."""
        address = str(self.cleaned_data["logo_url"])
        if address and not address.startswith("https://"):
            raise ValidationError(_("Please use an address that begins with https://; many mail programs show no other pictures."))
        return address

    def clean_logo_width(self) -> int:
        """A width that fits into a mail."""
        width = int(self.cleaned_data["logo_width"])
        if not LOGO_WIDTHS[0] <= width <= LOGO_WIDTHS[1]:
            raise ValidationError(_("Please choose a width from 40 to 520 pixels."))
        return width

    def clean_layout(self) -> str:
        """A layout that compiles: every complaint is told, with its line."""
        layout = str(self.cleaned_data["layout"])
        try:
            self.instance.compiled = own.compiled(layout) if layout.strip() else ""
        except LayoutError as error:
            raise ValidationError([ValidationError(complaint) for complaint in error.complaints]) from error
        return layout

    def clean(self) -> dict[str, Any]:
        """Colours as ``#1f4fd8``."""
        data = super().clean() or {}
        for name in ("accent", "paper", "desk", "ink"):
            if name in data and not is_colour(str(data[name])):
                self.add_error(name, _("Please write a colour as # and six letters or digits, such as #1f4fd8."))
        return data
