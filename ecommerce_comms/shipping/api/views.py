"""``comms:api-shipping-options``: what a shop's own page, app or terminal asks before the sale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce_comms import clock
from ecommerce_comms.shipping.api.parsers import ShortJSONParser
from ecommerce_comms.shipping.api.schema import SCHEMA
from ecommerce_comms.shipping.api.serializers import QuoteQuerySerializer, QuoteSerializer, destination_of, line_of, lines_of
from ecommerce_comms.shipping.api.throttles import AddressThrottle
from ecommerce_comms.shipping.options import Option, quote
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot

PRIVATE = {"Cache-Control": "no-store, private"}
"""Where somebody lives stays in no cache."""
# Made once: a serializer copies all its fields each time, and checking changes nothing in it.
QUERY, BODY = QuoteQuerySerializer(), QuoteSerializer()


class OnlyJSON(BaseContentNegotiation):
    """Everything is JSON, whatever the client says it would rather have."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """JSON; ``None``, so that the answer is 415, for a body that says it is something else."""
        kind = str(request.content_type or "").partition(";")[0].strip().lower()
        return next(iter(parsers)) if kind in ("", "application/json") else None

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """JSON."""
        chosen = next(iter(renderers))
        return chosen, str(chosen.media_type)


class ShippingOptionsView(APIView):
    """The shipping options for a basket and a destination, with price and arrival window. Public, and by itself: no session, no cookie."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (AddressThrottle,)
    parser_classes = (ShortJSONParser,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = OnlyJSON
    metadata_class = None
    schema = SCHEMA
    versioning_class = None

    def get(self, request: Request) -> Response:
        """Options for one parcel, from the parameters of the address."""
        asked = QUERY.run_validation(request.query_params.dict())
        return _answer(asked, destination_of(asked), line_of(asked))

    def post(self, request: Request) -> Response:
        """Options for a basket."""
        asked = BODY.run_validation(request.data)
        return _answer(asked, destination_of(asked.get("destination", {})), lines_of(asked))

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The answer, good or bad, is for nobody else."""
        final = super().finalize_response(request, response, *args, **kwargs)
        for name, value in PRIVATE.items():
            final[name] = value
        return final


def _answer(asked: Mapping[str, Any], destination: AddressSnapshot | None, lines: tuple[LineSnapshot, ...]) -> Response:
    now = clock.now()
    at = asked.get("at", now)
    options = quote(destination, at=at, lines=lines, time_zone=asked.get("time_zone", ""), currency=asked.get("currency", ""))
    return Response({"quoted_at": at.isoformat(), "options": [_told(option, at, is_now="at" not in asked) for option in options]})


def _told(option: Option, at: datetime, *, is_now: bool) -> dict[str, Any]:
    """``option`` as JSON. A token is given for the present only: nobody orders by what would have been."""
    return {
        "code": option.code, "name": option.name, "description": option.description, "carrier": option.carrier, "kind": option.kind,
        "price": f"{option.price:.2f}", "currency": option.currency,
        "earliest": option.earliest and option.earliest.isoformat(), "latest": option.latest and option.latest.isoformat(),
        "confidence": option.confidence, "order_by": option.order_by and option.order_by.isoformat(),
        "seconds_left": option.seconds_left(at), "why": option.reason, "token": option.token if is_now else "",
        "points": [dict(vars(point)) for point in option.points],
    }
