"""The process that ``benchmarks.profile_delivery`` looks at: ``python -m benchmarks.profiling MESSAGES LINES SORT``."""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from collections.abc import Callable

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django has to be set up first
from django.core.management import call_command  # noqa: E402

from benchmarks.shop import check_out  # noqa: E402
from benchmarks.ways import comms  # noqa: E402
from ecommerce_comms import lifecycle  # noqa: E402
from ecommerce_comms.messaging import delivery  # noqa: E402

FIRST_NUMBER = 1_000_001


def all_of(step: Callable[[], int]) -> Callable[[], None]:
    """Do ``step`` until nothing is left to do."""

    def work() -> None:
        while step():
            pass

    return work


STEPS: dict[str, Callable[[], None]] = {
    "facts": all_of(lifecycle.process_waiting), "messages": all_of(delivery.deliver_due),
}


def measure(name: str, messages: int, *, profile: cProfile.Profile | None = None) -> None:
    """Do one step and say what it cost."""
    busy = time.process_time()
    if profile:
        profile.runcall(STEPS[name])
    else:
        STEPS[name]()
    spent = 1000 * (time.process_time() - busy) / messages
    print(f"{name}: {spent:.3f} ms of CPU for each of {messages}{' under the profiler' if profile else ''}", flush=True)


def main(messages: int, lines: int, sort: str) -> None:
    """Place, process and send three times; the first time warms up."""
    settings.ECOMMERCE_COMMS["WAKER"] = "off"
    call_command("migrate", verbosity=0, run_syncdb=True)
    for turn in range(3):
        for index in range(messages):
            check_out(str(FIRST_NUMBER + turn * messages + index), comms.tell)
        for name in STEPS:
            profile = cProfile.Profile(time.process_time) if turn == 2 else None  # not the time that the database takes
            measure(name, messages, profile=profile)
            if profile:
                pstats.Stats(profile).sort_stats(sort).print_stats(lines)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
