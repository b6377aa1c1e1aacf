"""`make fire`: whole rounds, each with its own moments, a line for each.

python -m tests.solutions.narration.fire [--rounds 50] [--seed 1] [--saves 300] [--voice Tone] [--short]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.conftest import DATA
from tests.solutions.narration.fire.round import fight, reference
from tests.solutions.narration.fire.saves import made_up, recorded


def main() -> int:
    parser = argparse.ArgumentParser(description="Narrates saves while everything is killed.")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS", "50")))
    parser.add_argument(
        "--seed", type=int, default=1, help="of the first round; the next one's is one more"
    )
    parser.add_argument("--saves", type=int, default=300)
    parser.add_argument("--kills", type=int, default=50, help="in each round")
    parser.add_argument("--pause", type=float, default=2.0, help="mean seconds between two kills")
    parser.add_argument("--voice", default="Tone")
    parser.add_argument(
        "--short", action="store_true", help="made-up short articles even where recorded ones are"
    )
    given = parser.parse_args()
    file = DATA / "newsroom" / "edits.jsonl.gz"
    real = file.exists() and not given.short
    saves = recorded(file, given.saves) if real else made_up(given.saves)
    print(f"{len(saves)} saves, {'recorded' if real else 'made up'}", flush=True)
    passed = 0
    with tempfile.TemporaryDirectory(prefix="inhouse-fire-") as base:
        began = time.monotonic()
        wanted = reference(Path(base) / "reference", saves, given.voice)
        print(f"undisturbed: {time.monotonic() - began:.0f} s", flush=True)
        for seed in range(given.seed, given.seed + given.rounds):
            folder = Path(base) / f"round-{seed}"
            try:
                outcome = fight(
                    folder,
                    saves,
                    wanted,
                    seed=seed,
                    kills=given.kills,
                    pause=given.pause,
                    voice=given.voice,
                )
            except Exception:
                kept = Path(tempfile.mkdtemp(prefix=f"inhouse-fire-seed-{seed}-"))
                folder.rename(kept / "round")
                print(
                    f"seed {seed}: FAILED, its data kept in {kept}\n{traceback.format_exc()}",
                    flush=True,
                )
            else:
                passed += 1
                shutil.rmtree(folder)
                print(f"seed {seed}: passed in {outcome}", flush=True)
    print(f"{passed} of {given.rounds} rounds passed", flush=True)
    return 0 if passed == given.rounds else 1


if __name__ == "__main__":
    sys.exit(main())
