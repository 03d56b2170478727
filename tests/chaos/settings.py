"""Settings of the processes that the chaos tests start: the tests' own, on the database and the queue of one test."""

from __future__ import annotations

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASE, DATABASES, ECOMMERCE_COMMS

DATABASES = {**DATABASES, "default": {**DATABASES["default"], "NAME": os.environ["COMMS_CHAOS_DATABASE"]}}
if DATABASE == "sqlite":
    # As the example shop has it, and as any shop on SQLite needs it once two processes write.
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}
CELERY_TASK_DEFAULT_QUEUE = os.environ["COMMS_CHAOS_QUEUE"]
ECOMMERCE_COMMS = {**ECOMMERCE_COMMS, "BACKENDS": {"email": "tests.chaos.post.FilePost"}, "WAKER": os.environ["COMMS_CHAOS_WAKER"]}
