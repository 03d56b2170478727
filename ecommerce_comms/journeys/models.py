"""Rule."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.lean import LeanModel
from ecommerce_comms.orders.kinds import in_words


class Rule(LeanModel):
    """What a merchant can set for one kind of message: whether it is sent, and how long after the fact."""

    kind = models.CharField(_("message"), max_length=40, unique=True, editable=False)
    is_active = models.BooleanField(_("send it"), default=True)
    delay_hours = models.PositiveIntegerField(
        _("hours to wait"), default=0, validators=[MaxValueValidator(24 * 366)], help_text=_("0 sends it at once; 168 is a week."),
    )

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return in_words(self.kind)
