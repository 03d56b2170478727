"""The documentation is a program too: a shop is built from README and quickstart, and what the pages say is held against the code."""

from __future__ import annotations

import ast
import json
import re
import shlex
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import get_commands
from django.utils.module_loading import import_string

from ecommerce_comms import conf, signals, testing
from ecommerce_comms.adapters.fieldmap import USUAL_NAMES
from ecommerce_comms.beat import BEAT_SCHEDULE
from ecommerce_comms.journeys.rules import SPECS
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.writing import facts, texts
from tests.reader import FENCE, ROOT, Reader

DOCS = ROOT / "docs"
README, QUICKSTART = ROOT / "README.md", DOCS / "quickstart.md"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
SIGNALS = [name for name, value in vars(signals).items() if isinstance(value, signals.Signal)]
CODE = [path.read_text(encoding="utf-8") for path in (ROOT / "ecommerce_comms").rglob("*.py")]
CHECK_IDS = sorted({found for text in CODE for found in re.findall(r'id="(ecommerce_comms\.[EW]\d+)"', text)})
PLAIN_DEFAULTS = [name for name, value in conf.DEFAULTS.items() if isinstance(value, (int, str)) and value]
PLUGINS = """
from ecommerce_comms import plugins
from ecommerce_comms.adapters.base import get_adapter
from ecommerce_comms.messaging.backends.base import get_backend
from ecommerce_comms.shipping.estimators.base import get_estimator
from shop.models import Order


def use(settings, **values):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **values}
    plugins.forget()


def test_adapter(settings):
    use(settings, ORDER_ADAPTER="shop.adapter.ShopOrderAdapter")
    order = Order.objects.create(code="1", buyer_email="asha@customers.example", total=1)
    order.items.create(title="Teapot", amount=7)
    assert get_adapter().check() == []
    assert get_adapter().snapshot(order).total == 7
    assert get_adapter().parcel(order.parcels.create(carrier="C", tracking_number="T7")).tracking_url == "https://track.example/T7"


def test_backend_and_estimator(settings):
    use(settings, BACKENDS={"email": "shop.backends.StagingBackend"}, ESTIMATOR="shop.estimates.CarefulEstimator")
    assert type(get_backend("email")).__name__ == "StagingBackend"
    assert type(get_estimator()).__name__ == "CarefulEstimator"
"""


def console_lines() -> Iterator[tuple[str, str]]:
    """Every command that a page tells its reader to type."""
    for page in PAGES:
        for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
            if language == "console":
                yield from ((page.name, line[2:]) for line in block.splitlines() if line.startswith("$ "))


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def missing_from(name: str, words: Iterator[str] | list[str]) -> list[str]:
    """Which of ``words`` have no place of their own, in backticks, on a page."""
    text = text_of(name)
    return [word for word in words if f"`{word}`" not in text]


def row_of(name: str, beginning: str) -> str:
    """The one line of a table on a page that begins so."""
    [row] = [line for line in text_of(name).splitlines() if line.startswith(beginning)]
    return row


# ---- a reader who does what the pages say -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def readme_shop(tmp_path_factory) -> Reader:
    reader = Reader(tmp_path_factory.mktemp("shop"))
    reader.follow(README)
    return reader


@pytest.fixture(scope="module")
def quickstart_shop(readme_shop) -> Reader:
    readme_shop.follow(QUICKSTART)
    return readme_shop


def test_reader_of_the_readme_gets_a_mail(readme_shop):
    mail = readme_shop.mails()[0]
    assert mail["To"] == "Asha <asha@customers.example>"
    assert mail["From"] == "Lotus House <orders@lotushouse.example>"
    assert mail["Subject"] == "Thank you, Asha! We have your order LH-1001"
    assert "Teapot" in mail.get_body(("plain",)).get_content()
    assert "€39.90" in unescape(mail.get_body(("html",)).get_content())
    assert any("events 1" in said and "delivered 1" in said for said in readme_shop.said)
    assert any("System check identified no issues" in said for said in readme_shop.said)


def test_worker_of_the_readme_knows_its_tasks_and_its_beat(readme_shop):
    readme_shop.run('python -c "from mysite.celery import app; app.loader.import_default_modules(); '
                    "print(sorted(name for name in app.tasks if 'comms' in name), app.conf.beat_schedule)\"")
    assert "ecommerce_comms.work" in readme_shop.said[-1]
    assert str(BEAT_SCHEDULE) in readme_shop.said[-1]


def test_reader_of_the_quickstart_gets_its_mails(quickstart_shop):
    first, placed, shipped, delivered = quickstart_shop.mails()
    told = [(str(mail["X-Comms-Kind"]), str(mail["Content-Language"])) for mail in (first, placed, shipped, delivered)]
    assert told == [("order_placed", "en"), ("order_placed", "hi"), ("order_shipped", "hi"), ("order_delivered", "hi")]
    assert "https://lotushouse.example/orders/LH-1002/" in placed.get_body(("plain",)).get_content()
    assert "BD123456789" in shipped.get_body(("plain",)).get_content()
    assert "https://track.example/BD123456789" in shipped.get_body(("html",)).get_content()
    assert "Option(code='standard'" in quickstart_shop.said[-1]
    assert [said for said in quickstart_shop.said if "System check" in said and "no issues" not in said] == []


def test_window_of_the_quickstart_is_promised(quickstart_shop):
    with sqlite3.connect(quickstart_shop.folder / "db.sqlite3") as database:
        [promise] = database.execute("SELECT source, revision, kept FROM ecommerce_comms_promise WHERE parcel_id IS NULL").fetchall()
    assert promise == ("shop", 0, True)


