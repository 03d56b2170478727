"""Databases and brokers of a run's own, which it may kill, freeze and empty. The machine's are never touched.

Each has ``start``, ``stop``, ``crash``, ``freeze``, ``thaw``, ``wipe`` and ``close``, and says by ``missing()`` why it cannot run here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.chaos.control import free_port, listens, wait_until
from tests.chaos.processes import family

PATIENCE = 60.0
"""Seconds within which a server has to be up."""
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").exists() else []
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


def find(program: str, *folders: Path) -> str:
    """Where ``program`` is; empty if it is not installed."""
    return shutil.which(program, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", ""), "/usr/sbin"])) or ""


class Server:
    """A process, and the processes that it starts."""

    programs: tuple[str, ...] = ()
    account = ""
    """Who runs it where we are root: database servers refuse to be root."""
    politely, rudely = signal.SIGTERM, signal.SIGKILL

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        if self._other():
            shutil.chown(folder, self.account, self.account)

    @classmethod
    def missing(cls) -> str:
        """Why it cannot be run here; empty if it can."""
        absent = [program for program in cls.programs if not find(program, *POSTGRES, RABBITMQ.parent)]
        return f"{', '.join(absent)} not found" if absent else ""

    def prepare(self) -> None:
        """Make what it needs before its first start."""

    def command(self) -> list[str]:
        """What to run."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """What to run it with."""
        return {}

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with open(self.folder.parent / f"{self.folder.name}.log", "ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                                             env=os.environ | self.environment(), **self._other())
        wait_until(self.answers, PATIENCE, f"for {self.folder.name}")

    def answers(self) -> bool:
        """Whether it can be used."""
        return listens(self.port)

    def stop(self) -> None:
        """Ask it to end, as an operator would."""
        self._end(self.politely)

    def crash(self) -> None:
        """End it without a chance to put anything in order; what it has confirmed must be there when it is started again."""
        self._end(self.rudely)

    def _end(self, how: int) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(20)
            self.close()

    def freeze(self) -> None:
        """Stop it, and all that it started, in the middle of whatever they do."""
        self._each(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._each(signal.SIGCONT)

    def wipe(self) -> None:
        """Kill it, take away all that it kept, and start it anew."""
        self.close()
        self.forget()
        self.start()

    def forget(self) -> None:
        """Take away what it kept on disk."""

    def close(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._each(signal.SIGKILL)
            self._process.wait()
            wait_until(lambda leader=self._process.pid: not family(leader), PATIENCE, f"for the end of {self.folder.name}")

    def _each(self, how: int) -> None:
        if self._process is not None:
            for process in family(self._process.pid):
                with suppress(ProcessLookupError):
                    os.kill(process.pid, how)

    def _other(self) -> dict[str, Any]:
        """Arguments of ``Popen`` that let another account run it, where that is needed."""
        return {"user": self.account, "group": self.account, "extra_groups": []} if self.account and os.geteuid() == 0 else {}

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, cwd=self.folder, capture_output=True, check=False, **self._other())
        assert done.returncode == 0, (done.stdout + done.stderr).decode("utf-8", "replace")


class OwnRedis(Server):
    """A Redis that keeps nothing on disk."""

    programs = ("redis-server",)

    def command(self) -> list[str]:
        """One process, in memory."""
        return [find("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]

    @property
    def url(self) -> str:
        """For Celery."""
        return f"redis://127.0.0.1:{self.port}/0"


class OwnRabbit(Server):
    """A RabbitMQ node."""

    programs = ("rabbitmq-server",)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._distribution = free_port()
        (folder / "plugins").write_text("[].")

    @classmethod
    def missing(cls) -> str:
        """The script in the path insists on an account of its own; the one behind it does not."""
        return "" if RABBITMQ.exists() else super().missing() or f"{RABBITMQ} not found"

    def command(self) -> list[str]:
        """One node."""
        return [str(RABBITMQ)]

    def environment(self) -> dict[str, str]:
        """Everything of its own, the cookie in its home included."""
        names = {
            "NODENAME": f"chaos{self.port}@localhost", "NODE_IP_ADDRESS": "127.0.0.1", "NODE_PORT": self.port,
            "DIST_PORT": self._distribution,
            "MNESIA_BASE": self.folder / "mnesia", "LOG_BASE": self.folder / "log", "ENABLED_PLUGINS_FILE": self.folder / "plugins",
            "CONFIG_FILE": self.folder / "rabbitmq", "PID_FILE": self.folder / "pid",
        }
        return {"HOME": str(self.folder), **{f"RABBITMQ_{name}": str(value) for name, value in names.items()}}

    def forget(self) -> None:
        """Its queues and messages."""
        shutil.rmtree(self.folder / "mnesia", ignore_errors=True)

    @property
    def url(self) -> str:
        """For Celery."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"


