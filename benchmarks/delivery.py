"""Order mails, sent in several ways side by side: what each costs, how long it takes, and what is lost or doubled in trouble.

``python -m benchmarks.delivery --messages 2000`` takes some ten minutes; ``--only`` and ``--parts`` choose. All ways run
one after the other on the same machine, database, broker and mail server, and send the same mail.
"""

from __future__ import annotations

import argparse
import json
import platform
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks import report
from benchmarks.limits import LIMITS
from benchmarks.measures import WITH_WORKER, WITHOUT_WORKER, Figures, Stage, limit
from benchmarks.processes import Shop, Sink, Worker
from benchmarks.scene import Scene
from benchmarks.services import BROKER_KINDS, Database
from benchmarks.ways import WAYS

PARTS = [*WITH_WORKER, *WITHOUT_WORKER]
PACKAGES = ["Django", "celery", "django-post_office", "procrastinate", "psycopg", "redis"]


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delivery", description=__doc__)
    parser.add_argument("--messages", type=int, default=22_000, help="mails of the backlog (default: %(default)s)")
    parser.add_argument("--database", choices=["postgres", "sqlite", "mariadb"], default="postgres")
    parser.add_argument("--broker", choices=BROKER_KINDS, default="redis")
    parser.add_argument("--only", type=_names([*WAYS, "limits"]), help=f"ways, joined by commas: {', '.join(WAYS)}, limits")
    parser.add_argument("--parts", type=_names(PARTS), default=PARTS, help=f"measures, joined by commas: {', '.join(PARTS)}")
    parser.add_argument("--rate", type=float, default=50, help="orders a second for the latency (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="for so long (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=1000, help="transactions with and without telling (default: %(default)s)")
    parser.add_argument("--kill", type=int, default=2000, help="mails in whose middle the senders are killed (default: %(default)s)")
    parser.add_argument("--frozen", type=float, default=60, help="seconds that a customer waits on a frozen broker before giving up")
    parser.add_argument("--patience", type=float, default=180, help="seconds to wait for mails that may be lost (default: %(default)s)")
    parser.add_argument("--chunking", action="store_true", help="the mail server offers CHUNKING")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser


def _names(known: list[str]) -> Callable[[str], list[str]]:
    def read(value: str) -> list[str]:
        names = value.split(",")
        if unknown := set(names) - set(known):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
        return names

    return read


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Measure everything that was asked for; returns the figures by way."""
    names = given.only or [*WAYS, "limits"]
    found: dict[str, Any] = {"machine": machine(given), "ways": {}, "limits": {}}
    for name in names:
        if name == "limits":
            found["limits"] = limits(given)
        elif given.database in WAYS[name].databases:
            found["ways"][name] = one_way(name, given)
    return found


def one_way(name: str, given: argparse.Namespace) -> Figures:
    """All measures of one way, on a fresh database; what failed says why."""
    figures: Figures = {"title": WAYS[name].title}
    with ExitStack() as stack:
        sink = Sink(chunking=given.chunking)
        stack.callback(sink.close)
        broker = BROKER_KINDS[given.broker]()
        stack.callback(broker.close)
        database = Database(given.database)
        database.make()
        stack.callback(database.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="comms-bench-"))
        scene = Scene(way=name, database=given.database, name=database.name, broker_url=broker.url, smtp_port=sink.port, folder=folder)
        shop = Shop(scene)
        try:
            shop.act("prepare")
            stack.callback(_quietly, lambda: shop.act("forget"))
            worker = Worker(WAYS[name].worker, scene, Path(folder) / "worker.log")
            stack.callback(worker.end)
            stage = Stage(WAYS[name], given, shop, sink, worker, database, broker)
            stage.warm_up()
            _measure(stage, WITH_WORKER, figures)
            worker.end()
            _measure(stage, WITHOUT_WORKER, figures)
        except Exception as error:
            figures["error"] = f"{type(error).__name__}: {error}"
            _say(f"{name}: {figures['error']}")
    return figures


def _measure(stage: Stage, measures: dict[str, Callable[[Stage], Figures]], figures: Figures) -> None:
    for part, measure in measures.items():
        if part in stage.given.parts:
            figures[part] = measure(stage)
            _say(f"{figures['title']}: {part} {_short(figures[part])}")


def _quietly(work: Callable[[], object]) -> None:
    with suppress(Exception):
        work()


def limits(given: argparse.Namespace) -> dict[str, Figures]:
    """What finished bytes cost."""
    sink = Sink(chunking=True)
    try:
        return {name: limit(name, sink.port, max(2000, given.messages)) for name in LIMITS}
    finally:
        sink.close()


def machine(given: argparse.Namespace) -> dict[str, Any]:
    """Where it ran, and how busy it was."""
    return {
        "python": platform.python_version(), "cores": psutil.cpu_count(), "load": psutil.getloadavg()[0],
        "database": Database(given.database).version().split(",")[0][:60], "broker": given.broker, "messages": given.messages,
        "packages": {name: version(name) for name in PACKAGES},
    }


def _short(figures: Figures) -> str:
    return " ".join(f"{name}={value:.3g}" if isinstance(value, float) else f"{name}={value}" for name, value in figures.items())


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Read the command line, measure and report."""
    given = arguments().parse_args()
    # Whoever ends it early wants no processes and databases left behind.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit("stopped"))
    found = run(given)
    print(json.dumps(found, indent=1) if given.json else report.text(found))


if __name__ == "__main__":
    main()
