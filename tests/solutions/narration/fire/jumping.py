"""A machine whose clock is set while it runs, in every process that loads this: no one but tests.

FIRE_JUMPS holds pairs of JSON: from which second of the right time on, by how many seconds the
clock is wrong. It stands on the standard library alone, for functions load it as `sitecustomize`
of a layer, whose second file is `jumps.json`. Run as a program it is `inhouse`.
"""

import datetime
import json
import os
import time
from pathlib import Path

_right_time, _Right = time.time, datetime.datetime


def jumps() -> "list[tuple[float, float]]":
    told = os.environ.get("FIRE_JUMPS")
    file = Path(__file__).with_name("jumps.json")
    return json.loads(told or file.read_text())


def install(told: "list[tuple[float, float]]") -> None:
    """Makes `time.time` and `datetime.now` wrong by what the jump that came last says."""

    def wrong() -> float:
        now = _right_time()
        return next((by for at, by in reversed(told) if at <= now), 0.0)

    class Datetime(_Right):
        @classmethod
        def now(cls, tz: "datetime.tzinfo | None" = None) -> "Datetime":
            return cls.fromtimestamp(_right_time() + wrong(), tz)

        @classmethod
        def utcnow(cls) -> "Datetime":
            return cls.now(datetime.UTC).replace(tzinfo=None)

    time.time = lambda: _right_time() + wrong()
    datetime.datetime = Datetime  # type: ignore[misc]


if __name__ == "__main__":
    install(jumps())
    from inhouse.cli import main

    main()
elif __name__ == "sitecustomize":
    install(jumps())
