"""A fixed story: customers in three languages look, order and pay; parcels go well, late, in two, not at all, and back.

Everything goes the way it goes in a real shop: signals, events, the broker, a worker in its thread, SMTP. Only the clock is
moved by hand.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.core.management import call_command

from ecommerce_comms import clock, signals
from ecommerce_comms.models import Message, OrderEvent, Promise
from ecommerce_comms.shipping import options
from ecommerce_comms.snapshots import AddressSnapshot
from example_project.demo.mailserver import Mailserver
from example_project.demo.report import Expected
from example_project.shop import services
from example_project.shop.basket import Line
from example_project.shop.models import Order, Product

KOLKATA = ZoneInfo("Asia/Kolkata")
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=KOLKATA)
PATIENCE = 60.0
"""Real seconds within which the worker must have done what is to be done."""

PEOPLE: dict[str, dict[str, Any]] = {
    "tom": {"language": "en", "first_name": "Tom", "last_name": "Baker", "email": "tom@customers.example", "street": "7 Hill Road",
            "city": "Mumbai", "region": "MH", "postcode": "400050", "country": "IN"},
    "asha": {"language": "hi", "first_name": "आशा", "last_name": "शर्मा", "email": "asha@customers.example", "street": "12 अशोक मार्ग",
             "city": "लखनऊ", "region": "UP", "postcode": "226001", "country": "IN"},
    "rahim": {"language": "bn", "first_name": "রহিম", "last_name": "উদ্দিন", "email": "rahim@customers.example", "street": "৩ কলেজ স্ট্রিট",
              "city": "কলকাতা", "region": "WB", "postcode": "700073", "country": "IN"},
}


class Story:
    """``play()`` it once, on an empty database, beside a running worker and ``mailserver``."""

    def __init__(self, mailserver: Mailserver) -> None:
        self._mailserver = mailserver
        self._clock = clock.ManualClock(MONDAY)
        self._expected: Expected = Counter()

    def play(self) -> Expected:
        """Tell the whole story; returns what must have come out of it."""
        with clock.using(self._clock):
            self._goes_well()
            self._is_late_and_recovers()
            self._comes_in_two_parcels()
            self._is_cancelled()
            self._is_refunded()
            self._wait(days=30)
        return self._expected

    def _goes_well(self) -> None:
        """Tom's parcel arrives in time, and a week later he is asked how he likes it."""
        order = self._order("tom", {"mug": 2})
        self._do(order, "order_paid", partial(services.pay, order))
        self._wait(hours=3)
        self._do(order, "order_processed", partial(services.prepare, order))
        self._wait(hours=4)
        self._do(order, "order_shipped", partial(services.ship, order))
        parcel = order.parcels.get()
        self._wait(hours=40)
        self._do(order, "order_out_for_delivery", partial(services.out_for_delivery, parcel))
        self._wait(hours=3)
        self._do(order, "order_delivered", partial(services.deliver, parcel))
        self._expect(order, "review_request")

    def _is_late_and_recovers(self) -> None:
        """The date that Asha was promised passes; the delay is found and told, and then the parcel turns up."""
        order = self._order("asha", {"lamp": 1})
        self._do(order, "order_paid", partial(services.pay, order))
        self._do(order, "order_shipped", partial(services.ship, order))
        parcel = order.parcels.get()
        self._expect(order, "order_delayed")
        self._wait_until_late(order)
        new = Promise.objects.filter(order__reference=str(order.pk), is_open=True).latest("revision")
        self._wait(hours=12)
        self._do(order, "order_back_on_track", partial(services.back_on_track, order, parcel, earliest=new.earliest, latest=new.latest))
        self._wait(hours=20)
        self._do(order, "order_out_for_delivery", partial(services.out_for_delivery, parcel))
        self._do(order, "order_delivered", partial(services.deliver, parcel))
        self._expect(order, "review_request")

    def _comes_in_two_parcels(self) -> None:
        """Rahim's order leaves in two parcels; he is asked for a review only after the second."""
        order = self._order("rahim", {"bowl": 1, "cushion": 2})
        self._do(order, "order_paid", partial(services.pay, order))
        first, second = order.items.all()
        self._do(order, "order_shipped", partial(services.ship, order, {first: first.quantity}, of=2))
        self._wait(hours=5)
        self._do(order, "order_shipped", partial(services.ship, order, {second: second.quantity}, of=2))
        for parcel in order.parcels.all():
            self._wait(hours=24)
            self._do(order, "order_out_for_delivery", partial(services.out_for_delivery, parcel))
            self._do(order, "order_delivered", partial(services.deliver, parcel))
        self._expect(order, "review_request")

    def _is_cancelled(self) -> None:
        """The mail server rests while Tom's order is prepared; he cancels before that mail could leave, so it never does."""
        order = self._order("tom", {"vase": 1})
        self._do(order, "order_paid", partial(services.pay, order))
        self._mailserver.is_down = True
        services.prepare(order)
        self._settle()
        self._expect(order, "order_processed", Message.State.SKIPPED)
        services.cancel(order, reason="")
        self._settle()
        self._mailserver.is_down = False
        self._expect(order, "order_cancelled")
        self._wait(hours=2)

    def _is_refunded(self) -> None:
        """Asha's parcel arrives, she sends it back and has her money again; nobody asks her for a review."""
        order = self._order("asha", {"napkins": 1})
        self._do(order, "order_paid", partial(services.pay, order))
        self._do(order, "order_shipped", partial(services.ship, order))
        parcel = order.parcels.get()
        self._wait(hours=30)
        self._do(order, "order_delivered", partial(services.deliver, parcel))
        self._expect(order, "review_request", Message.State.SKIPPED)
        self._wait(days=2)
        self._do(order, "return_requested", partial(services.request_return, order))
        self._wait(days=4)
        self._do(order, "return_received", partial(services.receive_return, order))
        self._do(order, "order_refunded", partial(services.refund, order))

    def _order(self, name: str, shapes: Mapping[str, int]) -> Order:
        """One of ``PEOPLE`` looks at products of these shapes, and orders them with the first option that has a date."""
        person = dict(PEOPLE[name])
        language = person.pop("language")
        customer = get_user_model().objects.get(username=name)
        lines = []
        for shape, quantity in shapes.items():
            product = Product.objects.filter(shape=shape).first() or Product.objects.all()[len(lines)]
            signals.product_viewed.send(sender=Product, product=product, customer=customer, request=None)
            lines.append(Line(product=product, quantity=quantity))
        address = AddressSnapshot(city=person["city"], region=person["region"], postcode=person["postcode"], country=person["country"])
        option = next(option for option in options.quote(address, at=clock.now()) if option.latest)
        order = services.place_order(person, lines, option, language=language, user=customer)
        self._settle()
        self._expect(order, "order_placed")
        return order

    def _do(self, order: Order, kind: str, verb: Callable[[], object]) -> None:
        """Do something in the shop that the customer must hear of, and see it dealt with."""
        verb()
        order.refresh_from_db()
        self._expect(order, kind)
        self._settle()

    def _expect(self, order: Order, kind: str, state: str = Message.State.SENT) -> None:
        self._expected[str(order), kind, order.language, str(state)] += 1

    def _wait(self, **delta: float) -> None:
        """Let time pass, with a sweep every six hours, as beat would run it more often."""
        until = self._clock() + timedelta(**delta)
        while self._clock() < until:
            self._clock.set(min(until, self._clock() + timedelta(hours=6)))
            call_command("comms_sweep", verbosity=0, stdout=_Nowhere())
            self._settle()

    def _wait_until_late(self, order: Order) -> None:
        latest: date = order.promised_latest or self._clock().date()
        late = datetime.combine(latest + timedelta(days=1), datetime.min.time(), KOLKATA) + timedelta(hours=9)
        self._wait(seconds=max(0.0, (late - self._clock()).total_seconds()))

    def _settle(self) -> None:
        """Wait, in real time, until the worker has nothing left to do at this hour of the story."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not (_events_wait() or _messages_wait()):
                return
            time.sleep(0.02)
        raise RuntimeError(f"The worker did not settle within {PATIENCE:.0f} seconds.")


class _Nowhere:
    def write(self, text: str) -> int:
        return len(text)


def _events_wait() -> bool:
    return OrderEvent.objects.filter(state=OrderEvent.State.NEW).exists()


def _messages_wait() -> bool:
    due = Message.objects.filter(state=Message.State.QUEUED, due_at__lte=clock.now())
    return due.exists() or Message.objects.filter(state=Message.State.SENDING).exists()
