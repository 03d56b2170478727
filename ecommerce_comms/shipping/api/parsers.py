"""Reads a request's JSON, as long as it is one that a shop would send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

LONGEST_BODY = 100_000
"""Bytes; a hundred lines need a tenth of it."""


class ShortJSONParser(JSONParser):
    """JSON that is neither long nor nested without end."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The body as data. Raises ``ParseError``."""
        request = (parser_context or {}).get("request")
        length = str(request.META.get("CONTENT_LENGTH") or "0") if request is not None else "0"
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            raise ParseError(f"The body is longer than {LONGEST_BODY} bytes.")
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except (TypeError, LookupError):  # a charset that is none, or is none of texts
            raise ParseError("The body's charset cannot be read; send UTF-8.") from None
