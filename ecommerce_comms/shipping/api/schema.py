"""What an OpenAPI description says of the API, where ``drf-spectacular`` is installed."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.schemas import DefaultSchema

from ecommerce_comms.shipping.api.fields import Moment
from ecommerce_comms.shipping.api.serializers import QuoteQuerySerializer, QuoteSerializer, ShippingOptionsSerializer

SCHEMA: Any
try:
    from drf_spectacular.openapi import AutoSchema
    from drf_spectacular.utils import OpenApiResponse, extend_schema_field
except ImportError:  # the extra "api-docs" is not installed: nothing is described
    SCHEMA = DefaultSchema()
else:
    extend_schema_field(serializers.DateTimeField)(Moment)

    class _Schema(AutoSchema):
        """Said here in full, so that it holds whatever the shop's DEFAULT_SCHEMA_CLASS is."""

        def get_operation_id(self) -> str:
            return f"shipping_options_{self.method.lower()}"

        def get_auth(self) -> list[dict[str, Any]]:
            return []

        def get_override_parameters(self) -> list[Any]:
            return [QuoteQuerySerializer] if self.method == "GET" else []

        def get_request_serializer(self) -> Any:
            return QuoteSerializer if self.method == "POST" else None

        def get_response_serializers(self) -> Any:
            return {
                200: ShippingOptionsSerializer,
                400: OpenApiResponse(description='What is wrong, by the name of the field: {"at": ["Say which offset …"]}.'),
                415: OpenApiResponse(description="The body is no JSON."),
                429: OpenApiResponse(description="Too often; Retry-After says in how many seconds it is answered again."),
            }

    SCHEMA = _Schema()
