"""``manage.py demo``: the story comes out as told, and the shop opens, sells, closes and opens again."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

ROOT = Path(__file__).parent.parent
PATIENCE = 25.0
ADDRESS = {"email": "guest@customers.example", "first_name": "Gita", "last_name": "Rao", "street": "7 Lake Road", "city": "Kolkata",
           "region": "West Bengal", "postcode": "700029", "country": "IN", "news_by": "email"}
STORY = {
    ("order_placed", "sent"): 5, ("order_paid", "sent"): 5, ("order_processed", "sent"): 1, ("order_processed", "skipped"): 1,
    ("order_shipped", "sent"): 5, ("order_out_for_delivery", "sent"): 4, ("order_delivered", "sent"): 5, ("order_delayed", "sent"): 1,
    ("order_back_on_track", "sent"): 1, ("order_cancelled", "sent"): 1, ("order_refunded", "sent"): 1, ("return_requested", "sent"): 1,
    ("return_received", "sent"): 1, ("review_request", "sent"): 3, ("review_request", "skipped"): 1,
}


def environment(folder: Path) -> dict[str, str]:
    """A shop whose data lies in ``folder`` alone, on the embedded defaults."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("COMMS_", "CELERY_", "DJANGO_", "SHOP_", "EMAIL_"))}
    own = {"VAR_DIR": str(folder), "SHOP_DATABASE": str(folder / "shop.sqlite3"), "MAILBOX_DIR": str(folder / "mailbox")}
    return plain | own | {"EMAIL_PORT": str(free_port()), "CARRIER_MINUTES_PER_DAY": "0", "PYTHONUNBUFFERED": "1"}


def free_port() -> int:
    """A port at which nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """The demo as a process, and a guest's browser."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([sys.executable, "manage.py", "demo", "--port", str(port)], cwd=ROOT,
                                            env=environment(folder), stdout=log, stderr=subprocess.STDOUT)
        self.web = f"http://localhost:{port}"
        self._cookies = CookieJar()
        self._browser: OpenerDirector = build_opener(HTTPCookieProcessor(self._cookies))
        self._wait(lambda: "is open" in self.log.read_text())

    def _wait(self, done) -> None:
        deadline = time.monotonic() + PATIENCE
        while not done():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def get(self, path: str) -> str:
        """Read a page."""
        with self._browser.open(self.web + path, timeout=10) as answer:
            return answer.read().decode()

    def post(self, path: str, **fields: str) -> tuple[str, str]:
        """Fill in a form; returns where it led and the page there."""
        token = next(cookie.value for cookie in self._cookies if cookie.name == "csrftoken") or ""
        data = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        with self._browser.open(self.web + path, data, timeout=10) as answer:
            return answer.url, answer.read().decode()

    def wait_for_mail(self, subject: str) -> str:
        """The mailbox page, once a mail about ``subject`` is there."""
        self._wait(lambda: subject in self.get("/mailbox/"))
        return self.get("/mailbox/")

    def close(self) -> int:
        """Press Ctrl-C; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(10)


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    """Demos to be ended, whatever happens."""
    started: list[Demo] = []
    yield started
    for demo in started:
        if demo.process.poll() is None:
            demo.process.kill()
            demo.process.wait()


def buy(demo: Demo) -> str:
    """Check out as a guest; returns the order's page."""
    thing = re.search(r'/things/([\w-]+)/"', demo.get("/")).group(1)
    demo.get(f"/things/{thing}/")
    demo.post(f"/basket/add/{thing}/", quantity="1")
    demo.get("/checkout/")
    led_to, page = demo.post("/checkout/", **ADDRESS)
    assert led_to.endswith("/checkout/delivery/"), page
    option = re.search(r'name="shipping_option"[^>]*value="([^"]+)"', page).group(1)
    led_to, page = demo.post("/checkout/delivery/", shipping_option=option, payment="now", shown="")
    assert "/thank-you/" in led_to, page
    return led_to.removeprefix(demo.web).removesuffix("thank-you/")


@pytest.mark.chaos
def test_shop_opens_sells_closes_and_opens_again(demos, tmp_path):
    demos.append(Demo(tmp_path))
    for path in ("/", "/basket/", "/mailbox/", "/admin/login/", "/account/login/"):
        assert "<html" in demos[0].get(path)
    order = buy(demos[0])
    number = re.search(r"BC-\d+", demos[0].get(order)).group()
    assert f"We have your order {number}" in demos[0].wait_for_mail(f"We have your order {number}")
    assert f"Payment received for order {number}" in demos[0].wait_for_mail(f"Payment received for order {number}")
    before = time.monotonic()
    assert demos[0].close() == 0, demos[0].log.read_text()
    assert time.monotonic() - before < 10
    with pytest.raises(URLError):
        demos[0].get("/")
    assert "Traceback" not in demos[0].log.read_text()

    demos.append(Demo(tmp_path))
    assert number in demos[1].get(order)
    assert demos[1].get("/mailbox/").count(f"We have your order {number}") == 1
    assert demos[1].close() == 0


def test_story_comes_out_as_it_is_told(tmp_path):
    done = subprocess.run([sys.executable, "manage.py", "demo", "--story", "--json"], cwd=ROOT, env=environment(tmp_path),
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["problems"] == []
    assert Counter((row["kind"], row["state"]) for row in outcome["messages"]) == STORY
    assert outcome["mails"] == sum(count for (_kind, state), count in STORY.items() if state == "sent")
    languages = {row["recipient"]: row["language"] for row in outcome["messages"]}
    assert languages == {"tom@customers.example": "en", "asha@customers.example": "hi", "rahim@customers.example": "bn"}
    assert all(row["reason"] for row in outcome["messages"] if row["state"] == "skipped")
    # Django 6.1 opens, and so makes, the shop's database for its checks; nothing is put into it.
    assert {path.name for path in tmp_path.iterdir()} - {"shop.sqlite3"} == {"story"}
