"""The player in a real Chromium, with articles that are really narrated and served."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.serving import RunningServer
from tests.solutions.narration.player.gazette import Gazette, publishing
from tests.solutions.narration.player.listening import Listening
from tests.solutions.narration.player.site import Site, open_site

NAME = "gazette-player"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


@pytest.fixture(scope="session")
def browser_path() -> str:
    named = os.environ.get("INHOUSE_TEST_BROWSER")
    found = next(filter(None, map(shutil.which, [named] if named else BROWSERS)), None)
    if found is None:
        pytest.skip("needs Chromium: `make browser`, or name one in INHOUSE_TEST_BROWSER")
    return found


# Not for the whole session: its event loop would be in the way of asyncio tests in other files.
@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Browser]:
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=browser_path, args=[*FLAGS, f"--disk-cache-dir={profile}"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture(scope="package")
def gazette(
    server: RunningServer, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gazette]:
    folder = tmp_path_factory.mktemp("edge")
    with publishing(server, NAME, folder, f"{site.address}/subscribe") as running:
        yield running


FERRY = (
    "The last ferry left at six.",
    "Nobody on the quay waved.",
    "A bridge will open in spring.",
    "The crew would rather sail.",
)


@pytest.fixture(scope="package")
def ferry(gazette: Gazette) -> dict[str, Any]:
    """The transcript of a free article of four paragraphs, some twelve seconds."""
    return gazette.save("ferry", "The last ferry", *FERRY)


@pytest.fixture(scope="package")
def bridge(gazette: Gazette) -> dict[str, Any]:
    """The full transcript of a premium article."""
    paragraphs = ("The bridge costs more.", "Twice as much as was said.", "Who pays is open.")
    return gazette.save("bridge", "What it will cost", *paragraphs, premium=True)


@dataclass
class Window:
    """A tab that is open on the newspaper's site, and what was noticed there."""

    page: Page
    edge: str
    site: Site
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    expected: str = "\0"
    """How complaints begin that are part of the test."""

    def embed(self, *players: str, policy: str = "", head: str = "") -> Listening:
        """Opens a page with players, each given by its attributes; returns the first."""
        elements = "\n".join(f"<inhouse-player {one}></inhouse-player>" for one in players)
        script = f'<script type="module" src="{self.edge}/player.js"></script>'
        self.site.html = (
            f'<!doctype html><html lang="en"><title>News</title>{head}{script}{elements}'
        )
        self.site.policy = policy
        self.page.goto(f"{self.site.address}/news")
        return Listening(self.page)

    def ready(self, article: str, *attributes: str) -> Listening:
        """One player whose transcript is there."""
        player = self.embed(" ".join([f'article="{article}"', *attributes]))
        player.comes_to("ready")
        return player

    def listen(self, path: str) -> Listening:
        """Opens the edge's own page."""
        self.page.goto(f"{self.edge}/listen/{path}")
        return Listening(self.page)

    def posted(self) -> list[dict[str, Any]]:
        """Events that were sent to the edge."""
        return [one.post_data_json for one in self.requests if one.url == f"{self.edge}/events"]

    def watch(self) -> None:
        self.page.on("console", self._told)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request))

    def _told(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(self.expected):
            self.complaints.append(message.text)


@pytest.fixture
def open_window(browser: Browser, gazette: Gazette, site: Site) -> Iterator[Callable[..., Window]]:
    """Opens tabs, with the settings of a browser context; none may complain in its console."""
    opened: list[Window] = []

    def open_one(**settings: Any) -> Window:
        context = browser.new_context(**settings)
        context.set_default_timeout(60_000)
        window = Window(context.new_page(), gazette.edge, site)
        window.watch()
        opened.append(window)
        return window

    yield open_one
    for window in opened:
        window.page.context.close()
    assert [window.complaints for window in opened if window.complaints] == []


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    return open_window()