def test_examples_of_the_how_tos_work_in_the_shop(quickstart_shop):
    (quickstart_shop.folder / "tests").mkdir(exist_ok=True)
    for page in ("how-to/test-your-shop.md", "how-to/send-an-offer.md", "how-to/write-an-adapter.md", "reference/adapter.md",
                 "how-to/hear-from-your-carriers.md"):
        quickstart_shop.follow(DOCS / page)
    (quickstart_shop.folder / "tests" / "test_plugins.py").write_text(PLUGINS)
    quickstart_shop.run("python -m pytest -q --ds mysite.settings -p no:cacheprovider tests")
    assert "10 passed" in quickstart_shop.said[-1]


def test_history_of_the_how_to_can_be_replayed(quickstart_shop):
    page = (DOCS / "how-to" / "replay-a-history.md").read_text(encoding="utf-8")
    [history] = [block for language, block in FENCE.findall(page) if language == "" and block.startswith("order_id,")]
    (quickstart_shop.folder / "orders.csv").write_text(history)
    quickstart_shop.run("python manage.py comms_replay orders.csv --backend null --from 2018-01-01 --until 2018-01-31 --json --quiet")
    report = json.loads(quickstart_shop.said[-1])
    assert (report["orders"], report["bad_rows"], report["promises"]) == (1, 0, {"kept": 1, "missed": 0})


@pytest.mark.parametrize("page", [README, QUICKSTART], ids=lambda page: page.name)
def test_production_settings_name_what_exists(page):
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "python" and block.splitlines()[0].endswith(", in production"):
            values: dict[str, Any] = {"INSTALLED_APPS": []}
            exec(block, values)
            assert "EMAIL_BACKEND" not in values or issubclass(import_string(values["EMAIL_BACKEND"]), BaseEmailBackend)
            assert values.get("CELERY_BEAT_SCHEDULE", BEAT_SCHEDULE) == BEAT_SCHEDULE


# ---- what pages tell one to type exists -----------------------------------------------------------------------------


@pytest.mark.parametrize("page, line", list(console_lines()))
def test_command_exists(page, line):
    words = [word for word in shlex.split(line) if "=" not in word or word.startswith("-")]
    if words[0] == "make":
        assert re.search(rf"^{re.escape(words[1])}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    elif words[:2] == ["python", "manage.py"]:
        assert words[2] in get_commands() or words[2] in ("runserver", "migrate")
    else:
        assert words[0] in (".", "cat", "celery", "python", "redis-cli", "crontab"), line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_on_the_page_compiles(page):
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "python":
            ast.parse(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_the_page_imports_exists(page):
    code = "\n".join(block for language, block in FENCE.findall(page.read_text(encoding="utf-8")) if language == "python")
    for node in ast.walk(ast.parse(re.sub(r"^from __future__.*$", "", code, flags=re.MULTILINE))):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("ecommerce_comms"):
            exec(compile(ast.Module([node], []), page.name, "exec"), {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    broken = []
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name) if name else page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(target)
    assert broken == []


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_page_can_be_reached_from_the_readme():
    seen, waiting = set(), [README]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        targets = (target.partition("#")[0] for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target)
        waiting += [(page.parent / target).resolve() for target in targets if target]
    assert set(PAGES) - seen == set()


# ---- everything has its place in the reference ----------------------------------------------------------------------


def test_every_setting_is_documented():
    assert missing_from("reference/settings.md", list(conf.DEFAULTS)) == []


@pytest.mark.parametrize("name", PLAIN_DEFAULTS)
def test_default_of_a_setting_is_the_documented_one(name):
    row = row_of("reference/settings.md", f"| `{name}`")
    assert f"`{conf.DEFAULTS[name]}`" in row.replace('"', "")


def test_every_check_is_documented():
    assert CHECK_IDS
    assert missing_from("reference/checks.md", CHECK_IDS) == []


def test_no_check_is_documented_that_does_not_exist():
    assert set(re.findall(r"ecommerce_comms\.[EW]\d+", text_of("reference/checks.md"))) == set(CHECK_IDS)


def test_every_signal_is_documented():
    assert missing_from("reference/signals.md", SIGNALS) == []


def test_every_reason_and_state_is_documented():
    words = [value for value in (*Message.Reason.values, *Message.State.values) if value]
    assert missing_from("reference/events-and-messages.md", words) == []


def test_every_reason_is_documented_in_the_words_that_merchants_see():
    page = text_of("reference/events-and-messages.md")
    assert [str(label) for value, label in Message.Reason.choices if value and str(label) not in page] == []


@pytest.mark.parametrize("spec", list(SPECS.values()), ids=list(SPECS))
def test_every_message_is_documented_with_its_trigger_and_expiry(spec):
    row = row_of("reference/events-and-messages.md", f"| `{spec.kind}` | `{spec.trigger}` |")
    assert f"| {spec.expires_after.days} d |" in row


def test_every_name_of_the_field_map_is_documented():
    assert missing_from("reference/adapter.md", list(USUAL_NAMES)) == []


def test_every_fact_of_a_text_is_documented():
    page = text_of("reference/facts.md")
    assert [name for name in facts.FACTS if f"| `{name}` |" not in page] == []


def test_every_language_is_documented():
    assert missing_from("how-to/change-a-text.md", list(texts.languages())) == []


def test_every_command_of_ours_is_documented():
    assert missing_from("reference/commands.md", [name for name in get_commands() if name.startswith("comms_")]) == []


def test_every_helper_for_tests_is_documented():
    own = [name for name, value in vars(testing).items() if getattr(value, "__module__", "") == testing.__name__]
    public = ["SETTINGS", *(name for name in own if not name.startswith("_"))]
    assert missing_from("reference/testing.md", public) == []


def test_pictures_are_small():
    assert [path.name for path in DOCS.rglob("*.png") if path.stat().st_size > 250_000] == []
