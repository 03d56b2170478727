"""Colours, type and the styles that are written on each element, since many mail programs read no style sheet.

All of it follows from the ``Look`` of a shop, and is worked out once for each look and direction of writing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from ecommerce_comms.messaging.speaking.layout.colours import WHITE, ink_on, mixed, quieter, readable
from ecommerce_comms.messaging.speaking.layout.look import PLAIN, Look

FONT = (
    "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,"
    "'Noto Sans','Noto Sans Devanagari','Noto Sans Bengali','Nirmala UI',sans-serif"
)
_TONES: dict[str, tuple[str, str, str]] = {
    "good": ("#eaf7ef", "#bfe5cd", "#176238"),
    "late": ("#fff6e5", "#f3dca6", "#7a4d00"),
}


@dataclass(frozen=True)
class Style:
    """What ``look`` means for each element, in text that runs from left to right (``ltr``) or from right to left (``rtl``)."""

    look: Look
    direction: str

    @cached_property
    def start(self) -> str:
        """The side on which a line begins."""
        return "right" if self.direction == "rtl" else "left"

    @cached_property
    def end(self) -> str:
        """The side on which a line ends."""
        return "left" if self.direction == "rtl" else "right"

    def beside(self, top: int, end: int, bottom: int, start: int = 0) -> str:
        """A padding, in pixels, mirrored where the text is."""
        right, left = (end, start) if self.direction == "ltr" else (start, end)
        return f"padding:{top}px {right}px {bottom}px {left}px"

    @cached_property
    def title(self) -> str:
        """Start of the ``h1``."""
        font = f"font-size:26px;line-height:1.25;font-weight:700;color:{self.look.ink}"
        return f'<h1 class="title" style="margin:20px 0 16px;{font}">'

    @cached_property
    def section(self) -> str:
        """Start of an ``h2``."""
        font = f"font-size:15px;line-height:1.4;font-weight:700;color:{self.look.ink}"
        return f'<h2 class="rule" style="margin:0;padding:18px 0 8px;border-top:1px solid {self.line};{font}">'

    @cached_property
    def head(self) -> tuple[str, str]:
        """Starts of the two cells at the top: of the shop's, and of the number's."""
        rule = f"padding:0 0 16px;border-bottom:1px solid {self.line}"
        return (
            f'<td class="rule" style="{rule};font-size:18px">', f'<td class="soft rule" align="{self.end}" style="{rule};{self.small}">',
        )

    @cached_property
    def action(self) -> str:
        """Style of the words on a button."""
        return f"display:inline-block;padding:13px 26px;font-size:16px;font-weight:600;color:{self.button};text-decoration:none"

    @cached_property
    def sums(self) -> dict[bool, tuple[str, str]]:
        """Starts of the cells of a sum, label and amount: of one of them, and of the total."""
        shown = {False: (' class="soft"', f"padding:4px 0;{self.small}"), True: ("", f"padding:12px 0 4px;font-weight:700;{self.text}")}
        return {
            is_total: (f'<td{name} colspan="2" style="{style}">', f'<td{name} align="{self.end}" style="{style};white-space:nowrap">')
            for is_total, (name, style) in shown.items()
        }

    @cached_property
    def label(self) -> str:
        """Style of the cell that names what stands beside it; no letter breaks off its words, however long that is."""
        return f"{self.beside(2, 16, 2)};word-break:normal;{self.small}"

    @cached_property
    def price(self) -> str:
        """Style of the cell at the end of a row."""
        return f"{self.beside(8, 0, 8, 12)};white-space:nowrap;{self.text}"

    @cached_property
    def picture(self) -> str:
        """Style of the cell at the start of a row."""
        return self.beside(8, 14, 8)

    @cached_property
    def soft(self) -> str:
        """Ink of what is less important, still readable."""
        return quieter(self.look.ink, self.look.paper)

    @cached_property
    def foot(self) -> str:
        """Ink around the page."""
        return quieter(readable(self.look.ink, self.look.desk), self.look.desk)

    @cached_property
    def line(self) -> str:
        """Colour of rules and edges."""
        return mixed(self.look.ink, self.look.paper, 0.89)

    @cached_property
    def link(self) -> str:
        """The accent, where words have this colour."""
        return readable(self.look.accent, self.look.paper)

    @cached_property
    def button(self) -> str:
        """Ink on the accent."""
        return ink_on(self.look.accent)

    @cached_property
    def small(self) -> str:
        """Style of what is less important."""
        return f"font-size:13px;line-height:1.5;color:{self.soft}"

    @cached_property
    def name(self) -> str:
        """Style of the shop's name."""
        return f"font-size:18px;font-weight:700;color:{self.look.ink};text-decoration:none"

    @cached_property
    def text(self) -> str:
        """Style of what stands in lists and tables."""
        return f"font-size:15px;line-height:1.5;color:{self.look.ink}"

    @cached_property
    def tones(self) -> dict[str, tuple[str, str, str]]:
        """Background, border and ink of the arrival window."""
        calm = mixed(self.look.accent, WHITE, 0.93)
        return {"calm": (calm, mixed(self.look.accent, WHITE, 0.75), readable(mixed(self.look.accent, "#000000", 0.25), calm)), **_TONES}

    @cached_property
    def boxes(self) -> dict[str, tuple[str, str, str]]:
        """For each tone the styles of the box, of what is less important in it, and of the window."""
        return {
            tone: (f"padding:16px 20px;background:{ground};border:1px solid {edge};border-radius:10px",
                   f"font-size:13px;line-height:1.5;color:{ink}", f"font-size:20px;line-height:1.4;color:{ink}")
            for tone, (ground, edge, ink) in self.tones.items()
        }

    @cached_property
    def body(self) -> dict[str, str]:
        """Style of each element that a body may hold."""
        ink, text = self.look.ink, f"font-size:16px;line-height:1.6;color:{self.look.ink}"
        return {
            "p": f"margin:0 0 16px;{text}",
            "ul": f"margin:0 0 16px;{self.beside(0, 0, 0, 22)};{text}",
            "ol": f"margin:0 0 16px;{self.beside(0, 0, 0, 22)};{text}",
            "li": "margin:0 0 6px",
            "a": f"color:{self.link};text-decoration:underline",
            "h1": f"margin:24px 0 8px;font-size:20px;line-height:1.3;color:{ink}",
            "h2": f"margin:24px 0 8px;font-size:18px;line-height:1.3;color:{ink}",
            "h3": f"margin:20px 0 8px;font-size:16px;line-height:1.3;color:{ink}",
            "hr": f"border:0;border-top:1px solid {self.line};margin:24px 0",
            "blockquote": f"margin:0 0 16px;{self.beside(0, 0, 0, 16)};border-{self.start}:3px solid {self.line}",
        }

    @cached_property
    def dressings(self) -> tuple[tuple[str, str], ...]:
        """What to replace in a body, which was made in the built-in look. No stranger's text can hold the quotes of an attribute."""
        return tuple({
            f'style="{plain}"': f'style="{self.body[tag]}"' for tag, plain in BODY.items() if plain != self.body[tag]
        }.items())

    def dressed(self, body: str) -> str:
        """``body``, made in the built-in look, in this one."""
        for plain, own in self.dressings:
            body = body.replace(plain, own)
        return body


@lru_cache(maxsize=64)
def style_of(look: Look, direction: str) -> Style:
    """The style of ``look``, kept."""
    return Style(look, direction)


BODY: dict[str, str] = Style(PLAIN, "ltr").body
"""Style of each element that a body may hold, in the built-in look: so a text need not be made ready for each look."""
