"""How bad things are: one table of colours and words for the health page, ``comms_doctor`` and machines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Colour(IntEnum):
    """How bad it is."""

    GREEN = 0
    AMBER = 1
    RED = 2

    @property
    def word(self) -> str:
        """``green``, ``amber`` or ``red``: for machines and style sheets."""
        return self.name.lower()

    @property
    def said(self) -> str:
        """The same for people, also for those who see no colours."""
        return str(LOOKS[self].said)

    @property
    def verdict(self) -> str:
        """What it means for the whole."""
        return str(LOOKS[self].verdict)

    @property
    def tone(self) -> str:
        """``good``, ``warn`` or ``bad``: how boxes of the admin are coloured."""
        return LOOKS[self].tone


@dataclass(frozen=True)
class Look:
    """How a colour is told."""

    said: Promise
    verdict: Promise
    tone: str


LOOKS: dict[Colour, Look] = {
    Colour.GREEN: Look(_("fine"), _("All is well."), "good"),
    Colour.AMBER: Look(_("look at it"), _("Mail leaves. Something wants to be looked at."), "warn"),
    Colour.RED: Look(_("act now"), _("Something is wrong. Act now."), "bad"),
}
