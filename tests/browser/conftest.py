"""A Chromium, and the example shop for it to look at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="needs the extra dev")
QUIET = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def chromium(monkeypatch_session: Any) -> Iterator[Any]:
    """The browser; what the machine has of it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def monkeypatch_session() -> Iterator[pytest.MonkeyPatch]:
    """Django takes the browser's event loop for one of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield patch


@pytest.fixture(params=[320, 1280], ids=["phone", "desktop"])
def page(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Any]:
    """An empty page without JavaScript; whatever the browser complains about fails the test."""
    context = chromium.new_context(viewport={"width": request.param, "height": 800}, java_script_enabled=False)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    # Going on to the next page aborts what the last one was still loading.
    page.on("requestfailed", lambda failed: complaints.append(failed.url) if failed.failure != "net::ERR_ABORTED" else None)
    yield page
    context.close()
    assert not complaints
