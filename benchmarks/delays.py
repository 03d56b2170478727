"""How long a look at everything that is open takes: ``python -m benchmarks.delays [--parcels 1000000] [--plans]``.

Makes open parcels in a database of its own on the PostgreSQL of the tests, learns from generated deliveries, and looks at them all as
a sweep does: the first time, an hour later, on the next day, and when nothing is due. Prints seconds, CPU and memory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

import psycopg

from tests.services import DATABASES


def main() -> None:
    """Read the command line, and run the looks in a process that has the database as its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delays", description=__doc__)
    parser.add_argument("--parcels", type=int, default=1_000_000, help="how many are open (default: %(default)s)")
    parser.add_argument("--history", type=int, default=20_000, help="deliveries to learn from (default: %(default)s)")
    parser.add_argument("--plans", action="store_true", help="print what PostgreSQL does for each query")
    given = parser.parse_args()
    name = f"comms_delays_{os.getpid()}"
    run(f"CREATE DATABASE {name}")
    own = {"COMMS_TEST_DATABASE": "postgres", "COMMS_BENCH_DATABASE": name, "DJANGO_SETTINGS_MODULE": "benchmarks.delay_settings"}
    arguments = [str(given.parcels), str(given.history), *(["--plans"] if given.plans else [])]
    try:
        subprocess.run([sys.executable, "-m", "benchmarks.delay_looks", *arguments], env=os.environ | own, check=True)
    finally:
        run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def run(statement: str) -> None:
    """Run a statement outside any transaction, on the server of the tests."""
    server = DATABASES["postgres"]
    address = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
    with psycopg.connect(**address, dbname="postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


if __name__ == "__main__":
    main()
