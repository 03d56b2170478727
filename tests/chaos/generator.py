"""The shop's traffic: ``python -m tests.chaos.generator NAME COUNT RATE SEED`` commits COUNT facts, RATE a second, in bursts.

Each fact is told in the shop's own transaction, which also writes it into the shop's table: ``PlainOrder.state`` holds one
letter for each fact, in the order in which they were told (see ``FACTS``). That table is the truth of what was committed; the
ledger, a line of JSON in ``ledger.NAME`` after each commit, adds when, by the machine's monotonic time.

About one fact in ten is advertising, put into the outbox with the person's consent, some of it due only in a while.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.db import DatabaseError, InterfaceError, connection, transaction  # noqa: E402 - Django has to be set up first

from ecommerce_comms import clock, keys, signals  # noqa: E402
from ecommerce_comms.customers import consents  # noqa: E402
from ecommerce_comms.messaging import outbox  # noqa: E402
from ecommerce_comms.messaging.models import Message  # noqa: E402
from tests.chaos.shop import FACTS, check_out  # noqa: E402
from tests.hosts.plain.models import PlainOrder  # noqa: E402

PLANS = (["psd"] * 6) + ["pds", "c", "pc", "ps", "sp", ""]
"""What becomes of orders; "pds" tells the arrival before the dispatch."""
OPEN = 50
"""So many orders live at a time."""
REPEATED, ADVERTISED = 0.05, 0.1


@dataclass
class Shop:
    """One incarnation of the shop: what it has told so far, and what is still to come of its orders."""

    name: str
    random: random.Random
    told: int = 0
    numbers: int = 0
    open: list[tuple[PlainOrder, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        path = Path(os.environ["COMMS_CHAOS_STAGE"]).parent / f"ledger.{self.name}"
        self._ledger = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def step(self) -> None:
        """Commit one fact."""
        chance = self.random.random()
        if chance < ADVERTISED:
            self._advertise()
        elif not self.open or (len(self.open) < OPEN and chance < 0.5):
            self._place()
        else:
            self._go_on(repeat=chance > 1 - REPEATED)
        self.told += 1

    def _note(self, **values: object) -> None:
        os.write(self._ledger, json.dumps({"at": time.monotonic(), "wall": time.time(), **values}).encode() + b"\n")

    def _place(self) -> None:
        self.numbers += 1
        number = f"{self.name}-{self.numbers}"
        order = check_out(number)
        self._note(order=number, fact="o")
        self.open.append((order, self.random.choice(PLANS)))

    def _go_on(self, *, repeat: bool) -> None:
        """Tell the next fact of an order, or once more one that was told."""
        place = self.random.randrange(len(self.open))
        order, left = self.open[place]
        if repeat and order.state:
            self._tell(order, self.random.choice(order.state), again=True)
        elif left:
            self._tell(order, left[0])
            self.open[place] = (order, left[1:])
        else:
            self.open.pop(place)
            self._place()

    def _tell(self, order: PlainOrder, fact: str, *, again: bool = False) -> None:
        # Dispatch that is told after the arrival happened before it.
        late = fact == "s" and "d" in order.state
        at = clock.now() - timedelta(minutes=5) if late else None
        with transaction.atomic():
            told = order.state if again else order.state + fact
            PlainOrder.objects.filter(pk=order.pk).update(state=told)
            signals.EVENT_SIGNALS[FACTS[fact]].send(sender=PlainOrder, order=order, **({"occurred_at": at} if at else {}))
        order.state = told
        self._note(order=order.order_no, fact=fact, again=again)

    def _advertise(self) -> None:
        self.numbers += 1
        number = f"{self.name}-{self.numbers}"
        address = f"offers.{number}@customers.example"
        due = clock.now() + timedelta(seconds=self.random.choice([0, 0, 3, 12]))
        with transaction.atomic():
            consents.grant(address, topic="marketing", where="checkout", words="Yes, write to me.")
            outbox.put([Message(
                kind="review_request", purpose=Message.Purpose.MARKETING, language="en", recipient=address, recipient_name="Asha Rao",
                dedupe_key=keys.make("chaos", number), state=Message.State.QUEUED, due_at=due, expires_at=due + timedelta(days=30),
                facts={"customer": {"first_name": "Asha"}, "order": {"number": number, "lines": []}, "shop": {"name": "Plain Goods"}},
            )])
        self._note(offer=address, due=due.timestamp())


def main(name: str, count: int, rate: float, seed: int) -> None:
    """Tell ``count`` facts; a database that fails is asked again, with another fact."""
    shop = Shop(name, random.Random(f"{seed} {name}"))
    began = time.monotonic()
    while shop.told < count:
        try:
            for _one in range(min(count - shop.told, shop.random.choice([1, 5, 20]))):
                shop.step()
        except (DatabaseError, InterfaceError) as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            connection.close()
            time.sleep(0.2)
        time.sleep(max(0.0, began + shop.told / rate - time.monotonic()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
