"""What the documents tell people to type does what they say.

Each page's `sh` and `python` blocks are run in their order, in one shell and one Python session,
in a fresh folder against a server of the page's own. A block after `<!-- not run -->` is left out,
and so are lines that start or install something, which the test has done already.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from inhouse.cli.main import app
from tests.serving import READERS, start
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"embed-the-player.md"}
"""Pages whose lines another test runs: this one's in a browser."""
READING = {"read-normalized-images-in-pytorch.md"}
"""Pages for an environment that has s3fs and PyTorch."""
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs/howto").glob("*.md")) if page.name not in ELSEWHERE),
]
BLOCK = re.compile(
    r"^(?P<left_out><!-- not run -->\n+)?```(?P<language>sh|python)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
DONE = re.compile(r"^\s*(make |inhouse serve|eval |pip install|export )|&\s*$")
"""Installing, starting a server and pointing a shell at it."""


def blocks(page: Path) -> list[tuple[str, str]]:
    found = []
    for match in BLOCK.finditer(page.read_text()):
        text = match["text"]
        if match["language"] == "sh":
            lines = [line for line in text.splitlines() if not DONE.search(line)]
            text = "\n".join(lines).strip()
        if text and not match["left_out"]:
            found.append((match["language"], text))
    return found


def script(found: list[tuple[str, str]]) -> str:
    """One Python program of all blocks; a shell block is run by it in its place."""
    parts = ["import subprocess"]
    for language, text in found:
        if language == "sh":
            parts.append(f"subprocess.run(['sh', '-euc', {text!r}], check=True)")
        else:
            parts.append(text)
    return "\n".join(parts)


def names(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=names)
def test_what_it_says_works(page: Path, tmp_path: Path) -> None:
    found = blocks(page)
    assert found, f"{names(page)} shows nothing to run"
    python = READERS if page.name in READING else Path(sys.executable)
    if not python.exists():
        pytest.skip("s3fs and PyTorch are not there: make readers")
    with start(tmp_path, "--data", str(tmp_path / "inhouse-data")) as server:
        done = subprocess.run(
            [python, "-c", script(found)],
            env=server.environment(),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        assert "Traceback" not in server.log


@pytest.mark.parametrize(
    "page", [*PAGES, *sorted((ROOT / "docs" / "decisions").glob("*.md"))], ids=names
)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_commands_and_options_exist(page: Path) -> None:
    """`inhouse …` in code, in blocks and in the text, names commands and options that are there."""
    from typer.main import get_command

    text = page.read_text()
    shown = re.findall(r"(?:`|^|/)inhouse ([a-z][^`\n#|)\"]*)", text, re.MULTILINE)
    root = get_command(app)
    for words in shown:
        command, seen = root, []
        for word in words.split():
            children = getattr(command, "commands", {})
            if word in children:
                command = children[word]
                seen.append(word)
            elif word.startswith("--"):
                options = {option for one in command.params for option in one.opts}
                assert word.partition("=")[0] in options, f"inhouse {words}"
        assert seen, f"there is no `inhouse {words}`"
