"""Fields that several tables of the merchant's set-up share, each with its words for shopkeepers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

YEAR = MaxValueValidator(365)
Text: TypeAlias = "str | _StrPromise"
TextField: TypeAlias = "models.CharField[str, str]"
NumberField: TypeAlias = "models.FloatField[float | None, float | None]"


def country(help_text: Text = "", blank: bool = False) -> TextField:
    """ISO 3166 alpha-2, upper case. Nothing is spelt: the form lets it be chosen."""
    return models.CharField(_("country"), max_length=2, blank=blank, help_text=help_text)


def region(help_text: Text = "") -> TextField:
    """A state or province, by its short code or its name."""
    return models.CharField(_("region"), max_length=60, blank=True, help_text=help_text)


def postcode() -> TextField:
    """A postcode."""
    return models.CharField(_("postcode"), max_length=20, blank=True)


def latitude() -> NumberField:
    """Degrees, south is negative."""
    return models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_("In degrees, such as 22.57; south of the equator with a minus."),
    )


def longitude() -> NumberField:
    """Degrees, west is negative."""
    return models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text=_("In degrees, such as 88.36; west of Greenwich with a minus."),
    )


def weekdays(default: str, name: Text, help_text: Text = "") -> TextField:
    """Digits of the weekdays; 1 is Monday, 7 is Sunday. Without a ``default`` it may stay empty."""
    return models.CharField(name, max_length=7, default=default, blank=not default, help_text=help_text)


def fill_code(row: Any, saving: dict[str, Any]) -> None:
    """Give ``row`` a code made from its name if it has none, and let ``saving``, the arguments of ``save``, write it."""
    if row.code:
        return
    others = type(row).objects.exclude(pk=row.pk)
    stem = slugify(row.name, allow_unicode=True)[:40] or type(row).__name__.lower()
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    row.code = next(name for name in names if not others.filter(code=name).exists())
    if saving.get("update_fields") is not None:
        saving["update_fields"] = {*saving["update_fields"], "code"}
