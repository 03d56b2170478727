"""What is measured of one way; each measure takes the stage and returns its figures, ready for JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from benchmarks.limits import LIMITS
from benchmarks.processes import ROOT, Shop, Sink, Worker, cpu
from benchmarks.services import Database, OwnRedis, Rabbit
from benchmarks.sink import Arrival
from benchmarks.ways import Way

WARM_UP = 40
YARDSTICK_MAILS = 2000
"""Finished mails whose CPU is measured just before each backlog and just after it: how fast the machine is at that moment."""
QUIET_SECONDS = 3.0
"""Nothing more comes once nothing waits and nothing came for so long."""
KILL_AT = 0.47
"""About the middle, but nowhere near the end of a batch of 100, 500 or 1,000."""
VOID_RATE, VOID_SECONDS = 0.5, 40.0
"""Orders spread over more than the time from one sweep to the next, so that one of them has to wait for nearly all of it."""
LOST_AFTER_SECONDS = 75.0
"""A mail that is not there by then counts as never: the goal is a minute."""

Figures = dict[str, Any]


@dataclass
class Stage:
    """Everything that takes part in measuring one way."""

    way: Way
    given: Namespace
    shop: Shop
    sink: Sink
    worker: Worker
    database: Database
    broker: OwnRedis | Rabbit
    numbers: int = 1_000_001
    """Of the next order; as many digits for all, so that all mails are of one length."""
    figures: Figures = field(default_factory=dict)

    def take_numbers(self, count: int) -> int:
        """Reserve ``count`` order numbers; returns the first."""
        first, self.numbers = self.numbers, self.numbers + count
        return first

    def wait_for(self, mails: int, seconds: float) -> bool:
        """Wait until so many mails have come since they were last taken; ``False`` if that takes longer than ``seconds``."""
        deadline = time.monotonic() + seconds
        while self.sink.count() < mails:
            if not self.worker.running():
                raise RuntimeError(f"The worker ended: {self.worker.said()}")
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def warm_up(self) -> None:
        """Let every process of the worker do all that it does at its first mail only."""
        self.sink.take()
        self.shop.act("place", "--orders", WARM_UP, "--first", self.take_numbers(WARM_UP), "--rate", 40)
        if not self.wait_for(WARM_UP, 90):
            raise RuntimeError(f"Only {self.sink.count()} of the first {WARM_UP} mails came. {self.worker.said()}")
        time.sleep(1)
        self.sink.take()


# ---- many at once -----------------------------------------------------------------------------------------------------


def drain(stage: Stage) -> Figures:
    """A backlog of ``--messages``, made while the worker stands still: CPU of the senders for each mail, mails a second, memory."""
    count = stage.given.messages
    first = stage.take_numbers(count)
    with stage.worker.halted():
        yardstick = _yardstick(stage)
        silent = stage.shop.act("place", "--orders", min(count, 1000), "--first", stage.take_numbers(1000), "--silent")[-1]
        placed = stage.shop.act("place", "--orders", count, "--first", first, timeout=60 + count)[-1]
        before, start = _cpu_of_all(stage), time.monotonic_ns()
    with stage.worker.watched() as memory:
        complete = stage.wait_for(count, 60 + count / 4)
        time.sleep(1.5)
    after, arrivals = _cpu_of_all(stage), stage.sink.take()
    with stage.worker.halted():
        yardstick = (yardstick + _yardstick(stage)) / 2
    return {
        "mails": len(arrivals), "complete": complete,
        "cpu_ms": _each(after["sender"], before["sender"], len(arrivals)),
        "yardstick_ms": yardstick,
        "rate": len(arrivals) / ((max(moment for moment, *_rest in arrivals) - start) / 1e9) if arrivals else 0.0,
        "database_cpu_ms": _each(after["database"], before["database"], len(arrivals)),
        "broker_cpu_ms": _each(after["broker"], before["broker"], len(arrivals)),
        "sink_cpu_ms": _each(after["sink"], before["sink"], len(arrivals)),
        "shop_cpu_ms": 1000 * (placed["cpu"] / count - silent["cpu"] / min(count, 1000)),
        "bytes": sum(size for *_rest, size in arrivals) / max(1, len(arrivals)),
        "memory_pss_mb": memory.proportional, "memory_rss_mb": memory.resident, "processes": memory.processes,
        "doubles": _doubles(arrivals),
    }


def _yardstick(stage: Stage) -> float:
    """Milliseconds of CPU that a finished mail costs at this moment."""
    spent: float = limit("smtplib", stage.sink.port, YARDSTICK_MAILS)["cpu_ms"]
    stage.sink.take()
    return spent


def _cpu_of_all(stage: Stage) -> dict[str, float | None]:
    return {"sender": cpu(stage.worker.pid), "database": stage.database.cpu(), "broker": stage.broker.cpu(), "sink": cpu(stage.sink.pid)}


def _each(after: float | None, before: float | None, count: int) -> float | None:
    """Milliseconds for each of ``count``."""
    return None if after is None or before is None or not count else 1000 * (after - before) / count


# ---- one after the other ------------------------------------------------------------------------------------------------


def latency(stage: Stage) -> Figures:
    """``--rate`` orders a second for ``--seconds``: milliseconds from the commit to the mail server's acceptance."""
    count = max(1, round(stage.given.rate * stage.given.seconds))
    stage.sink.take()
    busy = cpu(stage.worker.pid)
    placed = stage.shop.act("place", "--orders", count, "--first", stage.take_numbers(count), "--rate", stage.given.rate)
    stage.wait_for(count, LOST_AFTER_SECONDS)
    time.sleep(1)
    busy, arrivals = cpu(stage.worker.pid) - busy, stage.sink.take()
    waits = _waits(placed, arrivals)
    return {"orders": count, "mails": len(waits), "p50_ms": _quantile(waits, 50), "p99_ms": _quantile(waits, 99),
            "max_ms": max(waits, default=None), "cpu_ms": 1000 * busy / max(1, len(waits))}


