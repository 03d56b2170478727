"""The databases and brokers of a run: made for it, measured, and removed after it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

from benchmarks.processes import GONE, cpu
from tests.services import BROKERS, DATABASES


class Database:
    """A database of the run's own, on a server that may have others."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.name = f"comms_bench_{os.getpid()}"

    def make(self) -> None:
        """Make it, empty; for SQLite that is a folder, and Django makes the file."""
        if self.kind == "sqlite":
            self.name = str(Path(tempfile.mkdtemp(prefix="comms-bench-")) / "shop.sqlite3")
            return
        self.close()
        self._run(f"CREATE DATABASE {self.name}" + (" CHARACTER SET utf8mb4" if self.kind == "mariadb" else ""))

    def close(self) -> None:
        """Drop it."""
        if self.kind == "sqlite":
            shutil.rmtree(Path(self.name).parent, ignore_errors=True)
            return
        self._run(f"DROP DATABASE IF EXISTS {self.name}" + (" WITH (FORCE)" if self.kind == "postgres" else ""))

    def cpu(self) -> float | None:
        """Seconds of CPU of the whole server so far, other databases too; ``None`` if it is no process of this machine."""
        name = {"postgres": "postgres", "mariadb": "mariadbd"}.get(self.kind)
        return cpu_of(name) if name else None

    def version(self) -> str:
        """Of the server."""
        if self.kind == "sqlite":
            return f"SQLite {sqlite3.sqlite_version}"
        return self._run("SELECT version()")

    def _run(self, statement: str) -> str:
        """Run ``statement`` outside any transaction; returns the first value, if there is one."""
        server = DATABASES[self.kind]
        who: dict[str, Any] = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
        driver = import_module("psycopg" if self.kind == "postgres" else "pymysql")
        options = {"dbname": "postgres", "autocommit": True} if self.kind == "postgres" else {"autocommit": True}
        with closing(driver.connect(**who, **options)) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            return str(cursor.fetchone()[0]) if cursor.description else ""


class OwnRedis:
    """A Redis of the run's own, which may be frozen."""

    def __init__(self) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tempfile.gettempdir(),
        )
        self.url = f"redis://127.0.0.1:{port}/0"
        _wait_for(port)

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        return cpu(self._process.pid)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It takes connections meanwhile and says nothing."""
        self._process.send_signal(signal.SIGSTOP)
        yield
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


class Rabbit:
    """The RabbitMQ of this machine; it may have other guests and is not frozen."""

    url = BROKERS["rabbitmq"].url

    def cpu(self) -> float | None:
        """Seconds of CPU of the whole server so far."""
        return cpu_of("beam.smp")

    def close(self) -> None:
        """Its queues were removed one by one."""


BROKER_KINDS = {"redis": OwnRedis, "rabbitmq": Rabbit}


def cpu_of(name: str) -> float | None:
    """CPU of the oldest process called ``name`` and of all that come from it."""
    found = [process for process in psutil.process_iter(["name", "create_time"]) if process.info["name"] == name]
    try:
        return cpu(min(found, key=lambda process: process.info["create_time"]).pid) if found else None
    except GONE:
        return None


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("redis-server did not start.")
