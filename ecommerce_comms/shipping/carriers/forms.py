"""What a merchant may enter about parcels under way; anything else is refused in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.orders.models import Parcel
from ecommerce_comms.shipping.carriers.sightings import clean, compact
from ecommerce_comms.shipping.models.tracking import TrackingStatus
from ecommerce_comms.zones import here

if TYPE_CHECKING:
    File = UploadedFile[bytes]
else:
    File = UploadedFile
_MOMENT = {"type": "datetime-local"}


class NoteForm(forms.Form):
    """Something that happened to a parcel and that no carrier told."""

    status = forms.ChoiceField(label=_("What happened"), choices=[choice for choice in TrackingStatus.choices if choice[0] != "unknown"])
    at = forms.DateTimeField(label=_("When"), widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"))
    place = forms.CharField(label=_("Where"), max_length=200, required=False)
    text = forms.CharField(label=_("Remark, for staff"), max_length=300, required=False)

    def __init__(self, parcel: Parcel, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parcel = parcel

    @classmethod
    def beginning(cls) -> dict[str, Any]:
        """What the form holds at first."""
        return {"at": here(clock.now()).replace(second=0, microsecond=0), "status": TrackingStatus.DELIVERED}

    def clean_at(self) -> datetime:
        """Not in the future, and not before the order: what is noted becomes the day on which a promise was kept."""
        at: datetime = self.cleaned_data["at"]
        if at > clock.now():
            raise ValidationError(_("This is yet to come. Note what has happened already."), code="future")
        placed = self.parcel.order.placed_at
        if placed and at < placed.replace(second=0, microsecond=0):
            raise ValidationError(
                _("The order was placed on %(placed)s, and this was before it."), code="past",
                params={"placed": date_format(here(placed), "j M Y, H:i")},
            )
        return at


class NumberForm(forms.Form):
    """Under which number a parcel travels."""

    carrier = forms.CharField(label=_("Carrier"), max_length=100, required=False)
    number = forms.CharField(label=_("Tracking number"), max_length=100)

    def clean_number(self) -> str:
        """Something that a carrier could have written."""
        number = clean(self.cleaned_data["number"], 100)
        if len(compact(number)) < 3 or not any(each.isdigit() for each in number):
            raise ValidationError(_("A tracking number has at least three letters and digits. Copy it from the label."), code="number")
        return number


class ParcelForm(forms.Form):
    """To which parcel a number belongs that nobody knows."""

    order = forms.CharField(label=_("Order number"), max_length=190)
    parcel = forms.CharField(
        label=_("Parcel"), max_length=190, required=False, help_text=_("Only if the order has several: the shop's key of this one."),
    )
    found: Parcel
    """The parcel, once the form is valid."""

    def clean(self) -> dict[str, Any]:
        """One parcel and no other."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if order := data.get("order", "").strip():
            rows = Parcel.objects.filter(Q(order__number=order) | Q(order__reference=order)).select_related("order").order_by("pk")
            parcels = list(rows[:100])
            self._choose(order, parcels, data.get("parcel", "").strip())
        return data

    def _choose(self, order: str, parcels: Sequence[Parcel], name: str) -> None:
        named = [parcel for parcel in parcels if parcel.reference == name] if name else list(parcels)
        if not parcels:
            self.add_error("order", _("No parcel of an order %(order)s is known. Has the shop told that it left?") % {"order": order})
        elif len(named) != 1:
            keys = ", ".join(parcel.reference for parcel in parcels)
            self.add_error("parcel", _("Say which parcel is meant: %(keys)s.") % {"keys": keys})
        else:
            self.found = named[0]


class FileForm(forms.Form):
    """A file with scans."""

    file = forms.FileField(label=_("CSV file"), help_text=_("In UTF-8; the first line names the columns."))
    carrier = forms.CharField(label=_("Carrier of lines that name none"), max_length=100, required=False)

    def clean_file(self) -> File:
        """Not too large for a page that somebody waits for."""
        file: File = self.cleaned_data["file"]
        if (file.size or 0) > conf.WEBHOOK_MAX_BYTES:
            raise ValidationError(_("The file is too large for this page. “manage.py comms_track” takes files of any size."), code="large")
        return file
