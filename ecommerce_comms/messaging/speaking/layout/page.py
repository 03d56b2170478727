"""The e-mail as a page: tables and styles on every element, as mail programs need it, built from escaped strings.

Its lines are short: a mail server may refuse, or break, lines of more than 998 bytes.
"""

from __future__ import annotations

import html
import re
from typing import Any

from ecommerce_comms.messaging.speaking.layout.parts import Parts, reach
from ecommerce_comms.messaging.speaking.layout.style import ACCENT, DESK, FONT, INK, LINE, PAPER, SHEET, SOFT, TONES

TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
# Mail programs show what follows the preview line in the list of mails; blanks keep the page's own words out of there.
FILLER = f"{'&#847;&zwnj;&nbsp;' * 30}\n" * 2
SMALL = f"font-size:13px;line-height:1.5;color:{SOFT}"
TEXT = f"font-size:15px;line-height:1.5;color:{INK}"

_MARKUP = re.compile("[&<>\"']")


def escape(text: str) -> str:
    """``text`` as it stands in HTML; most has nothing in it that would have to be replaced."""
    return html.escape(text) if _MARKUP.search(text) else text


def page(parts: Parts, preview: str, heading: str, body: str, action: str) -> str:
    """The whole document. ``body`` is HTML; all else is text, escaped here."""
    inner = "".join((
        _header(parts),
        f'<h1 class="title" style="margin:20px 0 16px;font-size:26px;line-height:1.25;font-weight:700;color:{INK}">{escape(heading)}</h1>',
        body,
        _window(parts),
        _button(parts, action),
        _tracking(parts),
        _items(parts),
        _address(parts),
        _suggestions(parts),
    ))
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(parts.language)}" dir="{parts.direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">\n'
        '<meta name="supported-color-schemes" content="light dark"><meta name="format-detection" content="telephone=no,date=no,address=no">'
        f"<title>{escape(heading)}</title>\n<style>{SHEET}</style></head>\n"
        f'<body class="desk" style="margin:0;padding:0;background:{DESK};font-family:{FONT}">{_preview(preview)}\n'
        f'{TABLE} class="desk" style="background:{DESK}"><tr><td class="outer" align="center" style="padding:24px 12px">\n'
        f'{TABLE} class="card" style="max-width:600px;background:{PAPER};border:1px solid {LINE};border-radius:12px;font-family:{FONT}">'
        f'<tr><td class="pad" style="padding:28px 36px 32px">{inner}</td></tr></table>\n{_footer(parts)}</td></tr></table></body></html>\n'
    )


def _preview(preview: str) -> str:
    if not preview:
        return ""
    hidden = "display:none;max-height:0;overflow:hidden;mso-hide:all;font-size:1px;line-height:1px;opacity:0"
    return f'<div style="{hidden}">{escape(preview)}{FILLER}</div>'


def _header(parts: Parts) -> str:
    name = f"<bdi>{escape(parts.shop)}</bdi>"
    style = f"font-size:18px;font-weight:700;color:{INK};text-decoration:none"
    home = reach(parts.facts, "shop.url")
    brand = f'<a href="{escape(home)}" style="{style}">{name}</a>' if home else f'<span style="{style}">{name}</span>'
    number = f"<bdi>{escape(parts.order)}</bdi>" if parts.order else ""
    return (
        f'{TABLE}><tr><td class="rule" style="padding:0 0 16px;border-bottom:1px solid {LINE};font-size:18px">{brand}</td>'
        f'<td class="soft rule" align="right" style="padding:0 0 16px;border-bottom:1px solid {LINE};{SMALL}">{number}</td></tr></table>\n'
    )


def _window(parts: Parts) -> str:
    """The arrival window, with the one told before struck through."""
    if not parts.window:
        return ""
    paper, edge, ink = TONES[parts.shape.tone]
    before = ""
    if parts.was_window:
        label, was = escape(parts.labels["before"]), escape(parts.was_window)
        before = f'<div class="soft" style="padding-top:4px;{SMALL}">{label} <s>{was}</s></div>'
    box = f"padding:16px 20px;background:{paper};border:1px solid {edge};border-radius:10px"
    return (
        f'{TABLE} style="margin:4px 0 24px"><tr><td class="box" style="{box}">'
        f'<div class="soft" style="{SMALL}">{escape(parts.window_label)}</div>'
        f'<strong style="font-size:20px;line-height:1.4;color:{ink}">{escape(parts.window)}</strong>{before}</td></tr></table>\n'
    )


def _button(parts: Parts, action: str) -> str:
    if not parts.link or not action:
        return ""
    style = "display:inline-block;padding:13px 26px;font-size:16px;font-weight:600;color:#ffffff;text-decoration:none;text-align:center"
    return (
        '<table role="presentation" class="btn" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 28px">'
        f'<tr><td align="center" style="background:{ACCENT};border-radius:8px">'
        f'<a href="{escape(parts.link)}" style="{style}">{escape(action)}</a></td></tr></table>\n'
    )