def void(stage: Stage) -> Figures:
    """Every message that the shop gives to the broker is lost; seconds until the mails come nevertheless."""
    count = round(VOID_SECONDS * VOID_RATE)
    stage.sink.take()
    queue = "benchmark-void"
    stage.shop.act("purge")  # what is left of the measure before would wake the worker
    placed = stage.shop.act("place", "--orders", count, "--first", stage.take_numbers(count), "--rate", VOID_RATE, queue=queue)
    stage.wait_for(count, LOST_AFTER_SECONDS)
    stage.shop.act("forget", queue=queue)
    waits = _waits(placed, stage.sink.take())
    return {"orders": count, "mails": len(waits), "max_s": max(waits, default=0) / 1000 if len(waits) == count else None}


def _waits(placed: list[Any], arrivals: list[Arrival]) -> list[float]:
    """Milliseconds from each commit to the first arrival of its mail."""
    committed = {number: moment for number, moment, _seconds in (line for line in placed if isinstance(line, list))}
    first: dict[str, int] = {}
    for moment, recipient, *_rest in arrivals:
        first.setdefault(number_of(recipient), moment)
    return sorted((first[number] - moment) / 1e6 for number, moment in committed.items() if number in first)


def number_of(recipient: str) -> str:
    """The order that a mail is about; each customer orders once."""
    return recipient.split("@")[0].rpartition(".")[2]


def _quantile(values: list[float], percent: int) -> float | None:
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else next(iter(values), None)


# ---- trouble ----------------------------------------------------------------------------------------------------------


