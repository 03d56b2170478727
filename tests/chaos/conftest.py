"""Sick brokers, and processes of our own that may be killed."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from celery import Celery
from django.db import connection

from ecommerce_comms import testing
from ecommerce_comms.orders import waker
from tests.chaos.control import wait_until
from tests.chaos.servers import OwnRedis
from tests.services import BROKERS
from tests.settings import BROKER, DATABASE

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0


class FrozenServer:
    """Takes every connection and never says a word."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._guests: list[socket.socket] = []
        self.port = int(self._listener.getsockname()[1])
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                self._guests.append(self._listener.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        """Hang up, so that whoever still waits is let go."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for guest in self._guests:
            guest.close()


@pytest.fixture
def frozen_server() -> Iterator[FrozenServer]:
    """A server that says nothing."""
    server = FrozenServer()
    yield server
    server.close()
    wait_until(waker.idle)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    """A Redis that may be mistreated."""
    pytest.importorskip("redis")
    if problem := OwnRedis.missing():
        pytest.skip(problem)
    server = OwnRedis(tmp_path / "redis")
    server.start()
    yield server
    server.thaw()
    server.close()


@pytest.fixture
def broker_at(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Celery]]:
    """Gives the shop a broker at a URL, and a fresh waker thread; mails are remembered."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": testing.SETTINGS["BACKENDS"], "WAKER": "thread"}
    testing.forget()
    apps = []

    def choose(url: str, **transport_options: Any) -> Celery:
        if url.startswith("redis:"):
            pytest.importorskip("redis")
        app = Celery("chaos", set_as_current=False)
        app.config_from_object("django.conf:settings", namespace="CELERY")
        app.conf.update(broker_url=url, broker_transport_options=transport_options)
        monkeypatch.setattr(waker, "_shops_app", app)
        monkeypatch.setattr(waker, "_waker", waker.Waker())
        apps.append(app)
        return app

    yield choose
    for app in apps:
        app.close()
    testing.forget()


@dataclass
class Scene:
    """Processes of one shop: their database, their queue and their post office."""

    database: str
    queue: str
    post: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *command: str, waker: str = "off", kill_after: int = -1) -> subprocess.Popen[str]:
        """Start ``python -m …`` as a process of the shop."""
        own = {"DATABASE": self.database, "QUEUE": self.queue, "POST": str(self.post), "WAKER": waker, "KILL_AFTER": str(kill_after)}
        env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.chaos.settings"} | {f"COMMS_CHAOS_{name}": own[name] for name in own}
        process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=env, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.running.append(process)
        return process

    def act(self, *arguments: str, **options: Any) -> int:
        """Run one act to its end; returns its exit status."""
        process = self.start("tests.chaos.acts", *arguments, **options)
        said, _nothing = process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, -signal.SIGKILL), said
        return process.returncode

    def worker(self, **options: Any) -> subprocess.Popen[str]:
        """Start a real worker."""
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR")
        return self.start("celery", "-A", "tests.celery", "worker", "--pool", "solo", *quiet, waker="thread", **options)

    def mails(self) -> list[list[str]]:
        """Order number, Message-ID and kind of each mail that the post office took."""
        return [line.split() for line in self.post.read_text().splitlines()] if self.post.exists() else []

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database."""
        if DATABASE == "sqlite":
            with closing(sqlite3.connect(self.database)) as own:
                return own.execute(sql).fetchall()
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def close(self) -> None:
        """Kill what still runs."""
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.fixture
def scene(transactional_db: None, tmp_path: Path) -> Iterator[Scene]:
    """A shop of processes on the tests' database; SQLite's, which lives in memory, is copied into a file."""
    connection.ensure_connection()
    database = str(connection.settings_dict["NAME"])
    if DATABASE == "sqlite":
        database = str(tmp_path / "shop.sqlite3")
        with closing(sqlite3.connect(database)) as file:
            connection.connection.backup(file)
    scene = Scene(database=database, queue=f"comms-chaos-{os.getpid()}-{time.monotonic_ns()}", post=tmp_path / "post")
    yield scene
    scene.close()
    if BROKER != "memory":
        with Celery(broker=BROKERS[BROKER].url, set_as_current=False) as app, app.connection_for_write() as broker:
            broker.default_channel.queue_delete(scene.queue)
