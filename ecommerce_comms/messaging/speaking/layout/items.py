"""The blocks that list things: what was ordered and what it costs, and what the customer may like besides."""

from __future__ import annotations

from dataclasses import dataclass

from ecommerce_comms.messaging.speaking.layout.blocks import TABLE, escape, link, section
from ecommerce_comms.messaging.speaking.layout.parts import Facts, Parts
from ecommerce_comms.messaging.speaking.layout.style import Style


@dataclass(frozen=True, kw_only=True)
class Room:
    """How much room there is for the lines of an order."""

    pictures: bool = True
    links: bool = True
    lines: int | None = None
    """So many lines at most; ``None``: all that the facts hold."""
    suggestions: bool = True


def items(parts: Parts, style: Style, room: Room) -> str:
    """What was ordered, with pictures, and what it costs where the kind shows it."""
    if not parts.lines:
        return ""
    shown = parts.lines[: room.lines]
    pictured = room.pictures and parts.pictured
    rows = "".join(_line(line, parts, style, pictured=pictured, linked=room.links) for line in shown)
    if more := parts.more_than(len(shown)):
        rows += f'<tr><td class="soft" colspan="3" style="padding:8px 0;{style.small}">{escape(more)}</td></tr>\n'
    rows += "".join(_sum(*row, style) for row in parts.sums)
    return f'{section(parts.items_title, style)}{TABLE} style="margin:0 0 20px">{rows}</table>\n'


def _line(line: Facts, parts: Parts, style: Style, *, pictured: bool, linked: bool) -> str:
    title = f"<bdi>{escape(line['title'])}</bdi>"
    if linked and "url" in line:
        title = f'<a href="{escape(line["url"])}" class="plain" style="color:{style.look.ink};text-decoration:none">{title}</a>'
    price = escape(str(line.get("price", ""))) if parts.shape.prices else ""
    return (
        f'<tr>{_picture(line, style) if pictured else ""}'
        f'<td colspan="{1 if pictured else 2}" valign="top" style="padding:8px 0;{style.text}">{title}'
        f'<div class="soft" style="{style.small}">{escape(parts.quantity(line))}</div></td>'
        f'<td valign="top" align="{style.end}" style="{style.price}">{price}</td></tr>\n'
    )


def _picture(thing: Facts, style: Style) -> str:
    image = ""
    if "image_url" in thing:
        image = (
            f'<img src="{escape(thing["image_url"])}" alt="{escape(thing["title"])}" width="56" height="56"\n'
            'style="display:block;width:56px;height:56px;border-radius:6px;object-fit:cover;font-size:9px;line-height:1.2;overflow:hidden;'
            f'background:{style.look.desk};color:{style.foot}">'
        )
    return f'<td width="56" valign="top" style="{style.picture}">{image}</td>'


def _sum(label: str, amount: str, is_total: bool, style: Style) -> str:
    shown = f"padding:12px 0 4px;font-weight:700;{style.text}" if is_total else f"padding:4px 0;{style.small}"
    name = "" if is_total else ' class="soft"'
    return (
        f'<tr><td{name} colspan="2" style="{shown}">{escape(label)}</td>'
        f'<td{name} align="{style.end}" style="{shown};white-space:nowrap">{escape(amount)}</td></tr>\n'
    )


def suggestions(parts: Parts, style: Style, room: Room) -> str:
    """What the customer may like besides, below all that is about the order."""
    if not parts.suggestions or not room.suggestions:
        return ""
    pictured = room.pictures and any("image_url" in thing for thing in parts.suggestions)
    gap = '<div style="height:20px"></div>' if parts.address else ""
    rows = "".join(
        f'<tr>{_picture(thing, style) if pictured else ""}'
        f'<td valign="top" style="padding:8px 0;{style.text}">'
        f'{link(thing["title"], thing.get("url", "") if room.links else "", style)}</td>'
        f'<td valign="top" align="{style.end}" style="{style.price}">{escape(thing.get("price", ""))}</td></tr>\n'
        for thing in parts.suggestions
    )
    return f'{gap}{section(parts.labels["suggestions"], style)}{TABLE}>{rows}</table>\n'
