"""Pictures of the player, to look at and for the README; made on demand.

INHOUSE_SCREENSHOTS=FOLDER pytest tests/solutions/narration/player/test_screenshot.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.solutions.narration.player.conftest import Window
from tests.solutions.narration.player.gazette import Gazette

FOLDER = os.environ.get("INHOUSE_SCREENSHOTS", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="set INHOUSE_SCREENSHOTS to a folder")
TITLE = "The last ferry to Hallen"
PARAGRAPHS = (
    "The last ferry of the season left Hallen at twenty past six on Sunday, with eleven passengers,"
    " a crate of oysters and a piano on board. Nobody on the quay waved, because nobody believed"
    " that it would really be the last.",
    "For ninety-one years the island has been reached by water only. In spring a bridge of two"
    " kilometres will open beside the old harbour, and the crossing, which takes forty minutes when"
    " the sea is kind, will take two.",
    "“We have been asked how we feel about it more often than in all the years before,” says Marta"
    " Lindqvist, who has sold tickets from the wooden booth since 1987. “As if an island were a"
    " mood.” She keeps the schedules of every year in a drawer, and can recite most of them.",
    "The council expects three hundred new inhabitants within a decade, and twice as many cars. The"
    " school, which had closed its upper floor, is having it painted. The bakery has bought a second"
    " oven.",
    "What will become of the ferry itself is undecided. A museum on the mainland has offered to"
    " take it; so has a man who wants to turn it into a sauna. The crew would rather see it sail.",
)
STYLE = (
    "<meta name=viewport content='width=device-width'>"
    "<style>body { margin: 20px; font-family: Charter, Georgia, Caladea, serif; }"
    " inhouse-player { --inhouse-font: Inter, system-ui, sans-serif; }</style>"
)


@pytest.fixture(scope="module")
def article(gazette: Gazette) -> dict[str, Any]:
    gazette.save("toll", "What the bridge will cost", *PARAGRAPHS[2:4], premium=True)
    return gazette.save("hallen", TITLE, *PARAGRAPHS, teaser="An island joins the mainland.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [760, 375])
def test_pictures(
    open_window: Callable[..., Window], article: dict[str, Any], width: int, scheme: str
) -> None:
    folder = Path(FOLDER)
    settings = {"viewport": {"width": width, "height": 700}, "color_scheme": scheme}
    window = open_window(device_scale_factor=2, **settings)
    third = next(part["start"] for part in article["parts"] if part["paragraph"] == 3)
    for name, player in (
        ("player", lambda: window.embed('article="hallen"', head=STYLE)),
        ("page", lambda: window.listen("hallen")),
    ):
        shown = player()
        shown.comes_to("ready")
        shown.run(f"player.seek({third + 1.5})")
        shown.button("Play").click()
        shown.plays_beyond(third + 2.5)
        target = shown.player if name == "player" else window.page
        target.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
        shown.run("player.pause()")
    preview = window.embed('article="toll"', head=STYLE)
    preview.comes_to("ready")
    preview.run("player.seek(player.duration - 0.3)")
    preview.run("player.play()")
    preview.comes_to("ended")
    preview.player.screenshot(path=folder / f"preview-{width}-{scheme}.png")
