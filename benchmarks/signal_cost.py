"""What a signal adds to the shop's transaction, on every database: ``python -m benchmarks.signal_cost [--pairs 1000]``.

Transactions of two queries, with and without ``order_placed.send()`` in turn, in a process of its own, while no worker runs.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack

from benchmarks.measures import added_ms
from benchmarks.processes import Shop
from benchmarks.scene import Scene
from benchmarks.services import Database, OwnRedis
from tests.services import DATABASES


def main() -> None:
    """Read the command line, measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.signal_cost", description=__doc__)
    parser.add_argument("--pairs", type=int, default=1000, help="transactions with and without the signal (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=200, help="transactions a second at most (default: %(default)s)")
    parser.add_argument("--databases", default="sqlite,postgres,mariadb", help="joined by commas (default: %(default)s)")
    given = parser.parse_args()
    print("| database | without p50/p99 ms | with p50/p99 ms | added p50/p99 ms | added CPU ms, p50 | queries |")
    print("| --- | --: | --: | --: | --: | --: |")
    for kind in given.databases.split(","):
        problem = DATABASES[kind].problem()
        print(f"| {kind} | {problem} |" if problem else row(kind, given.pairs, given.rate), flush=True)


def row(kind: str, pairs: int, rate: float) -> str:
    """One database's row."""
    with ExitStack() as stack:
        broker = OwnRedis()
        stack.callback(broker.close)
        database = Database(kind)
        database.make()
        stack.callback(database.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="comms-bench-"))
        shop = Shop(Scene(way="ours", database=kind, name=database.name, broker_url=broker.url, folder=folder))
        shop.act("prepare")
        [found] = shop.act("compare", "--orders", pairs, "--rate", rate)
        [queries] = shop.act("queries", "--first", 1_000_000)
    ms = added_ms(found)
    pairs_of_cells = ("silent_p50_ms", "silent_p99_ms"), ("told_p50_ms", "told_p99_ms"), ("p50_ms", "p99_ms")
    cells = [kind, *(f"{ms[p50]:.2f} / {ms[p99]:.2f}" for p50, p99 in pairs_of_cells), f"{ms['cpu_p50_ms']:.2f}"]
    return f"| {' | '.join(cells)} | {queries['told'] - queries['silent']} |"


if __name__ == "__main__":
    main()
