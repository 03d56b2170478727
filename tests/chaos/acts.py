"""What a process of its own does: ``python -m tests.chaos.acts place 1 2 3 [--die]``, or ``sweep [--later SECONDS]``."""

from __future__ import annotations

import argparse
import os
import signal
import time
from datetime import timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django has to be set up first
from django.db import transaction  # noqa: E402

from ecommerce_comms import clock  # noqa: E402
from ecommerce_comms.orders import waker  # noqa: E402
from tests.chaos.shop import check_out  # noqa: E402


def place(numbers: list[str], *, die: bool) -> None:
    """Check out ``numbers``; with ``die`` the process is killed right after the last commit, before anything that follows a commit."""
    for number in numbers[:-1]:
        check_out(number)
    with transaction.atomic():
        if die:
            transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
        check_out(numbers[-1])
    deadline = time.monotonic() + 10
    while not waker.idle() and time.monotonic() < deadline:
        time.sleep(0.02)


def sweep(later: float) -> None:
    """Sweep once, as if ``later`` seconds had passed."""
    with clock.using(lambda: clock.wall_clock() + timedelta(seconds=later)):
        call_command("comms_sweep")


def main() -> None:
    """Read the command line and act."""
    parser = argparse.ArgumentParser()
    parser.add_argument("act", choices=["place", "sweep"])
    parser.add_argument("numbers", nargs="*")
    parser.add_argument("--die", action="store_true")
    parser.add_argument("--later", type=float, default=0)
    given = parser.parse_args()
    if given.act == "place":
        place(given.numbers, die=given.die)
    else:
        sweep(given.later)


if __name__ == "__main__":
    main()
