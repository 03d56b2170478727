"""The blocks of a mail: tables and styles on every element, as mail programs need it, built from escaped strings.

Their lines are short: a mail server may refuse, or break, lines of more than 998 bytes.
"""

from __future__ import annotations

import html
import re

from ecommerce_comms.messaging.speaking.layout.parts import Parts, reach
from ecommerce_comms.messaging.speaking.layout.style import FONT, Style

TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
# Mail programs show what follows the preview line in the list of mails; blanks keep the page's own words out of there.
_FILLER = f"{'&#847;&zwnj;&nbsp;' * 30}\n" * 2
_MARKUP = re.compile("[&<>\"']")


def escape(text: str) -> str:
    """``text`` as it stands in HTML; most has nothing in it that would have to be replaced."""
    return html.escape(text) if _MARKUP.search(text) else text


def preview(text: str) -> str:
    """What lists of mails show beside the subject."""
    return f"{escape(text)}{_FILLER}" if text else ""


def header(parts: Parts, style: Style) -> str:
    """The logo, or the shop's name, and the order's number."""
    shown = _logo(parts, style.name) if style.look.logo else f"<bdi>{escape(parts.shop)}</bdi>"
    home = reach(parts.facts, "shop.url")
    start, end = (f'<a href="{escape(home)}"', "</a>") if home else ("<span", "</span>")
    number = f"<bdi>{escape(parts.order)}</bdi>" if parts.order else ""
    first, last = style.head
    return f'{TABLE}><tr>{first}{start} class="plain" style="{style.name}">{shown}{end}</td>{last}{number}</td></tr></table>\n'


def _logo(parts: Parts, name: str) -> str:
    """The picture; where pictures are off, the shop's name stands there as large as it would without one."""
    look = parts.look
    return (
        f'<img class="logo" src="{escape(look.logo)}" alt="{escape(parts.shop)}" width="{look.logo_width}"\n'
        f'style="display:block;width:{look.logo_width}px;max-width:100%;height:auto;{name};font-family:{FONT}">'
    )


def heading(text: str, style: Style) -> str:
    """The one ``h1``."""
    return f"{style.title}{escape(text)}</h1>\n"


def greeting(text: str, style: Style) -> str:
    """ "Hello Asha,"."""
    return f'<p style="{style.body["p"]}">{escape(text)}</p>\n' if text else ""


def window(parts: Parts, style: Style) -> str:
    """The arrival window, with the one told before struck through."""
    if not parts.window:
        return ""
    box, small, strong = style.boxes[parts.shape.tone]
    before = ""
    if parts.was_window:
        label, was = escape(parts.labels["before"]), escape(parts.was_window)
        before = f'\n<div class="soft" style="padding-top:4px;{small}">{label} <s>{was}</s></div>'
    return (
        f'{TABLE} style="margin:4px 0 24px;border-collapse:separate"><tr><td class="box" style="{box}">\n'
        f'<div class="soft" style="{small}">{escape(parts.window_label)}</div>\n'
        f'<strong style="{strong}">{_whole_days(parts.window)}</strong>{before}</td></tr></table>\n'
    )


def _whole_days(window: str) -> str:
    """``window`` so that a line ends after its dash or not at all, never within a date."""
    return escape(window).replace(" ", "&nbsp;").replace("–&nbsp;", "– ")


def button(parts: Parts, action: str, style: Style) -> str:
    """Where the mail leads."""
    if not parts.link or not action:
        return ""
    return (
        '<table role="presentation" class="btn" cellpadding="0" cellspacing="0" border="0"\n'
        'style="margin:0 0 28px;border-collapse:separate"><tr>'
        f'<td align="center" style="background:{style.look.accent};border-radius:8px">'
        f'<a href="{escape(parts.link)}" style="{style.action}">{escape(action)}</a></td></tr></table>\n'
    )


def section(title: str, style: Style) -> str:
    """The ``h2`` of a section."""
    return f"{style.section}{escape(title)}</h2>\n"


def tracking(parts: Parts, style: Style) -> str:
    """Who carries the parcel, and under which number."""
    if not parts.tracking:
        return ""
    rows = "".join(
        f'<tr><td class="soft" style="{style.label}">{escape(label)}</td>'
        f'<td align="{style.end}" style="padding:2px 0;{style.text}">{link(value, address, style)}</td></tr>\n'
        for label, value, address in parts.tracking
    )
    return f'{section(parts.parcel_title, style)}{TABLE} style="margin:0 0 20px">{rows}</table>\n'


def link(value: str, address: str, style: Style) -> str:
    """``value``, leading to ``address`` if there is one."""
    words = f"<bdi>{escape(value)}</bdi>"
    return f'<a href="{escape(address)}" style="color:{style.link}">{words}</a>' if address else words


def address(parts: Parts, style: Style) -> str:
    """Where it goes."""
    if not parts.address:
        return ""
    lines = "<br>\n".join(f"<bdi>{escape(line)}</bdi>" for line in parts.address)
    return f'{section(parts.labels["address"], style)}<p style="margin:0;{style.text}">{lines}</p>\n'


def footer(parts: Parts, style: Style) -> str:
    """Why this came, how to ask, who sends it, and how to end it."""
    lines = "<br>\n".join(escape(line) for line in parts.footer)
    if parts.unsubscribe:
        label = escape(parts.labels["unsubscribe"])
        lines += f'<br>\n<a href="{escape(parts.unsubscribe)}" style="color:{style.foot};text-decoration:underline">{label}</a>'
    return lines
