"""What a reader does with one player, and what is seen and heard then."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

CURRENT_PARAGRAPH = ".paragraph[part~=current-paragraph]"
CURRENT_WORD = "span[part~=current-word]"


class Listening:
    """The `nth` player of a page."""

    def __init__(self, page: Page, nth: int = 0) -> None:
        self.page = page
        self.player = page.locator("inhouse-player").nth(nth)

    def find(self, selector: str) -> Locator:
        return self.player.locator(selector)

    def button(self, name: str) -> Locator:
        return self.player.get_by_role("button", name=name, exact=True)

    def paragraph(self, number: int) -> Locator:
        return self.find(".paragraph.paragraph:not(.title, .teaser, .note)").nth(number - 1)

    def comes_to(self, state: str) -> None:
        expect(self.player).to_have_attribute("state", state, timeout=60_000)

    def says(self, text: str) -> None:
        expect(self.find(".notice")).to_contain_text(text)

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression in which `player` is the element."""
        return self.player.evaluate(f"player => {script}")

    @property
    def time(self) -> float:
        return self.run("player.currentTime")

    @property
    def current(self) -> str:
        """The text of the paragraph that is marked."""
        return self.find(f"{CURRENT_PARAGRAPH} .said").inner_text()

    @property
    def spoken(self) -> str:
        """The word that is marked."""
        return self.find(CURRENT_WORD).inner_text()

    @property
    def focused(self) -> str:
        """The name of what has the focus in the player."""
        return self.run(
            "(found => found && (found.ariaLabel || found.textContent))"
            "(player.shadowRoot.activeElement)"
        )

    def plays_beyond(self, seconds: float) -> None:
        self.player.evaluate(
            """(player, seconds) => new Promise((done) => {
              const look = () =>
                player.currentTime > seconds ? done() : requestAnimationFrame(look);
              look();
            })""",
            seconds,
        )
