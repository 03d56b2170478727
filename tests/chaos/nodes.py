"""The processes of a run: workers on hosts, beat, the shop, the mail server. Each may be killed with all that it started."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from tests.chaos.control import wait_until
from tests.chaos.processes import family, running

ROOT = Path(__file__).parents[2]
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")


def can_rename_hosts() -> bool:
    """Whether a process can have a host name of its own here: hosts then differ as they do in a real shop."""
    return bool(shutil.which("unshare")) and subprocess.run(["unshare", "--uts", "true"], capture_output=True, check=False).returncode == 0


def celery(pool: str, threads: int) -> tuple[str, ...]:
    """The arguments of a worker."""
    return ("celery", "-A", "tests.celery", "worker", "--pool", pool, "-c", str(threads), "-n", "worker@%h", *QUIET)


@dataclass(eq=False)
class Node:
    """A process with all that it starts: one session, which lives and dies together."""

    name: str
    command: Sequence[str]
    folder: Path
    host: str = "shop"
    role: str = "worker"
    senders: int = 0
    """How many of its threads may each be sending a message."""
    renamed: bool = False
    keep_alive: bool = True
    """Started again when it ends by itself, as systemd would."""
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = False
    ended: list[int] = field(default_factory=list)
    """Exit statuses of when it ended by itself."""

    @property
    def home(self) -> Path:
        """Where its host keeps journals."""
        return self.folder / "hosts" / self.host

    @property
    def clock_file(self) -> Path:
        """Says by how many seconds its host's clock is wrong."""
        return self.folder / f"clock.{self.host}"

    def start(self) -> None:
        """Start it."""
        self.home.mkdir(parents=True, exist_ok=True)
        env = os.environ | {
            "COMMS_CHAOS_STAGE": str(self.folder / "stage.json"), "COMMS_CHAOS_HOST": self.host,
            "DJANGO_SETTINGS_MODULE": "tests.chaos.stage_settings", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1",
        }
        python = [sys.executable, "-m", *self.command]
        command = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.host, *python] if self.renamed else python
        with open(self.folder / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
        self.wanted = True

    def signal(self, how: int) -> None:
        """Send a signal to all of it."""
        if self.process is not None:
            for process in family(self.process.pid):
                with suppress(ProcessLookupError):
                    os.kill(process.pid, how)

    def kill(self) -> None:
        """Kill all of it at once."""
        self.wanted = False
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.signal(signal.SIGKILL)
            self.process.wait()
            wait_until(lambda: not family(self.process.pid), 10, f"for the end of {self.name}")

    def terminate(self, patience: float = 20.0) -> bool:
        """Ask it to end; whether it did so by itself."""
        self.wanted = False
        if self.process is None:
            return True
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def children(self) -> list[int]:
        """Its pool."""
        if self.process is None:
            return []
        return [process.pid for process in family(self.process.pid) if process.parent == self.process.pid]

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def tail(self, lines: int = 15) -> str:
        """What it said last."""
        path = self.folder / f"{self.name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


class Keeper:
    """Starts nodes again that ended by themselves, and keeps the book of what CPU each role has cost."""

    def __init__(self, nodes: Callable[[], Sequence[Node]]) -> None:
        self._nodes, self._over = nodes, Event()
        self._seconds: dict[str, dict[int, float]] = defaultdict(dict)
        self._roles: dict[int, str] = {}
        """By session: who died a moment ago still belongs to somebody."""
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU that each role has cost; what a process did in its last fifth of a second may be missing."""
        self._look()
        return {role: round(sum(seconds.values()), 1) for role, seconds in self._seconds.items()}

    def _run(self) -> None:
        while not self._over.wait(0.2):
            self._look()
            for node in self._nodes():
                if node.wanted and node.keep_alive and node.process is not None and (status := node.process.poll()) is not None:
                    node.ended.append(status)
                    node.start()

    def _look(self) -> None:
        for node in self._nodes():
            if node.process is not None:
                self._roles[node.process.pid] = node.role
        for process in running():
            if role := self._roles.get(process.session):
                self._seconds[role][process.pid] = process.seconds
