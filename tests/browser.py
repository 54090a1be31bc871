"""A headless browser that opens a page and records its requests and errors."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTHS = (390, 820, 1280)  # a phone, a tablet, a desktop


@dataclass(frozen=True)
class Seen:
    """An open page, with all its requests and console messages."""

    page: Any
    requests: list[str]
    complaints: list[str]

    def screenshot(self, path: Path) -> None:
        self.page.screenshot(path=str(path), full_page=True)


def find_browser() -> str:
    """Return the path of the browser, or skip the test if there is none."""
    named = os.environ.get("SPARKLES_TEST_BROWSER")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)}; `make test-tools` may install one")
    return found


@contextmanager
def started() -> Iterator[Any]:
    """Start a browser, and close it at the end of the block."""
    from playwright.sync_api import sync_playwright

    path = find_browser()
    with sync_playwright() as driver:
        # Without a sandbox, because tests in containers run as root.
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def read_page(browser: Any, path: Path, width: int, *, dark: bool = False) -> Iterator[Seen]:
    """Open a file and wait until it has loaded completely."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        is_mobile=False,
    )
    try:
        page = context.new_page()
        requests: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri(), wait_until="load")
        yield Seen(page, requests, complaints)
    finally:
        context.close()


def violations(seen: Seen) -> list[str]:
    """Return axe-core's findings on accessibility: contrast, alternative texts, headings."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(seen.page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found
        for node in one["nodes"][:3]
    ]
