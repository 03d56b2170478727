"""The page that carriers and their aggregators call."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from ecommerce_comms import clock, masking
from ecommerce_comms.shipping.carriers import accounts, reading, receiving

log = masking.logger(__name__)
LATER = {"Retry-After": "60"}
COMPLAIN_EVERY = timedelta(minutes=1)
"""A stranger who tries a thousand times a second is written into the log so often, with the number of tries."""
_complained: dict[tuple[str, str], tuple[datetime, int]] = {}


@csrf_exempt
@login_not_required
@transaction.non_atomic_requests  # a shop with ATOMIC_REQUESTS would say yes before the commit
def carrier_webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Take over what the account ``provider`` has to tell: 200 once it is committed, 503 if it should tell it again later."""
    if provider not in accounts.names():
        return HttpResponse(status=404)
    try:
        account = accounts.account(provider)
        if request.method not in account.provider.methods:
            return HttpResponseNotAllowed(account.provider.methods)
        parsed = reading.read(request, account)
        taken = receiving.take(parsed.sightings, source=account.name, site=account.site, told_from=request.META.get("REMOTE_ADDR", ""))
        return JsonResponse({"new": taken.new, "known": taken.known, "waiting": taken.waiting, "malformed": parsed.malformed})
    except reading.Refused as refusal:
        _complain(provider, str(refusal), request.META.get("REMOTE_ADDR", ""))
        return HttpResponse(status=refusal.status)
    except ImproperlyConfigured as error:
        _complain(provider, str(error), "")
        return HttpResponse(status=401)
    except (DatabaseError, InterfaceError):
        log.exception("What %s told could not be kept; it will tell it again.", provider)
        return HttpResponse(status=503, headers=LATER)


def _complain(account: str, why: str, address: str) -> None:
    """Log a refusal, but not each of a thousand."""
    now = clock.now()
    last, unsaid = _complained.get((account, why), (None, 0))
    if last is not None and timedelta(0) <= now - last < COMPLAIN_EVERY:
        _complained[account, why] = (last, unsaid + 1)
        return
    if len(_complained) > 200:
        _complained.clear()
    _complained[account, why] = (now, 0)
    log.warning("A request to the carrier webhook %s from %s was refused: %s (%d more before).", account, address or "?", why, unsaid)
