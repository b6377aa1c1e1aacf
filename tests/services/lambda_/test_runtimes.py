"""What functions can import, and how quickly."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inhouse.services.lambda_ import runtimes

VISION = ("cv2", "numpy", "requests")


@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in VISION), reason="needs inhouse[vision]"
)
def test_functions_that_read_images_find_their_libraries(
    make: Callable[..., str], run: Any
) -> None:
    name = make(
        "import cv2, numpy, requests\n"
        "def handler(e, c):\n"
        "    image = numpy.full((40, 60, 3), 200, numpy.uint8)\n"
        "    grey = cv2.cvtColor(cv2.resize(image, (30, 20)), cv2.COLOR_BGR2GRAY)\n"
        "    ok, jpeg = cv2.imencode('.jpeg', grey)\n"
        "    back = cv2.imdecode(jpeg, cv2.IMREAD_UNCHANGED)\n"
        "    return [list(back.shape), bool(requests.Session)]\n",
        MemorySize=512,
        Timeout=30,
    )
    assert run(name) == ([[20, 30], True], None)


def test_workers_find_bytecode_of_what_was_installed_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "bare"
    (package / "inner").mkdir(parents=True)
    for place in (package, package / "inner"):
        (place / "__init__.py").write_text("WORD = 1\n")
    monkeypatch.setattr(runtimes, "offered", lambda: (package, package.parent / "nothing"))
    found = runtimes.Runtimes(tmp_path / "links").get(runtimes.OWN)
    assert found.offered is not None
    for place in ("bare", "bare/inner"):
        cached = found.offered / place / "__pycache__"
        assert [path.name for path in cached.iterdir()] == [
            f"__init__.{sys.implementation.cache_tag}.pyc"
        ]
