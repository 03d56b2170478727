"""What a quote costs, alone and over HTTP: ``python -m benchmarks.quote [--seconds 5] [--processes 2] [--json]``.

A shop with two warehouses, three options in five zones, pick-up points, a peak and closed days is made in a SQLite file of
its own, and learns from generated deliveries. Then

- ``quote`` is called with another order time and another of ``--places`` destinations each time, tokens included;
- as many processes as cores call the WSGI application as a server would (request line and body in, status and whole body
  out, the usual middlewares), each for ``--seconds``: a bare Django view that answers ``{}``, and ``comms:api-shipping-options``
  with a basket of three lines, in turn. There is no socket and no client in between: what is measured is Django, Django
  REST framework and this app.

CPU is that of the measuring processes alone, so it means something on a busy machine too; the goals are held against the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

GOALS = {"quote_p95_ms": 5.0, "requests_per_second": 400.0}


def table(found: dict[str, Any]) -> str:
    """The figures in words."""
    rows = [f"quote of three options, {name}: p50 {each['p50_ms']:.2f} ms, p95 {each['p95_ms']:.2f} ms, p99 {each['p99_ms']:.2f} ms, "
            f"CPU p50 {each['cpu_p50_ms']:.2f} ms, p95 {each['cpu_p95_ms']:.2f} ms" for name, each in found["quote"].items()]
    rows += [f"{name}, {found['processes']} processes: {each['per_second']:,.0f} requests a second, CPU {each['cpu_ms']:.2f} ms each, "
             f"so {found['processes'] * 1000 / each['cpu_ms']:,.0f} on cores that do nothing else"
             for name, each in found["http"].items()]
    rows += [f"goal {name} {GOALS[name]:g}: {'met' if is_met else 'not met'}" for name, is_met in found["met"].items()]
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quote", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5, help="how long each kind of request is made (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2, help="(default: one a core)")
    parser.add_argument("--calls", type=int, default=3000, help="quotes (default: %(default)s)")
    parser.add_argument("--places", type=int, default=500, help="different destinations (default: %(default)s)")
    parser.add_argument("--history", type=int, default=5000, help="deliveries learnt from; 0: the merchant's table alone (%(default)s)")
    parser.add_argument("--estimator", default="", help="dotted path; else the default one")
    parser.add_argument("--json", action="store_true", help="print one object")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="comms-quote-") as folder:
        own = {"DJANGO_SETTINGS_MODULE": "benchmarks.quote_settings", "QUOTE_DATABASE": str(Path(folder, "shop.sqlite3"))}
        numbers = [str(each) for each in (given.seconds, given.processes, given.calls, given.places, given.history)]
        done = subprocess.run([sys.executable, "-m", "benchmarks.quote_acts", *numbers], capture_output=True, text=True, check=False,
                              env=os.environ | own | {"QUOTE_ESTIMATOR": given.estimator})
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    found["met"] = {
        "quote_p95_ms": max(each["p95_ms"] for each in found["quote"].values()) < GOALS["quote_p95_ms"],
        "requests_per_second": found["http"]["shipping options"]["per_second"] >= GOALS["requests_per_second"],
    }
    print(json.dumps(found) if given.json else table(found))


if __name__ == "__main__":
    main()
