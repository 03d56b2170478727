"""The settings of the tests, on a database of the run's own."""

from __future__ import annotations

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["COMMS_BENCH_DATABASE"]
LOGGING_CONFIG = None
