"""The benchmark of quotes measures what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def found():
    command = [sys.executable, "-m", "benchmarks.quote", "--seconds", "0.2", "--processes", "2", "--calls", "20", "--places", "5", "--json"]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "QUOTE_"))}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_quotes_are_measured_by_the_clock_and_by_cpu(found):
    assert set(found["quote"]) == {"places seen before", "each place new"}
    assert all(0 < each["cpu_p50_ms"] <= each["cpu_p95_ms"] and 0 < each["p50_ms"] <= each["p95_ms"] for each in found["quote"].values())


def test_the_api_is_measured_beside_a_bare_view(found):
    assert set(found["http"]) == {"bare Django view", "shipping options"}
    assert all(each["per_second"] > 1 and each["cpu_ms"] > 0 for each in found["http"].values())
    assert set(found["met"]) == {"quote_p95_ms", "requests_per_second"}