class OwnPostgres(Server):
    """A PostgreSQL cluster."""

    programs = ("initdb", "postgres")
    account = "postgres"
    politely, rudely = signal.SIGINT, signal.SIGQUIT
    """What PostgreSQL calls a fast and an immediate shutdown."""

    def prepare(self) -> None:
        """Make the cluster."""
        self._run(find("initdb", *POSTGRES), "-D", str(self.folder / "data"), "-A", "trust", "-U", "comms", "--no-sync", "-E", "UTF8")

    def command(self) -> list[str]:
        """With room for many workers; as durable as by default."""
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder), "max_connections": "200"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [find("postgres", *POSTGRES), "-D", str(self.folder / "data"), "-p", str(self.port), *options]

    def answers(self) -> bool:
        """While it recovers from a crash it listens already, and takes nobody."""
        ready = [find("pg_isready", *POSTGRES), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def django(self) -> dict[str, Any]:
        """The entry for ``settings.DATABASES``."""
        return {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "comms", "HOST": "127.0.0.1", "PORT": self.port}


class OwnMariadb(Server):
    """A MariaDB server."""

    programs = ("mariadbd", "mariadb-install-db", "mariadb")
    account = "mysql"

    def prepare(self) -> None:
        """Make its tables, a database and an account."""
        self._run(find("mariadb-install-db"), "--no-defaults", f"--datadir={self.folder / 'data'}",
                  "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
        self.start()
        self._run(find("mariadb"), "--no-defaults", f"--socket={self.folder / 'socket'}", "-u", "root", "-e",
                  "CREATE DATABASE comms CHARACTER SET utf8mb4; CREATE USER comms@'127.0.0.1'; GRANT ALL ON *.* TO comms@'127.0.0.1'")
        self.stop()

    def command(self) -> list[str]:
        """As durable as by default."""
        return [find("mariadbd"), "--no-defaults", f"--datadir={self.folder / 'data'}", f"--socket={self.folder / 'socket'}",
                f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve"]

    def django(self) -> dict[str, Any]:
        """The entry for ``settings.DATABASES``."""
        return {"ENGINE": "django.db.backends.mysql", "NAME": "comms", "USER": "comms", "HOST": "127.0.0.1", "PORT": self.port,
                "OPTIONS": {"charset": "utf8mb4"}}


class SqliteFile(Server):
    """A file; it has no server that could die, and is frozen by whoever holds its lock."""

    programs = ()
    HOLD = "import sqlite3, sys, time; d = sqlite3.connect(sys.argv[1], timeout=30); d.execute('BEGIN EXCLUSIVE'); time.sleep(600)"

    def start(self) -> None:
        """There is nothing to start."""

    def freeze(self) -> None:
        """Hold the lock."""
        self._process = subprocess.Popen([find("python3"), "-c", self.HOLD, str(self.folder / "shop.sqlite3")], start_new_session=True)

    def thaw(self) -> None:
        """Let go of it."""
        self.close()

    def django(self) -> dict[str, Any]:
        """The entry for ``settings.DATABASES``; as any shop on SQLite needs it once two processes write."""
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(self.folder / "shop.sqlite3"),
                "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20}}


DATABASES: dict[str, type[Server]] = {"sqlite": SqliteFile, "postgres": OwnPostgres, "mariadb": OwnMariadb}
BROKERS: dict[str, type[Server] | None] = {"none": None, "redis": OwnRedis, "rabbitmq": OwnRabbit}
