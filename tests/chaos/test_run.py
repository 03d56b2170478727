"""A short run with workers, beat, brokers and databases of its own, all of which fail: nothing is lost, doubles are rare and marked."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.chaos.nodes import ROOT
from tests.chaos.run import missing
from tests.settings import BROKER, DATABASE

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif(DATABASE == "sqlite", reason='takes a minute; "make test-services" plays it on servers, "make chaos" on SQLite too'),
]
WITHOUT_SERVERS = {"memory": "none"}


def test_nothing_is_lost_and_nothing_doubled_unmarked_whatever_is_killed_or_fails():
    """First all is well, and nothing may even be in doubt; then something is killed or fails every few seconds."""
    broker = WITHOUT_SERVERS.get(BROKER, BROKER)
    if problem := missing(DATABASE, broker):
        pytest.skip(f"The run needs servers of its own: {problem}.")
    command = f"-m tests.chaos.run --database {DATABASE} --broker {broker} --short --calm 100 --events 200 --faults 6 --seconds 15"
    run = subprocess.Popen([sys.executable, *command.split()], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        said, _nothing = run.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        run.terminate()  # it takes its servers with it
        said, _nothing = run.communicate()
    assert run.returncode == 0, said
