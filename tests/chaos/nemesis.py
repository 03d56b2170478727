"""What goes wrong in a run: one table of faults, a seeded plan of when each strikes, and the hand that carries it out.

Every fault ends after a while, and what it broke is mended as an operator, systemd or time would mend it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from tests.chaos.nodes import Node
from tests.chaos.sink import TROUBLES
from tests.chaos.stage import COMPRESSED, Stage

LEASE = float(COMPRESSED["LEASE_SECONDS"])
AIM_SECONDS = 1.5
"""So long a killer waits for its victim to be in the middle of a mail."""


@dataclass
class Incident:
    """A fault that struck."""

    fault: str
    target: str = ""
    at: float = 0.0
    until: float = 0.0
    senders: int = 0
    """How many threads may have had a mail in hand of which nobody knows now whether it was accepted."""


Mend = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A way in which something goes wrong."""

    name: str
    area: str
    """What is busy while it lasts: two faults of one area never overlap."""
    lasts: tuple[float, float]
    strike: Callable[[Stage, random.Random, Incident], Mend]
    """Break something, say in the incident what, and return what mends it."""
    possible: Callable[[Stage], bool] = lambda stage: True


def _caught(stage: Stage, chance: random.Random, nodes: Sequence[Node]) -> Node:
    """One of ``nodes`` that is in the middle of a mail: the mail server has taken it and not said so yet. Any, if none is."""
    with open(stage.folder / "sink", encoding="utf-8") as mails:
        mails.seek(0, os.SEEK_END)
        deadline = time.monotonic() + AIM_SECONDS
        while time.monotonic() < deadline:
            line = mails.readline()
            if line.endswith("\n"):
                host = str(json.loads(line).get("helo", "")).partition(".")[0]
                if there := [node for node in nodes if node.host == host]:
                    return chance.choice(there)
            else:
                time.sleep(0.001)
    return chance.choice(nodes)


def _note(incident: Incident, node: Node, senders: int | None = None) -> None:
    incident.target, incident.at = node.name, time.monotonic()
    incident.senders = node.senders if senders is None else senders


# ---- processes ------------------------------------------------------------------------------------------------------


