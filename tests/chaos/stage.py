"""Everything that a run needs, in one folder: servers, mail server, proxies, hosts with workers, beat and shop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.control import free_port, listens, tell, wait_until
from tests.chaos.nodes import ROOT, Keeper, Node, can_rename_hosts, celery
from tests.chaos.servers import BROKERS, DATABASES, Server

COMPRESSED: dict[str, Any] = {
    "LEASE_SECONDS": 8, "SEND_SECONDS": 5, "RETRY_SECONDS": 1, "UNKNOWN_SECONDS": 20, "BREAKER_SECONDS": 1, "SWEEP_SECONDS": 2,
    # Minutes of trouble are seconds here, so a try costs as much of a message's patience as before, and there are more tries.
    "MAX_ATTEMPTS": 20,
}
"""The app's settings, with time running about twenty times as fast as by default."""
SWEEP_SECONDS = 2.0
AT_REST = 0.4
"""Seconds of CPU in a second; workers that start up take all there is."""


@dataclass
class Stage:
    """One run's world. ``open`` builds it up, ``close`` takes all of it away but the folder."""

    folder: Path
    database_kind: str
    broker_kind: str
    pace: float = 0.04
    """Seconds that the mail server takes for a mail."""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)  # database servers run under accounts of their own
        self.database: Server = DATABASES[self.database_kind](self.folder / self.database_kind)
        kind = BROKERS[self.broker_kind]
        self.broker: Server | None = kind(self.folder / self.broker_kind) if kind else None
        self.smtp_ports, self.sink_control = [free_port(), free_port()], free_port()
        self.proxy_port, self.proxy_control = free_port(), free_port()
        self.workers: list[Node] = []
        self.beat: Node | None = None
        self.shop: Node | None = None
        self._helpers: list[Node] = []
        self.keeper = Keeper(lambda: list(self.nodes()))

    @property
    def has_server(self) -> bool:
        """Whether the database is a server, which one can lose the line to."""
        return self.database_kind != "sqlite"

    def nodes(self) -> Iterator[Node]:
        """Every process that is the run's."""
        yield from [*self.workers, *self._helpers, *[node for node in (self.beat, self.shop) if node]]

    def open(self) -> None:
        """Start servers, make the tables, start workers."""
        for server in (self.database, self.broker):
            if server is not None:
                server.prepare()
                server.start()
        self._write_settings()
        self._helpers = [self._helper("sink", str(self.folder / "sink"), self.sink_control, self.pace, *self.smtp_ports)]
        if self.has_server:
            self._helpers.append(self._helper("proxy", self.proxy_port, self.database.port, self.proxy_control))
        for helper in self._helpers:
            helper.start()
        self.django("migrate", "--run-syncdb", "--skip-checks", "--verbosity", "0")
        wait_until(lambda: listens(self.sink_control), 20, "for the mail server")
        self._hire()
        for node in (*self.workers, self.beat):
            if node:
                node.start()
        self.keeper.start()
        wait_until(self._is_at_rest, 60, "for the workers to be up")

    def _is_at_rest(self) -> bool:
        """Whether workers and beat have started up: for a second they cost hardly anything."""
        before = sum(self.keeper.cpu().values())
        time.sleep(1)
        return sum(self.keeper.cpu().values()) - before < AT_REST

    def close(self) -> None:
        """End everything."""
        self.keeper.close()
        for node in self.nodes():
            node.kill()
        for server in (self.database, self.broker):
            if server is not None:
                server.thaw()
                server.close()

    def trouble(self, kind: str = "", **values: Any) -> dict[str, int]:
        """Let the mail server do something wrong, or nothing; says how many mails it has taken."""
        return tell(self.sink_control, trouble=kind, **values)

    def taken(self) -> int:
        """How many mails the mail server has taken over."""
        return int(tell(self.sink_control)["taken"])

    def line(self, mode: str) -> None:
        """What the line of the last host to the database does."""
        tell(self.proxy_control, mode=mode)

    def open_shop(self, name: str, count: int, rate: float, seed: int) -> None:
        """Let the shop tell ``count`` facts."""
        self.shop = Node(name=name, command=("tests.chaos.generator", name, str(count), str(rate), str(seed)), folder=self.folder,
                         role="shop", keep_alive=False)
        self.shop.start()

    def told(self) -> int:
        """How many facts the shop has committed."""
        return sum(path.read_bytes().count(b"\n") for path in self.folder.glob("ledger.*"))

    def python(self, *command: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a module with the run's settings to its end."""
        own = {"COMMS_CHAOS_STAGE": str(self.folder / "stage.json"), "DJANGO_SETTINGS_MODULE": "tests.chaos.stage_settings"}
        return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=os.environ | own, capture_output=True, text=True,
                              timeout=timeout, check=False)

    def django(self, *command: str) -> str:
        """Run a management command; it has to succeed."""
        done = self.python("django", *command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _helper(self, module: str, *arguments: object) -> Node:
        return Node(name=module, command=(f"tests.chaos.{module}", *map(str, arguments)), folder=self.folder, role=module, keep_alive=False)

    def _hire(self) -> None:
        """Three hosts: a pool of processes, a pool of threads with a line to the database that may fail, and a single one."""
        if self.broker is None:
            # One thread works and another one sweeps.
            kinds = [(("django", "comms_worker"), 2)] * 2
        else:
            # Besides its pool, the main process of a worker has a thread that sweeps.
            kinds = [(celery("prefork", 2), 3), (celery("threads", 2), 3), (celery("solo", 1), 2)]
            beat = ("celery", "-A", "tests.celery", "beat", "-s", str(self.folder / "schedule"), "-l", "WARNING")
            self.beat = Node(name="beat", command=beat, folder=self.folder, role="beat")
        renamed = can_rename_hosts()
        for number, (command, senders) in enumerate(kinds, 1):
            host = f"host{number}" if self.has_server else "host1"  # a file of SQLite's is on one host
            self.workers.append(Node(name=f"worker{number}", command=command, folder=self.folder, host=host, senders=senders,
                                     renamed=renamed))

    def _write_settings(self) -> None:
        mine = self.database.django()
        far = {**mine, "PORT": self.proxy_port} if self.has_server else mine
        (self.folder / "stage.json").write_text(json.dumps({
            "folder": str(self.folder), "databases": {"shop": mine, "host2": far}, "broker": self.broker_kind,
            "broker_url": self.broker.url if self.broker else "memory://", "smtp_ports": self.smtp_ports, "sweep_seconds": SWEEP_SECONDS,
            "settings": COMPRESSED,
        }))
