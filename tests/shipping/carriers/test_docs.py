"""What the pages on carriers say is true: their tables, and the script that a reader would paste."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from django.test import Client

from ecommerce_comms.plugins import load
from ecommerce_comms.shipping.carriers import accounts, csvfile, statuses
from ecommerce_comms.shipping.carriers.base import CarrierWebhook
from ecommerce_comms.shipping.carriers.known import CARRIERS
from ecommerce_comms.shipping.models import Scan, TrackingStatus
from tests.reader import FENCE, ROOT

REFERENCE = (ROOT / "docs" / "reference" / "carriers.md").read_text(encoding="utf-8")
HOW_TO = (ROOT / "docs" / "how-to" / "hear-from-your-carriers.md").read_text(encoding="utf-8")
COLUMNS = ("aftership", "easypost", "shippo", "karrio", "plain")


def table_of(name):
    table = load(accounts.PROVIDERS[name], CarrierWebhook, "")
    return statuses.COMMON if name == "plain" else table.statuses


@pytest.mark.parametrize("status", TrackingStatus.values)
def test_every_word_stands_beside_its_status(status):
    [row] = [line for line in REFERENCE.splitlines() if line.startswith(f"| `{status}` |")]
    cells = row.split("|")[3:8]
    for name, cell in zip(COLUMNS, cells, strict=True):
        assert set(re.findall(r"`([^`]+)`", cell)) == {word for word, meant in table_of(name).items() if meant == status}, name


@pytest.mark.parametrize("code", CARRIERS)
def test_every_known_carrier_is_listed(code):
    assert f"\n| {CARRIERS[code].name} |" in REFERENCE


def test_every_column_and_option_is_listed():
    assert [name for name in (*csvfile.COLUMNS, *accounts.OPTIONS) if f"`{name}`" not in REFERENCE] == []
    assert [other for others in csvfile.COLUMNS.values() for other in others if f"`{other}`" not in REFERENCE] == []


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="The script needs curl and openssl.")
@pytest.mark.django_db(transaction=True)
def test_script_of_the_how_to_tells_the_example_shop(example_shop, live_server):
    [script] = [block for language, block in FENCE.findall(HOW_TO) if language == "sh"]
    done = subprocess.run(["bash", "-c", script.replace("http://localhost:8000", live_server.url)],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == '{"new": 1, "known": 0, "waiting": 1, "malformed": 0}', done.stderr
    row = Scan.objects.get()
    assert (row.tracking_number, row.status, row.source, row.state) == ("BC100001", "out_for_delivery", "demo", "waiting")
    assert Client().post("/comms/carriers/demo/", b"{}", content_type="application/json").status_code == 401