def kill(stage: Stage) -> Figures:
    """``kill -9`` of all senders in the middle of ``--kill`` mails, then they are started again: what is lost, what comes twice."""
    count = stage.given.kill
    stage.sink.take()
    first = stage.take_numbers(count)
    with stage.worker.halted():
        stage.shop.act("place", "--orders", count, "--first", first, timeout=60 + count)
    stage.wait_for(round(KILL_AT * count), 60 + count / 4)
    stage.worker.kill()
    died = time.monotonic_ns()
    stage.worker.start()
    _settle(stage, count)
    arrivals = stage.sink.take()
    came = Counter(number_of(recipient) for _moment, recipient, *_rest in arrivals)
    wanted = {str(first + index) for index in range(count)}
    twice = sorted(number for number in wanted if came[number] > 1)
    [unmarked] = stage.shop.act("unmarked", given=json.dumps(twice))
    return {"orders": count, "lost": len(wanted - set(came)), "doubles": sum(came[number] - 1 for number in twice), "unmarked": unmarked,
            "settled_s": (max((moment for moment, *_rest in arrivals), default=died) - died) / 1e9}


def _settle(stage: Stage, mails: int) -> None:
    """Wait until nothing waits and nothing comes, or until patience ends."""
    deadline, last, quiet_since = time.monotonic() + stage.given.patience + mails / 10, -1, 0.0
    while time.monotonic() < deadline:
        count, now = stage.sink.count(), time.monotonic()
        if count != last:
            last, quiet_since = count, now
        elif now - quiet_since > QUIET_SECONDS and stage.shop.act("waiting") == [0]:
            return
        time.sleep(0.5)


def _doubles(arrivals: list[Arrival]) -> int:
    """How many mails were not the first of their order."""
    return len(arrivals) - len({recipient for _moment, recipient, *_rest in arrivals})


# ---- what the shop's customers wait for --------------------------------------------------------------------------------


def added(stage: Stage) -> Figures:
    """What telling adds to the shop's transaction of two queries, ``--pairs`` with and without it in turn; no worker runs."""
    pairs = stage.given.pairs
    [found] = stage.shop.act("compare", "--orders", pairs, "--first", stage.take_numbers(2 * pairs + 40), "--rate", 200)
    [counted] = stage.shop.act("queries", "--first", stage.take_numbers(4))
    return {**added_ms(found), "queries": counted["told"] - counted["silent"]}


def added_ms(found: dict[str, list[float]]) -> Figures:
    """What ``compare`` found, in milliseconds: without telling, with it, and the difference."""
    p50, p99 = ({name: 1000 * (_quantile(seconds, percent) or 0) for name, seconds in found.items()} for percent in (50, 99))
    return {
        "p50_ms": p50["told"] - p50["silent"], "p99_ms": p99["told"] - p99["silent"], "cpu_p50_ms": p50["told_cpu"] - p50["silent_cpu"],
        "silent_p50_ms": p50["silent"], "silent_p99_ms": p99["silent"], "told_p50_ms": p50["told"], "told_p99_ms": p99["told"],
    }


def frozen(stage: Stage) -> Figures:
    """The same with a broker that takes connections and says nothing; seconds that one customer waits at most."""
    if not isinstance(stage.broker, OwnRedis):
        return {}
    orders = 20
    with stage.broker.frozen():
        said = stage.shop.act_for(stage.given.frozen, "place", "--flush", "--orders", orders, "--first", stage.take_numbers(orders))
    seconds = sorted(line[2] for line in said if isinstance(line, list))
    stuck = len(seconds) < orders
    return {"orders": len(seconds), "stuck": stuck, "max_s": stage.given.frozen if stuck else seconds[-1],
            "p50_ms": None if stuck else 1000 * (_quantile(seconds, 50) or 0)}


# ---- the limits ---------------------------------------------------------------------------------------------------------


def limit(name: str, port: int, mails: int) -> Figures:
    """What finished bytes cost."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.limits", name, str(port), str(mails)], cwd=ROOT,
                          capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return {"title": LIMITS[name][0], "cpu_ms": 1000 * found["cpu"] / mails, "rate": mails / found["wall"]}


WITH_WORKER: dict[str, Callable[[Stage], Figures]] = {"drain": drain, "latency": latency, "void": void, "kill": kill}
WITHOUT_WORKER: dict[str, Callable[[Stage], Figures]] = {"added": added, "frozen": frozen}
"""In this order: a frozen broker loses what it was told."""
