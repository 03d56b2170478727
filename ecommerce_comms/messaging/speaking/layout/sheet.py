"""The style sheet, for mail programs that do read one: phones, and dark mode."""

from __future__ import annotations

from ecommerce_comms.messaging.speaking.layout.colours import ink_on, readable
from ecommerce_comms.messaging.speaking.layout.style import Style

DESK, CARD, INK, SOFT, LINE = "#12151b", "#1c212a", "#eef0f4", "#a4adbb", "#313947"
"""Dark mode: around the page, the page, its words, what is less important, rules."""
BOX, BOX_LINE = "#232b38", "#3a4557"
_CELL = ">table>tbody>tr>td"
_PHONE = (
    "@media (max-width:480px){\n"
    f".card{_CELL}{{padding-left:20px!important;padding-right:20px!important;border-left:0!important;border-right:0!important}}\n"
    f".outer{_CELL}{{padding:0!important}}\n"
    f".card,.card>table,.card{_CELL}{{border-radius:0!important}}\n"
    ".title{font-size:23px!important}.btn a{display:block!important}.btn{width:100%!important}}\n"
)


def sheet(style: Style) -> str:
    """The sheet for mails in ``style``; dark mode is told to Outlook.com in its own way, by the marks that it sets.

    It keeps the colours that it replaced in ``data-ogsc`` (text) and ``data-ogsb`` (ground):
    https://www.hteumeuleu.com/2019/dealing-with-outlook-com-s-dark-mode/
    """
    grounds, inks, edges = _dark(style)
    rules = [(selectors, f"background:{colour}!important;background-color:{colour}!important") for selectors, colour in grounds]
    dark = [*rules, *((selectors, f"color:{colour}!important") for selectors, colour in inks)]
    dark += [(selectors, f"border-color:{colour}!important") for selectors, colour in edges]
    dark.append((".logo", f"background:{style.look.paper}!important;padding:6px 8px!important;border-radius:6px"))
    outlook = [_rule(selectors, f"color:{colour}!important", "[data-ogsc] ") for selectors, colour in inks]
    outlook += [_rule(selectors, f"background-color:{colour}!important", "[data-ogsb] ") for selectors, colour in grounds]
    return "\n".join((
        "body{margin:0;padding:0}table{border-spacing:0}",
        f"{_PHONE}@media (prefers-color-scheme:dark){{", *(_rule(*rule) for rule in dark), "}", *outlook,
    ))


def _dark(style: Style) -> tuple[list[tuple[str, str]], ...]:
    """Which elements have which ground, ink and edges in the dark."""
    accent = readable(style.look.accent, CARD)
    words = ".card,.card p,.card li,.card td,.card div,.card h1,.card h2,.card h3,.card strong,.card .plain"
    grounds = [("body,.desk", DESK), (".card,.card>table", CARD), (".card .box", BOX), (".card .btn td", accent)]
    inks = [(words, INK), (".card .soft,.foot,.foot div,.foot a", SOFT), (".card a", accent), (".card a.plain", INK),
            (".card .btn a", ink_on(accent))]
    return grounds, inks, [(f".card{_CELL},.card .rule", LINE), (".card .box", BOX_LINE)]


def _rule(selectors: str, declarations: str, inside: str = "") -> str:
    return f"{','.join(inside + each for each in selectors.split(','))}{{{declarations}}}"
