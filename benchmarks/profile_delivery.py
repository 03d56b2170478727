"""Where a worker's time goes: ``python -m benchmarks.profile_delivery [--messages 2000] [--database sqlite] [--lines 30]``.

Orders are placed first; then one process does what a worker does: the facts are processed, and the messages rendered and
sent to the mail server; twice without a profiler and once under it. A profile makes small functions look dearer than
they are, so it is the time without it that counts.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from contextlib import ExitStack

from benchmarks.processes import ROOT, Sink
from benchmarks.scene import Scene
from benchmarks.services import Database


def main() -> None:
    """Read the command line, and profile in a process that has the settings of the scene."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile_delivery", description=__doc__)
    parser.add_argument("--messages", type=int, default=2000, help="orders of each round (default: %(default)s)")
    parser.add_argument("--database", choices=["postgres", "sqlite", "mariadb"], default="postgres")
    parser.add_argument("--lines", type=int, default=30, help="how many functions to list (default: %(default)s)")
    parser.add_argument("--sort", choices=["tottime", "cumtime"], default="tottime")
    given = parser.parse_args()
    with ExitStack() as stack:
        sink = Sink(chunking=True)
        stack.callback(sink.close)
        database = Database(given.database)
        database.make()
        stack.callback(database.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="comms-bench-"))
        scene = Scene(way="ours", database=given.database, name=database.name, smtp_port=sink.port, folder=folder)
        command = [sys.executable, "-m", "benchmarks.profiling", str(given.messages), str(given.lines), given.sort]
        subprocess.run(command, cwd=ROOT, env=scene.environ(), check=True)


if __name__ == "__main__":
    main()