def _section(title: str) -> str:
    return (
        f'<h2 class="rule" style="margin:0;padding:18px 0 8px;border-top:1px solid {LINE};'
        f'font-size:15px;line-height:1.4;font-weight:700;color:{INK}">{escape(title)}</h2>\n'
    )


def _tracking(parts: Parts) -> str:
    """Who carries the parcel, and under which number."""
    if not parts.tracking:
        return ""
    rows = "".join(
        f'<tr><td class="soft" style="padding:2px 16px 2px 0;{SMALL}">{escape(label)}</td>'
        f'<td align="right" style="padding:2px 0;{TEXT}">{_number(value, address)}</td></tr>\n'
        for label, value, address in parts.tracking
    )
    return f'{_section(parts.parcel_title)}{TABLE} style="margin:0 0 20px">{rows}</table>\n'


def _number(value: str, address: str) -> str:
    words = f"<bdi>{escape(value)}</bdi>"
    return f'<a href="{escape(address)}" style="color:{ACCENT}">{words}</a>' if address else words


def _items(parts: Parts) -> str:
    """What was ordered, with pictures, and what it costs where the kind shows it."""
    if not parts.lines:
        return ""
    rows = "".join(_line(line, parts) for line in parts.lines)
    if parts.more:
        rows += f'<tr><td class="soft" colspan="3" style="padding:8px 0;{SMALL}">{escape(parts.more)}</td></tr>\n'
    rows += "".join(_sum(*row) for row in parts.sums)
    return f'{_section(parts.items_title)}{TABLE} style="margin:0 0 20px">{rows}</table>\n'


def _line(line: dict[str, Any], parts: Parts) -> str:
    title = f"<bdi>{escape(line['title'])}</bdi>"
    if "url" in line:
        title = f'<a href="{escape(line["url"])}" style="color:{INK};text-decoration:none">{title}</a>'
    price = escape(str(line.get("price", ""))) if parts.shape.prices else ""
    return (
        f'<tr>{_picture(line) if parts.pictured else ""}'
        f'<td colspan="{1 if parts.pictured else 2}" valign="top" style="padding:8px 0;{TEXT}">{title}'
        f'<div class="soft" style="{SMALL}">{escape(parts.quantity(line))}</div></td>'
        f'<td valign="top" align="right" style="padding:8px 0 8px 12px;white-space:nowrap;{TEXT}">{price}</td></tr>\n'
    )


def _picture(line: dict[str, Any]) -> str:
    image = ""
    if "image_url" in line:
        image = (
            f'<img src="{escape(line["image_url"])}" alt="{escape(line["title"])}" width="56" height="56" style="display:block;width:56px;'
            f'height:56px;border-radius:6px;object-fit:cover;font-size:9px;line-height:1.2;overflow:hidden;background:{DESK};color:{SOFT}">'
        )
    return f'<td width="56" valign="top" style="padding:8px 14px 8px 0">{image}</td>'


def _sum(label: str, amount: str, is_total: bool) -> str:
    style = f"padding:12px 0 4px;font-weight:700;{TEXT}" if is_total else f"padding:4px 0;{SMALL}"
    name = "" if is_total else ' class="soft"'
    return (
        f'<tr><td{name} colspan="2" style="{style}">{escape(label)}</td>'
        f'<td{name} align="right" style="{style};white-space:nowrap">{escape(amount)}</td></tr>\n'
    )


def _address(parts: Parts) -> str:
    if not parts.address:
        return ""
    lines = "<br>\n".join(f"<bdi>{escape(line)}</bdi>" for line in parts.address)
    return f'{_section(parts.labels["address"])}<p style="margin:0;{TEXT}">{lines}</p>\n'


def _suggestions(parts: Parts) -> str:
    """What the customer may like besides, below all that is about the order."""
    if not parts.suggestions:
        return ""
    pictured = any("image_url" in thing for thing in parts.suggestions)
    gap = '<div style="height:20px"></div>' if parts.address else ""
    rows = "".join(
        f'<tr>{_picture(thing) if pictured else ""}'
        f'<td valign="top" style="padding:8px 0;{TEXT}">{_number(thing["title"], thing.get("url", ""))}</td>'
        f'<td valign="top" align="right" style="padding:8px 0 8px 12px;{TEXT}">{escape(thing.get("price", ""))}</td></tr>\n'
        for thing in parts.suggestions
    )
    return f'{gap}{_section(parts.labels["suggestions"])}{TABLE}>{rows}</table>\n'


def _footer(parts: Parts) -> str:
    lines = "<br>\n".join(escape(line) for line in parts.footer)
    if parts.unsubscribe:
        label = escape(parts.labels["unsubscribe"])
        lines += f'<br><a href="{escape(parts.unsubscribe)}" style="color:{SOFT};text-decoration:underline">{label}</a>'
    return (
        f'{TABLE} style="max-width:600px"><tr><td class="pad foot" align="center" '
        f'style="padding:20px 36px 8px;font-size:12px;line-height:1.6;color:{SOFT};font-family:{FONT}">{lines}</td></tr></table>'
    )
