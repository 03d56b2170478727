"""What a process of the shop does: ``python -m benchmarks.acts ACT``; it says in JSON what came of it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from itertools import count
from typing import Any

import django

django.setup()

from celery import current_app  # noqa: E402 - Django has to be set up first
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks import celery, queues, scene, ways  # noqa: E402, F401 - the shop's Celery app has to be there
from benchmarks.shop import check_out  # noqa: E402

WAY = ways.load(scene.current().way)
PATIENCE_SECONDS = 10.0


def prepare(given: argparse.Namespace) -> None:
    """Make the tables."""
    call_command("migrate", verbosity=0, run_syncdb=True)
    if hasattr(WAY, "prepare"):
        WAY.prepare()


def place(given: argparse.Namespace) -> None:
    """Place orders, as fast as it goes or ``--rate`` a second; a line for each: number, moment of the commit, seconds it took.

    The last line says how much CPU it took, in seconds. An order that is late does not hold up the next: the rate is that of
    customers, who do not wait for each other.
    """
    tell = None if given.silent else WAY.tell
    busy, start = time.process_time(), time.monotonic()
    for index in range(given.orders):
        if given.rate:
            time.sleep(max(0.0, start + index / given.rate - time.monotonic()))
        number = str(given.first + index)
        committed, seconds = check_out(number, tell)
        print(json.dumps([number, committed, round(seconds, 6)]), flush=bool(given.flush))
    _let_wakers_finish()
    print(json.dumps({"cpu": time.process_time() - busy, "wall": time.monotonic() - start}))


def compare(given: argparse.Namespace) -> None:
    """Place orders with and without telling, in turn; how long each took, in seconds, and how long the processor worked for it.

    On a busy machine the time says little; the CPU of the thread in which the customer waits still does.
    """
    numbers = (str(number) for number in count(given.first))
    for _warm_up in range(10):
        check_out(next(numbers), None), check_out(next(numbers), WAY.tell)
    found: dict[str, list[float]] = {"silent": [], "told": [], "silent_cpu": [], "told_cpu": []}
    for turn in range(given.orders):
        for name, tell in [("silent", None), ("told", WAY.tell)][:: 1 if turn % 2 else -1]:
            busy = time.thread_time()
            found[name].append(check_out(next(numbers), tell)[1])
            found[f"{name}_cpu"].append(time.thread_time() - busy)
            if given.rate:
                time.sleep(1 / given.rate)
    _let_wakers_finish()
    print(json.dumps(found))


def queries(given: argparse.Namespace) -> None:
    """How many statements reach the database, without telling and with it."""
    numbers, counted = (str(number) for number in count(given.first)), []
    for tell in (None, WAY.tell):
        check_out(next(numbers), tell)
        with CaptureQueriesContext(connection) as captured:
            check_out(next(numbers), tell)
        counted.append(len(captured))
    print(json.dumps({"silent": counted[0], "told": counted[1]}))


def waiting(given: argparse.Namespace) -> None:
    """How many mails the way still holds."""
    print(json.dumps(WAY.waiting()))


def unmarked(given: argparse.Namespace) -> None:
    """How many of the orders named on standard input are not marked as told twice, perhaps; ``null`` if the way marks nothing."""
    numbers = json.load(sys.stdin)
    print(json.dumps(WAY.unmarked_doubles(numbers) if hasattr(WAY, "unmarked_doubles") else None))


def purge(given: argparse.Namespace) -> None:
    """Throw away what is left in the queue."""
    queues.purge(current_app, scene.current().queue)


def forget(given: argparse.Namespace) -> None:
    """Empty and remove the queue."""
    queues.delete(current_app, scene.current().queue)


def _let_wakers_finish() -> None:
    """A thread may still be publishing wake-ups; a shop's processes live on and give it the time."""
    idle, deadline = getattr(WAY, "idle", lambda: True), time.monotonic() + PATIENCE_SECONDS
    while not idle() and time.monotonic() < deadline:
        time.sleep(0.02)


ACTS: dict[str, Any] = {act.__name__: act for act in (prepare, place, compare, queries, waiting, unmarked, purge, forget)}


def main() -> None:
    """Read the command line and act."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("act", choices=ACTS)
    parser.add_argument("--orders", type=int, default=1, help="how many orders, or pairs of orders")
    parser.add_argument("--first", type=int, default=1, help="number of the first order")
    parser.add_argument("--rate", type=float, default=0, help="orders a second; 0: as fast as it goes")
    parser.add_argument("--silent", action="store_true", help="place them without telling")
    parser.add_argument("--flush", action="store_true", help="say each order at once")
    given = parser.parse_args()
    ACTS[given.act](given)


if __name__ == "__main__":
    main()
