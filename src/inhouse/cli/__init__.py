"""The command line: `inhouse serve | env | demo | doctor | logs | access | narration | …`.

Exit codes: 0 well, 1 the command failed, 2 it was called wrongly, 3 no server is there.
"""

from __future__ import annotations

import sys

from inhouse.cli.failures import guarded
from inhouse.cli.main import app


def main() -> None:
    """Entry of the `inhouse` command."""
    sys.exit(guarded(app))
