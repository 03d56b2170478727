"""A mail's page as it may be shown within the admin: without scripts, without a way out, in the dark or without pictures."""

from __future__ import annotations

import re

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; font-src 'none'; form-action 'none'"
"""What the page may load. The frame around it forbids scripts once more, and gives it no origin."""
_HEAD = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><base target="_blank">'
# The frame may not open windows, so that a link with this target leads nowhere.

_QUERY = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_SCHEME = re.compile(r'(<meta name="color-scheme" content=")[^"]*(")', re.IGNORECASE)
_SOURCE = re.compile(r"""(<img\b[^>]*?)\s(?:src|srcset)=(?:"[^"]*"|'[^']*')""", re.IGNORECASE)
_BACKGROUND = re.compile(r"""\sbackground=(?:"[^"]*"|'[^']*')|url\([^)]*\)""", re.IGNORECASE)
_OPENING = re.compile(r"<head(?:\s[^>]*)?>", re.IGNORECASE)


def framed(html: str, *, dark: bool = False, pictures: bool = True) -> str:
    """``html`` for the ``srcdoc`` of a frame with ``sandbox=""``."""
    wanted = "dark" if dark else "light"
    # Answered here, as if the reader's device were dark or light: the merchant's own may be the other.
    html = _QUERY.sub(lambda match: "(min-width:0)" if match[1].lower() == wanted else "(max-width:0)", html)
    html = _SCHEME.sub(rf"\g<1>{wanted}\g<2>", html)
    if not pictures:
        html = _BACKGROUND.sub("", _without_sources(html))
    made, count = _OPENING.subn(lambda match: match.group() + _HEAD, html, count=1)
    return made if count else _HEAD + html


def _without_sources(html: str) -> str:
    """An image may have both ``src`` and ``srcset``."""
    return _SOURCE.sub(r"\1", _SOURCE.sub(r"\1", html))
