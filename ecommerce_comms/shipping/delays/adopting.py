"""Finds promises that nobody watches, such as those from before an upgrade or made by hand, and watches what they are about."""

from __future__ import annotations

from django.db.models import Exists, Max, OuterRef

from ecommerce_comms.shipping.delays import watching
from ecommerce_comms.shipping.models import DelayRound, Promise, Watch

AT_ONCE = 1000


def adopt() -> int:
    """Watch what up to a thousand new promises are about; returns how many orders that were. One query where nothing is new."""
    row, _made = DelayRound.objects.get_or_create(name="adopting")
    newest: int = Promise.objects.aggregate(last=Max("pk"))["last"] or 0
    if newest <= row.adopted:
        return 0
    watched = Watch.objects.filter(order=OuterRef("order"))
    lost = Promise.objects.filter(pk__gt=row.adopted, pk__lte=newest, is_open=True, order__delivered_at=None, order__cancelled_at=None)
    found = list(lost.filter(~Exists(watched)).order_by("pk").values_list("pk", "order_id")[:AT_ONCE])
    orders = {order for _pk, order in found}
    watching.watch(orders)
    DelayRound.objects.filter(pk=row.pk).update(adopted=newest if len(found) < AT_ONCE else found[-1][0])
    return len(orders)
