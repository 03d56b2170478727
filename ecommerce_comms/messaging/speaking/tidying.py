"""What a rendered body may hold: no empty paragraphs, no odd links, and of a merchant's no tags but those that Markdown makes."""

from __future__ import annotations

import re

import nh3

from ecommerce_comms.messaging.speaking.layout.style import BODY

_EMPTY = re.compile(r'<p style="[^"]*"></p>')
_ODD_LINK = re.compile(r'href="(?!https?://|mailto:|tel:)[^"]*"', re.IGNORECASE)
_TAGS = {*BODY, "strong", "em", "br", "bdi", "span", "code", "h4", "h5", "h6"}
_STYLES = {rule.partition(":")[0].strip() for style in BODY.values() for rule in style.split(";")} | {"white-space"}
_ATTRIBUTES = {tag: {"style"} for tag in BODY} | {"a": {"style", "href"}, "span": {"style"}, "ol": {"style", "start"}}


def tidy(body: str, *, trusted: bool) -> str:
    """``body`` as it may be sent; from an author who is not ``trusted`` also without any tag of the author's own."""
    body = _EMPTY.sub("", body)
    if not trusted:
        # The second net: what an author quotes is escaped, but pieces cut out of a captured paragraph may hold half a tag.
        body = nh3.clean(
            body, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto", "tel"}, link_rel=None,
            filter_style_properties=_STYLES,
        )
    return _ODD_LINK.sub('href="#"', body)
