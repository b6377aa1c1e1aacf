"""Errors as sentences on stderr and exit codes that scripts can use."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from inhouse.local_session import NotRunning

if TYPE_CHECKING:
    import typer

FAILED = 1
NO_SERVER = 3


class Failure(Exception):
    """A command cannot go on; its text says why and what to do."""


def guarded(app: typer.Typer) -> int:
    """Runs the command; answers its exit code."""
    try:
        app()
    except SystemExit as done:
        return int(done.code or 0) if not isinstance(done.code, str) else FAILED
    except (NotRunning, EndpointConnectionError) as error:
        return _say(error, NO_SERVER)
    except (Failure, ClientError, BotoCoreError, OSError) as error:
        return _say(error, FAILED)
    return 0


def _say(error: Exception, code: int) -> int:
    print(f"inhouse: {error}", file=sys.stderr)
    return code
