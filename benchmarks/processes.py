"""Processes of a run: started, halted, killed, and what they cost, children and all."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.scene import Scene
from benchmarks.sink import Arrival

ROOT = Path(__file__).parent.parent
GONE = (psutil.NoSuchProcess, psutil.ZombieProcess)


def tree(pid: int) -> list[psutil.Process]:
    """The process ``pid`` and all that come from it."""
    with suppress(*GONE):
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    return []


def cpu(pid: int) -> float:
    """Seconds of CPU, user and system, of the process ``pid``, all that come from it, and those of them that have ended."""
    total = 0.0
    for process in tree(pid):
        with suppress(*GONE):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


@dataclass
class Memory:
    """The most that a tree of processes held, in megabytes."""

    resident: float = 0.0
    """Sum of what each has, so that shared pages count several times."""
    proportional: float = 0.0
    """Shared pages counted once (PSS)."""
    processes: int = 0

    def look(self, pid: int) -> None:
        """Measure once more."""
        resident, proportional, count = 0, 0, 0
        for process in tree(pid):
            with suppress(*GONE):
                found = process.memory_full_info()
                resident, proportional, count = resident + found.rss, proportional + found.pss, count + 1
        if proportional / 1e6 > self.proportional:
            self.resident, self.proportional, self.processes = resident / 1e6, proportional / 1e6, count


class Worker:
    """The processes that send; what they print goes into a file."""

    def __init__(self, command: tuple[str, ...], scene: Scene, log: Path) -> None:
        self._log = log
        self._options: dict[str, Any] = {"cwd": ROOT, "env": scene.environ(), "stdin": subprocess.DEVNULL, "start_new_session": True}
        self._command = [sys.executable, *command, *(("-Q", scene.queue) if "celery" in command else ())]
        self.start()

    def start(self) -> None:
        """Start it, for the first time or again."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, **self._options)

    @property
    def pid(self) -> int:
        """Of its first process."""
        return self._process.pid

    def running(self) -> bool:
        """Whether its first process lives."""
        return self._process.poll() is None

    def said(self) -> str:
        """The last of what it printed."""
        return self._log.read_text(errors="replace")[-2000:]

    def signal(self, number: int) -> None:
        """To all of its processes."""
        for process in tree(self.pid):
            with suppress(*GONE):
                process.send_signal(number)

    def kill(self) -> None:
        """``kill -9`` all of it at once."""
        self.signal(signal.SIGKILL)
        self._process.wait()

    def end(self) -> None:
        """Ask it to end, and kill what does not."""
        left = tree(self.pid)
        self.signal(signal.SIGCONT)
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(15)
        for process in left:
            with suppress(*GONE):
                process.kill()
        self._process.wait()

    @contextmanager
    def halted(self) -> Iterator[None]:
        """It stands still meanwhile."""
        self.signal(signal.SIGSTOP)
        yield
        self.signal(signal.SIGCONT)

    @contextmanager
    def watched(self, every: float = 1.0) -> Iterator[Memory]:
        """Its memory is measured meanwhile."""
        memory, done = Memory(), threading.Event()

        def watch() -> None:
            while not done.wait(every):
                memory.look(self.pid)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        yield memory
        done.set()
        thread.join()
        memory.look(self.pid)


class Sink:
    """The mail server, as a process of its own."""

    def __init__(self, *, chunking: bool = False) -> None:
        command = [sys.executable, "-m", "benchmarks.sink", *(["--chunking"] if chunking else [])]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.pid = self._process.pid

    def _ask(self, question: str) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{question}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def count(self) -> int:
        """How many mails came since the last ``take``."""
        return int(self._ask("count"))

    def take(self) -> list[Arrival]:
        """The mails that came since the last time."""
        return [tuple(arrival) for arrival in self._ask("take")]

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


class Shop:
    """The shop's own processes."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def act(self, act: str, *arguments: object, timeout: float = 600, given: str = "", **changes: Any) -> list[Any]:
        """Run one of ``benchmarks.acts`` to its end; returns what it said, line for line."""
        return _lines(self._run(act, arguments, timeout, given, changes))

    def act_for(self, seconds: float, act: str, *arguments: object) -> list[Any]:
        """The same, but it is stopped after ``seconds``; returns what it had said by then."""
        try:
            return self.act(act, *arguments, timeout=seconds)
        except subprocess.TimeoutExpired as stopped:
            return _lines((stopped.stdout or b"").decode())

    def start(self, act: str, *arguments: object) -> Callable[[], list[Any]]:
        """Start one; what is returned waits for its end and gives what it said."""
        process = subprocess.Popen(_command(act, arguments), cwd=ROOT, env=self._scene.environ(), text=True, stdout=subprocess.PIPE)
        return lambda: _lines(process.communicate()[0])

    def _run(self, act: str, arguments: tuple[object, ...], timeout: float, given: str, changes: dict[str, Any]) -> str:
        scene = Scene(**{**vars(self._scene), **changes})
        done = subprocess.run(_command(act, arguments), cwd=ROOT, env=scene.environ(), text=True, input=given, timeout=timeout,
                              capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{act} failed: {done.stderr[-2000:]}")
        return done.stdout


def _command(act: str, arguments: tuple[object, ...]) -> list[str]:
    return [sys.executable, "-m", "benchmarks.acts", act, *map(str, arguments)]


def _lines(said: str) -> list[Any]:
    """What was said in JSON; a process that was stopped may have left half a line."""
    found = []
    for line in said.splitlines():
        with suppress(ValueError):
            found.append(json.loads(line))
    return found
