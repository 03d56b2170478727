"""Where the tests look for databases and brokers, and whether they answer there.

``python -m tests.services postgres redis`` ends with a plain sentence and status 1 if one of them does not answer.
"""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import quote


def _env(name: str, default: str) -> str:
    return os.environ.get(f"COMMS_TEST_{name}", default)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A place in the network, and the words in which its absence is told."""

    title: str
    setting: str
    host: str = ""
    port: int = 0

    def problem(self) -> str:
        """Why it cannot be used, in one sentence; empty if it answers."""
        if not self.host:
            return ""
        try:
            socket.create_connection((self.host, self.port), timeout=3).close()
        except OSError as error:
            return (f"{self.title} does not answer at {self.host}:{self.port} ({error}). Start it, or say where it is "
                    f"with COMMS_TEST_{self.setting}_HOST and COMMS_TEST_{self.setting}_PORT.")
        return ""


@dataclass(frozen=True, kw_only=True)
class Database(Server):
    """A database server, as Django's settings name it."""

    engine: str
    name: str = "comms"
    user: str = ""
    password: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def django(self) -> dict[str, Any]:
        """The entry for ``settings.DATABASES``."""
        if self.engine == "mysql":
            import_mysql_driver()
        entry: dict[str, Any] = {"ENGINE": f"django.db.backends.{self.engine}", "NAME": self.name, "OPTIONS": self.options}
        return entry | {"HOST": self.host, "PORT": self.port, "USER": self.user, "PASSWORD": self.password} if self.host else entry


@dataclass(frozen=True, kw_only=True)
class Broker(Server):
    """A broker, as Celery's settings name it."""

    url: str
    transport_options: dict[str, Any] = field(default_factory=dict)


def import_mysql_driver() -> None:
    """Let PyMySQL, which needs no compiler, stand in for the driver that Django imports."""
    import_module("pymysql").install_as_MySQLdb()


def _database(title: str, setting: str, port: str, user: str, engine: str, **options: Any) -> Database:
    host, number = _env(f"{setting}_HOST", "127.0.0.1"), int(_env(f"{setting}_PORT", port))
    return Database(title=title, setting=setting, engine=engine, host=host, port=number, options=options,
                    user=_env(f"{setting}_USER", user), password=_env(f"{setting}_PASSWORD", ""))


def _broker(title: str, setting: str, port: str, url: str, **transport_options: Any) -> Broker:
    host, number = _env(f"{setting}_HOST", "127.0.0.1"), int(_env(f"{setting}_PORT", port))
    user, password = quote(_env(f"{setting}_USER", "guest")), quote(_env(f"{setting}_PASSWORD", "guest"))
    return Broker(title=title, setting=setting, host=host, port=number, transport_options=transport_options,
                  url=url.format(host=host, port=number, user=user, password=password))


DATABASES: dict[str, Database] = {
    "sqlite": Database(title="SQLite", setting="SQLITE", engine="sqlite3", name=":memory:"),
    "postgres": _database("PostgreSQL", "POSTGRES", "5432", "postgres", "postgresql"),
    "mariadb": _database("MariaDB", "MARIADB", "3306", "root", "mysql", charset="utf8mb4"),
}
BROKERS: dict[str, Broker] = {
    "memory": Broker(title="Memory", setting="MEMORY", url="memory://"),
    # Database 15, so that a worker of another project on the same machine does not take the tests' tasks.
    "redis": _broker("Redis", "REDIS", "6379", "redis://{host}:{port}/15",
                     socket_timeout=3, socket_connect_timeout=1, retry_on_timeout=False),
    "rabbitmq": _broker("RabbitMQ", "RABBITMQ", "5672", "amqp://{user}:{password}@{host}:{port}//",
                        confirm_publish=True, max_retries=0, read_timeout=3, write_timeout=3),
}


def main(names: list[str]) -> int:
    """Print what is wrong with the services ``names``; the exit status says whether anything is."""
    known: dict[str, Server] = {**DATABASES, **BROKERS}
    problems = [known[name].problem() for name in names]
    for problem in filter(None, problems):
        print(problem, file=sys.stderr)
    return int(any(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
