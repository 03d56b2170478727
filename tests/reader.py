"""A reader of the documentation who does to the letter what a page says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Commands that only set up, or that do not end by themselves: they are looked up, not run.
LOOKED_UP = ("venv", "pip", "runserver", "createsuperuser", "worker", "beat")


class Reader:
    """Does what a page says, from top to bottom, in one folder: writes its files, runs its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []

    def follow(self, page: Path) -> None:
        for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
            if language == "python":
                self.write(block)
            for line in block.splitlines() if language == "console" else ():
                self.run(line.removeprefix("$ "))

    def write(self, block: str) -> None:
        path, _, how = block.splitlines()[0].removeprefix("# ").partition(", ")
        compile(block, path, "exec")
        target = self.folder / path
        if how == "at the end":
            target.write_text(target.read_text() + "\n" + block)
        elif how == "":
            target.write_text(block)
        else:
            assert how in ("in production", "as an example"), how

    def run(self, line: str) -> None:
        if line.startswith(("make ", ". ")) or any(word in LOOKED_UP for word in shlex.split(line)):
            return
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        done = subprocess.run(line, shell=True, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr, f"{line}\n{done.stderr}"
        self.said.append(done.stdout)

    def mails(self) -> list[EmailMessage]:
        """What lies in the folder for mails, in the order in which it was written."""

        def written(path: Path) -> int:
            return path.stat().st_mtime_ns

        paths = sorted((self.folder / "mails").iterdir(), key=written)
        pieces = (piece for path in paths for piece in re.split(rb"(?m)^-{79}\n", path.read_bytes()))
        return [message_from_bytes(piece, policy=policy.default) for piece in pieces if piece.strip()]
