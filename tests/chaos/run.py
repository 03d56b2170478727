"""One run: a shop tells facts, everything fails in turn, and three books are compared.

::

    python -m tests.chaos.run --events 10000 --faults 50 --database postgres --broker redis --seed 1 --report docs/reference/chaos.md

Ends with status 0 if nothing was lost, nothing was doubled unmarked, and nothing else broke a rule of ``checker``; with 1 and the story
of each message that did; with 2 if it cannot be run here. The folder with all books and logs is kept after a failure, or with ``--keep``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.chaos import report
from tests.chaos.nemesis import FAULTS, Nemesis
from tests.chaos.servers import BROKERS, DATABASES
from tests.chaos.stage import Stage

SETTLE_SECONDS = 120.0
CALM_RATE = 40.0
"""Facts a second while all is well."""
ENOUGH = 20
"""A worker that ends by itself more often than this is not worth a run."""
SHORT = ("worker killed", "worker paused", "pool process killed", "worker stopped", "host lost", "shop killed", "broker frozen",
         "broker stopped", "database restarted", "database crashed", "mail: 451", "mail: closed before the dot")
"""Faults that strike, and are mended, within a few seconds."""


def missing(database: str, broker: str) -> str:
    """Why the pair cannot be run here; empty if it can."""
    servers = [DATABASES[database], *filter(None, [BROKERS[broker]])]
    return "; ".join(filter(None, (server.missing() for server in servers)))


class Run:
    """A stage, a nemesis and a shop."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        self.folder = Path(tempfile.mkdtemp(prefix="comms-chaos-"))
        self.stage = Stage(self.folder, given.database, given.broker, pace=given.pace)
        self.incarnations = 0

    def play(self) -> Iterator[dict[str, Any]]:
        """Everything, from the first server to the last verdict: one of a calm beginning, if that is wanted, and one of the whole."""
        began, given = time.monotonic(), self.given
        try:
            self.stage.open()
            self.say(f"{given.database} + {given.broker}: up after {time.monotonic() - began:.0f} s, books in {self.folder}")
            for events, faults, seconds in ((given.calm, 0, given.calm / CALM_RATE), (given.events, given.faults, given.seconds)):
                if events:
                    before, taken = self.stage.keeper.cpu(), self.stage.taken()
                    incidents = self._trade(events, faults, seconds)
                    verdict = self._verdict(incidents)
                    spent = self.stage.keeper.cpu().get("worker", 0.0) - before.get("worker", 0.0)
                    yield verdict | {"cpu a mail": spent / max(1, self.stage.taken() - taken)}
        finally:
            self.stage.close()

    def say(self, words: str) -> None:
        """Tell whoever watches."""
        if not self.given.quiet:
            print(words, flush=True)

    def _trade(self, events: int, faults: int, seconds: float) -> list[dict[str, Any]]:
        """Let the shop tell ``events`` facts while things go wrong; at the end everything is mended."""
        given, stage = self.given, self.stage
        nemesis = Nemesis(stage, given.only or [fault.name for fault in FAULTS], faults, seconds, given.seed, long=given.long)
        until, rate = stage.told() + events, events / seconds
        self._open_shop(until, rate)
        shown = 0
        while not nemesis.is_done() or stage.told() < until:
            nemesis.turn()
            for incident in nemesis.incidents[shown:]:
                self.say(f"  {stage.told():6} facts, {stage.taken():6} mails: {incident.fault} {incident.target}")
            shown = len(nemesis.incidents)
            assert stage.shop is not None
            if not stage.shop.is_alive() and stage.told() < until:
                self._open_shop(until, rate)
            broken = [node for node in stage.nodes() if len(node.ended) > ENOUGH]
            assert not broken, f"{broken[0].name} ends again and again:\n{broken[0].tail()}"
            time.sleep(0.02)
        if stage.shop is not None and stage.shop.process is not None:
            stage.shop.process.wait()
        return nemesis.summary()

    def _open_shop(self, until: int, rate: float) -> None:
        """The next incarnation: what the last one had in hand is gone with it."""
        self.incarnations += 1
        self.stage.open_shop(f"s{self.incarnations}", max(1, until - self.stage.told()), rate, self.given.seed)

    def _verdict(self, incidents: list[dict[str, Any]]) -> dict[str, Any]:
        (self.folder / "incidents.json").write_text(json.dumps(incidents))
        self.say(f"  {self.stage.told():6} facts, {self.stage.taken():6} mails: everything is mended")
        settled = self._ask("settled", str(SETTLE_SECONDS), timeout=SETTLE_SECONDS + 60)
        verdict = self._ask("judge", timeout=300)
        if settled["left"]:
            verdict["findings"].append({"rule": "lost: not settled", "what": json.dumps(settled["left"]), "story": []})
        crashed = {node.name: node.ended for node in self.stage.nodes() if node.ended}
        return {
            **verdict, "settled after": settled["seconds"], "incidents": incidents, "cpu": self.stage.keeper.cpu(),
            "ended by themselves": crashed, "database": self.given.database, "broker": self.given.broker, "seed": self.given.seed,
        }

    def _ask(self, *question: str, timeout: float) -> dict[str, Any]:
        done = self.stage.python("tests.chaos.checker", *question, timeout=timeout)
        assert done.returncode == 0, done.stdout + done.stderr
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.run", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=500, help="facts that the shop commits")
    parser.add_argument("--calm", type=int, default=0, help="facts that it commits before that, while all is well")
    parser.add_argument("--faults", type=int, default=10, help="how often something goes wrong")
    parser.add_argument("--seconds", type=float, default=0, help="within how many seconds; by default a fault every eight seconds")
    parser.add_argument("--database", choices=DATABASES, default="postgres")
    parser.add_argument("--broker", choices=BROKERS, default="redis")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pace", type=float, default=0.04, help="seconds that the mail server takes for a mail")
    parser.add_argument("--only", nargs="*", choices=[fault.name for fault in FAULTS], metavar="FAULT", help="these faults only")
    parser.add_argument("--short", action="store_true", help="short faults only, mended soon")
    parser.add_argument("--report", type=Path, help="page whose table gets a row")
    parser.add_argument("--keep", action="store_true", help="keep the folder with books and logs")
    parser.add_argument("--quiet", action="store_true", help="say nothing before the verdict")
    given = parser.parse_args()
    given.long = 0.1 if given.short else 1.0
    given.only = given.only or (SHORT if given.short else None)
    given.seconds = given.seconds or max(10.0, 8.0 * given.faults, given.events / 40)
    return given


def main() -> int:
    """Run, print, and say by the exit status how it went."""
    given = arguments()
    if problem := missing(given.database, given.broker):
        print(f"This run needs servers of its own: {problem}.", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))  # so that nothing is left running
    run, failed = Run(given), True
    try:
        for verdict in run.play():
            print(report.in_words(verdict), flush=True)
            failed = bool(verdict["findings"])
            if failed:
                break
            if given.report:
                report.write(given.report, verdict)
    finally:
        if failed or given.keep:
            print(f"Books and logs: {run.folder}", flush=True)
        else:
            shutil.rmtree(run.folder, ignore_errors=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