def kill_worker(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """``kill -9`` of a worker with its whole pool."""
    node = _caught(stage, chance, stage.workers)
    node.kill()
    _note(incident, node)
    return node.start


def lose_host(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """A host is gone with its disk, journals included; another one takes its place."""
    node = _caught(stage, chance, stage.workers)
    node.kill()
    shutil.rmtree(node.home, ignore_errors=True)
    _note(incident, node)
    return node.start


def kill_child(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """``kill -9`` of one process of a pool, as the kernel does it when memory runs out."""
    node = _caught(stage, chance, [stage.workers[0]])
    children = node.children()
    if children:
        os.kill(chance.choice(children), signal.SIGKILL)
    _note(incident, node, 1)
    return lambda: None


def pause_worker(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """A worker is stopped for longer than its lease, and then goes on as if nothing had happened."""
    node = _caught(stage, chance, stage.workers)
    node.signal(signal.SIGSTOP)
    _note(incident, node)
    return partial(node.signal, signal.SIGCONT)


def stop_worker(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """SIGTERM while it sends, as a deploy does it: what it has in hand is brought to its end."""
    node = _caught(stage, chance, stage.workers)
    polite = node.terminate()
    _note(incident, node, 0 if polite else node.senders)
    return node.start


def kill_beat(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """``kill -9`` of beat."""
    beat = stage.beat
    assert beat is not None
    beat.kill()
    return beat.start


def kill_shop(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """``kill -9`` of the shop in the middle of its checkouts; the run opens another."""
    if stage.shop is not None and stage.shop.is_alive():
        stage.shop.kill()
    return lambda: None


def jump(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """The clock of one host jumps by hours."""
    node, hours = chance.choice(stage.workers), chance.choice([3, -3])
    node.clock_file.write_text(str(hours * 3600))
    _note(incident, node, 0)
    incident.target += f" by {hours:+} h"
    return node.clock_file.unlink


# ---- services -------------------------------------------------------------------------------------------------------


def stop_broker(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """The broker is down."""
    assert stage.broker is not None
    stage.broker.stop()
    return stage.broker.start


def freeze_broker(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """The broker takes connections and says nothing."""
    assert stage.broker is not None
    stage.broker.freeze()
    return stage.broker.thaw


def wipe_broker(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """The broker forgets every message."""
    assert stage.broker is not None
    stage.broker.wipe()
    return lambda: None


def restart_database(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """The database is restarted in good order; every connection is lost."""
    stage.database.stop()
    return stage.database.start


def crash_database(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """The database dies in the middle of a mail and recovers from its log."""
    _caught(stage, chance, stage.workers)
    stage.database.crash()
    incident.senders = sum(node.senders for node in stage.workers)  # as when it is frozen: it may be away for longer than a lease
    return stage.database.start


def freeze_database(stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """The database says nothing for a while, longer than a lease: claims end whose owners live."""
    stage.database.freeze()
    incident.senders = sum(node.senders for node in stage.workers)
    return stage.database.thaw


def lose_line(mode: str, stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """One host cannot reach the database, and others take over its work."""
    stage.line(mode)
    _note(incident, stage.workers[1])
    return partial(stage.line, "pass")


def trouble(kind: str, seconds: float, left: int, stage: Stage, chance: random.Random, incident: Incident) -> Mend:
    """The mail server does something wrong, at one door or at both; what it left unanswered it knows itself."""
    ports = chance.choice([stage.smtp_ports, stage.smtp_ports[:1]])
    incident.target = "both doors" if len(ports) > 1 else "first door"
    stage.trouble(kind, seconds=seconds, left=left, ports=ports)
    # What is cut short at the very moment of the answer may look answered to the mail server.
    incident.senders = sum(node.senders for node in stage.workers) if kind in ("slow", "drip", "silence") else 0
    return stage.trouble


def _has_server(stage: Stage) -> bool:
    return stage.has_server


def _has_broker(stage: Stage) -> bool:
    return stage.broker is not None


MAIL = {
    "slow": (1.5, -1), "drip": (0.2, -1), "silence": (0, -1), "421": (0, -1), "450": (0, -1), "451": (0, -1), "452": (0, -1),
    # For good is for good: a few of these are enough.
    "550": (0, 3), "554": (0, 3),
    "taken, then silence": (0, 4), "taken, then closed": (0, 8), "closed after MAIL": (0, -1), "closed before the dot": (0, -1),
    "lost after the dot": (0, 8),
}
"""Seconds, and how often."""

FAULTS: tuple[Fault, ...] = (
    Fault(name="worker killed", area="worker", lasts=(0.3, 2), strike=kill_worker),
    Fault(name="host lost", area="worker", lasts=(0.3, 2), strike=lose_host, possible=_has_server),
    Fault(name="pool process killed", area="worker", lasts=(0.1, 0.5), strike=kill_child, possible=_has_broker),
    Fault(name="worker paused", area="worker", lasts=(LEASE + 1, 2 * LEASE), strike=pause_worker),
    Fault(name="worker stopped", area="worker", lasts=(0.1, 1), strike=stop_worker),
    Fault(name="beat killed", area="beat", lasts=(0.5, 10), strike=kill_beat, possible=_has_broker),
    Fault(name="shop killed", area="shop", lasts=(0.1, 0.5), strike=kill_shop),
    Fault(name="clock jumped", area="clock", lasts=(4, 12), strike=jump, possible=_has_server),
    Fault(name="broker stopped", area="broker", lasts=(2, 10), strike=stop_broker, possible=_has_broker),
    Fault(name="broker frozen", area="broker", lasts=(2, 10), strike=freeze_broker, possible=_has_broker),
    Fault(name="broker emptied", area="broker", lasts=(0.1, 0.5), strike=wipe_broker, possible=_has_broker),
    Fault(name="database restarted", area="database", lasts=(0.1, 3), strike=restart_database, possible=_has_server),
    Fault(name="database crashed", area="database", lasts=(0.1, 12), strike=crash_database, possible=_has_server),
    Fault(name="database frozen", area="database", lasts=(2, 12), strike=freeze_database),
    Fault(name="line frozen", area="database", lasts=(LEASE, 2 * LEASE), strike=partial(lose_line, "freeze"), possible=_has_server),
    Fault(name="line cut", area="database", lasts=(1, 8), strike=partial(lose_line, "cut"), possible=_has_server),
    *(Fault(name=f"mail: {kind}", area="mail", lasts=(2, 8), strike=partial(trouble, kind, *MAIL[kind])) for kind in TROUBLES),
)
BY_NAME = {fault.name: fault for fault in FAULTS}


class Nemesis:
    """Strikes ``count`` times within ``seconds``: every possible fault in turn, shuffled, at moments of the seed's choosing."""

    def __init__(self, stage: Stage, names: Sequence[str], count: int, seconds: float, seed: int, *, long: float = 1.0) -> None:
        self.stage, self._long = stage, long
        self.incidents: list[Incident] = []
        self._chance = random.Random(f"nemesis {seed}")
        self._plan = self._plan_of([BY_NAME[name] for name in names], count, seconds)
        self._active: list[tuple[float, Fault, Incident, Mend]] = []
        self._began = time.monotonic()

    def _plan_of(self, faults: Sequence[Fault], count: int, seconds: float) -> list[tuple[float, Fault]]:
        possible = [fault for fault in faults if fault.possible(self.stage)]
        deck: list[Fault] = []
        while len(deck) < count:
            deck += self._chance.sample(possible, len(possible))
        gap = seconds / max(1, count)
        return [(gap * (place + self._chance.uniform(0.2, 0.8)), fault) for place, fault in enumerate(deck[:count])]

    def turn(self) -> None:
        """Do what is due: mend first, then strike."""
        now = time.monotonic()
        for entry in [entry for entry in self._active if entry[0] <= now]:
            self._mend(entry)
        busy = {fault.area for _until, fault, _incident, _mend in self._active}
        if self._plan and self._plan[0][0] <= now - self._began and self._plan[0][1].area not in busy:
            self._strike(self._plan.pop(0)[1])

    def is_done(self) -> bool:
        """Whether everything struck and was mended."""
        return not self._plan and not self._active

    def summary(self) -> list[dict[str, Any]]:
        """The incidents as plain data."""
        return [asdict(incident) for incident in self.incidents]

    def _strike(self, fault: Fault) -> None:
        incident = Incident(fault.name, at=time.monotonic())
        mend = fault.strike(self.stage, self._chance, incident)
        low, high = fault.lasts
        self._active.append((time.monotonic() + self._chance.uniform(low, low + (high - low) * self._long), fault, incident, mend))
        self.incidents.append(incident)

    def _mend(self, entry: tuple[float, Fault, Incident, Mend]) -> None:
        self._active.remove(entry)
        _until, _fault, incident, mend = entry
        mend()
        incident.until = time.monotonic()
