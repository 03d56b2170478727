"""The matrix: every Python and Django that the project promises, and the lowest version of each dependency."""

from __future__ import annotations

import os
import re
from configparser import ConfigParser
from pathlib import Path

import nox

HERE = Path(__file__).parent
MATRIX = [("3.11", "5.2"), ("3.12", "6.0"), ("3.13", "6.1")]
# What hostile texts may do is the same everywhere, and was found out before on the Python at hand.
PYTEST = ["pytest", "-n", os.environ.get("WORKERS", "2"), "-m", "not browser", "--ignore=tests/messaging/test_hostile.py"]

nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False
# pyenv keeps its Pythons where PATH does not show them.
os.environ["PATH"] += "".join(f"{os.pathsep}{folder}" for folder in sorted(Path.home().glob(".pyenv/versions/3.*/bin")))


EXTRAS = ("estimates", "metrics", "tracing")
"""What the extra ``test`` brings along of the app's own."""


def floors() -> list[str]:
    """The lowest version of each dependency that setup.cfg allows, those of ``EXTRAS`` included."""
    parser = ConfigParser()
    parser.read(HERE / "setup.cfg")
    extras = parser["options.extras_require"]
    lines = [*parser["options"]["install_requires"].split(), *(line for name in EXTRAS for line in extras[name].split())]
    return [re.sub(r">=([\d.]+).*", r"==\1", line) for line in lines]


@nox.session
@nox.parametrize("python,django", MATRIX, ids=[f"{python}-{django}" for python, django in MATRIX])
def tests(session: nox.Session, django: str) -> None:
    """Run the tests on one Python with one Django."""
    session.install("-e", ".[test]", f"Django~={django}.0")
    session.run(*PYTEST, *session.posargs)


@nox.session(name="floors", python="3.11")
def lowest(session: nox.Session) -> None:
    """Run the tests on the lowest versions that setup.cfg allows."""
    session.install("-e", ".[test]", *floors())
    session.run(*PYTEST, *session.posargs)
