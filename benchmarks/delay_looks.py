"""The looks of ``benchmarks.delays``, in a process whose memory is theirs alone."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django has to be set up first
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks import open_parcels  # noqa: E402
from ecommerce_comms import clock  # noqa: E402
from ecommerce_comms.models import Lateness, Outlook  # noqa: E402
from ecommerce_comms.shipping import delays  # noqa: E402
from ecommerce_comms.shipping.delays import detecting  # noqa: E402

NOW = open_parcels.NOW
LOOKS: tuple[tuple[str, datetime, Callable[[datetime], int]], ...] = (
    ("all that is open, for the first time", NOW, detecting.judge_all),
    ("the sweep after it, nothing is due", NOW + timedelta(seconds=30), delays.detect),
    ("all that is open, an hour later", NOW + timedelta(hours=2), detecting.judge_all),
    ("all that is open, on the next day", NOW + timedelta(days=1), detecting.judge_all),
)


def main() -> None:
    """Make the parcels in a child, so that their making does not count, and look."""
    parcels, history = int(sys.argv[1]), int(sys.argv[2])
    if not os.fork():
        call_command("migrate", verbosity=0, run_syncdb=True)
        began = time.perf_counter()
        situations = open_parcels.make(parcels, history)
        print(f"{parcels:,} open parcels in {situations:,} situations, made in {time.perf_counter() - began:.0f} s", flush=True)
        os._exit(0)
    _pid, status = os.wait()
    if status:
        sys.exit("The parcels could not be made.")
    print("\n| look | seconds | CPU of Python | CPU of PostgreSQL | events | most memory, MB |\n| --- | --: | --: | --: | --: | --: |")
    for name, moment, look in LOOKS:
        print(_row(name, moment, look), flush=True)
    print(f"\n{Lateness.objects.count():,} spells, {Outlook.objects.count():,} outlooks kept")
    if "--plans" in sys.argv:
        plans()


def _row(name: str, moment: datetime, look: Callable[[datetime], int]) -> str:
    began, cpu, server = time.perf_counter(), time.process_time(), server_cpu()
    with clock.using(clock.ManualClock(moment)):
        events = look(moment)
    seconds, cpu, server = time.perf_counter() - began, time.process_time() - cpu, server_cpu() - server
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"| {name} | {seconds:.1f} | {cpu:.1f} | {server:.1f} | {events:,} | {memory:.0f} |"


def server_cpu() -> float:
    """Seconds of CPU that the database's process for our connection has used; 0 if it is not on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def plans() -> None:
    """What PostgreSQL does for each query of a sweep."""
    moment = NOW + timedelta(days=2)
    with clock.using(clock.ManualClock(moment)), CaptureQueriesContext(connection) as queries:
        delays.detect(moment)
    seen = set()
    for query in queries.captured_queries:
        sql = query["sql"]
        if sql.startswith("SELECT") and sql[:120] not in seen:
            seen.add(sql[:120])
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN ANALYZE {sql}")
                print(f"\n{sql[:400]}\n" + "\n".join(f"    {line}" for (line,) in cursor.fetchall()))


if __name__ == "__main__":
    main()
