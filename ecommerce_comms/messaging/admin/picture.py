"""The picture of a sample mail beside the form of the branding, and what cannot be read well in it, in words."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.admin.branding_form import TYPES, BrandingForm, kind_of_picture
from ecommerce_comms.messaging.editing import linting
from ecommerce_comms.messaging.models import Branding
from ecommerce_comms.messaging.speaking import rendering
from ecommerce_comms.messaging.speaking.layout.colours import contrast
from ecommerce_comms.messaging.speaking.layout.look import Look, look_from
from ecommerce_comms.messaging.speaking.localise import locale_of
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.kinds import in_words

KINDS = ("order_placed", "order_shipped", "order_delayed")
ENOUGH, FAINT = 4.5, 1.15
"""Contrast that words need (WCAG 2.2, 1.4.3), and below which two grounds look the same."""
DARK = "(prefers-color-scheme:dark)"


# These fields and the button stand beside the form, so that Enter in the form saves it.
_OUTSIDE = {"form": "branding_form"}


class PictureForm(forms.Form):
    """Which mail is shown, and to whom."""

    picture_of = forms.ChoiceField(
        label=gettext_lazy("Mail"), choices=[(kind, in_words(kind)) for kind in KINDS], required=False,
        widget=forms.Select(attrs=_OUTSIDE))
    picture_in = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=lambda: [(tag, locale_of(tag).get_display_name(tag)) for tag in texts.languages()],
        initial=lambda: texts.best_language(conf.language), required=False, widget=forms.Select(attrs=_OUTSIDE))
    picture_dark = forms.BooleanField(
        label=gettext_lazy("in dark mode"), required=False, widget=forms.CheckboxInput(attrs=_OUTSIDE))


def picture(branding: Branding, form: BrandingForm | None, wanted: PictureForm) -> dict[str, Any]:
    """What the page shows: the mail in the look of ``form`` if there is one, of ``branding`` otherwise, with what is wrong."""
    look = _look(branding, form)
    chosen = wanted.cleaned_data if wanted.is_valid() else {}
    made = rendering.render(
        chosen.get("picture_of") or KINDS[0], chosen.get("picture_in") or texts.best_language(conf.language), _facts(), look=look,
    )
    html = made.html.replace(DARK, "all") if chosen.get("picture_dark") else made.html
    wrong = [str(each) for errors in form.errors.values() for each in errors] if form else []
    return {"html": html, "wrong": wrong, "warnings": warnings(look)}


def warnings_of(branding: Branding) -> list[str]:
    """What is hard to read in ``branding`` as it is saved, in words."""
    return warnings(_look(branding, None))


def warnings(look: Look) -> list[str]:
    """What is hard to read in ``look``, in words."""
    told = [
        (contrast(look.ink, look.paper) < ENOUGH,
         _("The words can hardly be read on the page: choose a darker or lighter colour for one of them.")),
        (contrast(look.accent, look.paper) < FAINT, _("The button has nearly the colour of the page, so it will not be seen.")),
        (FAINT <= contrast(look.accent, look.paper) < ENOUGH,
         _("Links in this colour would be hard to read on the page, so they are shown in a stronger shade of it.")),
        (contrast(look.ink, look.desk) < ENOUGH,
         _("The words in the foot can hardly be read around the page, so they are shown in a stronger shade.")),
    ]
    return [words for is_so, words in told if is_so]


def _look(branding: Branding, form: BrandingForm | None) -> Look:
    data = form.cleaned_data if form else {}
    values = {name: getattr(branding, name) for name in ("logo_url", "logo_width", "greeting", "footer_address", "frame_key")}
    values |= {name: str(data.get(name, getattr(branding, name))) for name in ("accent", "paper", "desk", "ink")}
    values |= {name: data[name] for name in ("logo_url", "logo_width", "greeting", "footer_address") if name in data}
    upload = data.get("logo")
    is_gone = "logo" in data and not upload
    values["logo"] = "" if is_gone or isinstance(upload, UploadedFile) else branding.logo.name or ""
    if form:
        values |= {"frame": branding.compiled if data.get("layout") else "", "frame_key": ""}
    look = look_from(values, conf.SHOP_URL)
    return look if not isinstance(upload, UploadedFile) else Look(**{**vars(look), "logo": _as_data(upload)})


def _as_data(upload: UploadedFile) -> str:
    """A picture that is not saved yet, as an address."""
    upload.seek(0)
    content = upload.read()
    return f"data:{TYPES[kind_of_picture(content)]};base64,{b64encode(content).decode()}"


def _facts() -> dict[str, Any]:
    """A sample order, told by this shop."""
    shop = {"name": conf.SHOP_NAME, "url": conf.SHOP_URL, "email": conf.SHOP_EMAIL, "address": conf.SHOP_ADDRESS}
    return {**linting.SAMPLE, "shop": {**linting.SAMPLE["shop"], **{name: value for name, value in shop.items() if value}}}
