"""``make`` installs what is missing, once, and leaves a virtualenv alone that has it, also one that two checkouts share."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = ("Makefile", "requirements.txt", "requirements-dev.txt", "requirements-bench.txt", "setup.cfg", "pyproject.toml")
pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="needs make")


class Checkout:
    """The files that ``make`` reads, beside a virtualenv whose Python only writes down what it is asked for."""

    def __init__(self, folder: Path, venv: Path) -> None:
        folder.mkdir()
        for name in FILES:
            shutil.copyfile(ROOT / name, folder / name)
        (folder / ".venv").symlink_to(venv)
        self.folder, self.asked = folder, venv / "asked"

    def installs(self, target: str) -> int:
        """How often ``make target`` called pip."""
        self.asked.write_text("")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        done = subprocess.run(["make", target], cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return self.asked.read_text().count("pip --disable-pip-version-check --quiet install")


@pytest.fixture
def venv(tmp_path):
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\necho "$*" >> "{tmp_path}/venv/asked"\n')
    python.chmod(0o755)
    return tmp_path / "venv"


@pytest.fixture
def here(tmp_path, venv):
    return Checkout(tmp_path / "here", venv)


def test_it_installs_once(here):
    assert [here.installs("demo"), here.installs("demo")] == [2, 0]  # the requirements, and the app itself
    assert [here.installs("lint"), here.installs("lint"), here.installs("demo")] == [1, 0, 0]


def test_another_checkout_that_shares_the_virtualenv_installs_nothing_again(here, tmp_path, venv):
    here.installs("lint")
    there = Checkout(tmp_path / "there", venv)
    for name in FILES:
        os.utime(there.folder / name, (4e9, 4e9))  # far newer than what was installed
    assert [there.installs("demo"), there.installs("lint")] == [0, 0]


@pytest.mark.parametrize("name, installs", [("requirements.txt", 3), ("setup.cfg", 3), ("requirements-dev.txt", 1)])
def test_changed_requirement_is_installed(here, name, installs):
    here.installs("lint")
    with (here.folder / name).open("a") as file:
        file.write("# changed\n")
    assert [here.installs("lint"), here.installs("lint")] == [installs, 0]
