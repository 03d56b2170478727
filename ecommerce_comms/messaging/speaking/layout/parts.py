"""What stands around the words of one message, gathered once for the page and the letter alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import cached_property  # without the lock of functools' own

from ecommerce_comms.messaging.speaking.layout.look import PLAIN, Look
from ecommerce_comms.messaging.speaking.layout.shapes import Shape

Facts = dict[str, Any]
LONGEST_ADDRESS = 12
"""Lines of an address that are shown."""


def reach(facts: Facts, path: str) -> str:
    """The fact at ``path`` ("order.url") as text; empty if it is not known."""
    group, _, name = path.partition(".")
    return str(facts[group].get(name, ""))


class Said(Protocol):
    """What page and letter read of the words of a message (``speaking.words.Words``)."""

    @property
    def preview(self) -> str: ...

    @property
    def heading(self) -> str: ...

    @property
    def greeting(self) -> str: ...

    @property
    def body(self) -> str: ...

    @property
    def letter(self) -> str: ...

    @property
    def action(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts of one message, as text that is not yet escaped. ``facts`` come from ``localise.present``."""

    shape: Shape
    facts: Facts
    labels: dict[str, str]
    language: str
    direction: str = "ltr"
    look: Look = PLAIN
    purpose: str = "transactional"
    """``Message.purpose``: advertising tells how to end it."""
    given: Facts = field(default_factory=dict)
    """The facts as they were collected, not yet formatted: data that programs read is made from them."""
    made_at: datetime | None = None
    """When the message was decided on; the same for every attempt."""

    @cached_property
    def shop(self) -> str:
        """The shop's name."""
        return reach(self.facts, "shop.name")

    @cached_property
    def order(self) -> str:
        """ "Order 1001", if the number is known."""
        number = reach(self.facts, "order.number")
        return self.labels["order"].format(number=number) if number else ""

    @cached_property
    def window(self) -> str:
        """When it arrives, if this kind of message shows it."""
        return reach(self.facts, "promise.window") if self.shape.window else ""

    @cached_property
    def was_window(self) -> str:
        """The window told before, if it is another and this kind of message shows it."""
        was = reach(self.facts, "promise.was_window") if self.shape.before else ""
        return was if was != self.window else ""

    @property
    def window_label(self) -> str:
        """The words above the window."""
        return self.labels[self.shape.window_label]

    @cached_property
    def link(self) -> str:
        """Where the button leads."""
        return next(filter(None, (reach(self.facts, path) for path in self.shape.link)), "")

    @cached_property
    def parcel_title(self) -> str:
        """ "Parcel 1 of 2" where there are several, else "Your parcel"."""
        parcel = self.facts["parcel"]
        number, of = parcel.get("number", 0), parcel.get("of", 0)
        return self.labels["parcel_of"].format(number=number, of=of) if number and of > 1 else self.labels["parcel"]

    @cached_property
    def tracking(self) -> list[tuple[str, str, str]]:
        """Label, value and address of each thing known about the parcel's way."""
        if not self.shape.tracking:
            return []
        carrier = " · ".join(filter(None, (reach(self.facts, "parcel.carrier"), reach(self.facts, "parcel.service"))))
        number = reach(self.facts, "parcel.tracking_number")
        rows = [
            (self.labels["carrier"], carrier, ""),
            (self.labels["tracking_number"], number, reach(self.facts, "parcel.tracking_url")),
        ]
        return [row for row in rows if row[1]]

    @cached_property
    def _source(self) -> tuple[str, Facts]:
        """The label and the group whose lines are shown: the parcel's own where this message is about a parcel."""
        own = self.shape.tracking and self.facts["parcel"].get("lines")
        return ("in_parcel", self.facts["parcel"]) if own else ("items", self.facts["order"])

    @property
    def items_title(self) -> str:
        """The words above the lines."""
        return self.labels[self._source[0]]

    @cached_property
    def lines(self) -> list[Facts]:
        """The lines shown."""
        return self._source[1].get("lines", []) if self.tells_items else []

    @property
    def tells_items(self) -> bool:
        """Whether it may be said what was ordered: of others, only a business desk hears it, for a gift is a surprise."""
        return self.shape.items or (self.shape.others and reach(self.facts, "recipient.role") == "desk")

    @cached_property
    def pictured(self) -> bool:
        """Whether any of the lines has a picture; the others then keep its place free."""
        return any("image_url" in line for line in self.lines)

    @property
    def more(self) -> str:
        """ "and 3 more", if lines were left out."""
        return self.more_than(len(self.lines))

    def more_than(self, shown: int) -> str:
        """The same if only the first ``shown`` lines are."""
        count = self._source[1].get("more_lines", 0) + len(self.lines) - shown
        return self.labels["more"].format(count=count) if count and self.lines else ""

    def quantity(self, line: Facts) -> str:
        """ "Quantity: 2"."""
        return self.labels["quantity"].format(count=line.get("quantity", 1))

    @cached_property
    def sums(self) -> list[tuple[str, str, bool]]:
        """Label and amount of shipping and total, and whether it is the total."""
        order = self.facts["order"]
        if not self.shape.prices:
            return []
        shipping = self.labels["free"] if order.get("free_shipping") else order.get("shipping_price", "")
        rows = [(self.labels["shipping"], shipping, False), (self.labels["total"], order.get("total", ""), True)]
        return [row for row in rows if row[1]]

    @cached_property
    def address(self) -> list[str]:
        """Lines of the delivery address, if this kind of message shows it."""
        return self.facts["order"].get("address", [])[:LONGEST_ADDRESS] if self.shape.address else []

    @property
    def suggestions(self) -> list[Facts]:
        """What the customer may like besides."""
        things: list[Facts] = self.facts.get("suggestions", [])
        return things

    @property
    def unsubscribe(self) -> str:
        """Where such mails can be ended, if they can."""
        return reach(self.facts, "shop.unsubscribe_url")

    @cached_property
    def footer(self) -> list[str]:
        """Why this message came, how to ask, and who sends it."""
        email, where = reach(self.facts, "shop.email"), self.look.footer_address or reach(self.facts, "shop.address")
        why = self.labels[self.shape.because].format(shop=self.shop) if self.shop else self.labels[f"{self.shape.because}_unnamed"]
        ask = self.labels["questions"].format(email=email) if email else ""
        return [line for line in (why, ask, where) if line]
