"""`inhouse logs`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from inhouse.cli.clients import aws_session
from inhouse.cli.env import Data
from inhouse.cli.failures import Failure

PAUSE = 0.5


def logs(
    name: Annotated[str, typer.Argument(help="Function, or log group when it begins with /.")],
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on as new lines come.")
    ] = False,
    since: Annotated[int, typer.Option(help="Start this many seconds ago.")] = 3600,
    data: Data = Path("inhouse-data"),
) -> None:
    """Print what a function wrote, with the time of each line."""
    session = aws_session(data)
    client = session.client("logs")
    group = name if name.startswith("/") else _group(session.client("lambda"), name)
    start = int((time.time() - since) * 1000)
    seen: set[str] = set()
    while True:
        for event in _events(client, group, start):
            if event["eventId"] not in seen:
                seen.add(event["eventId"])
                start = max(start, event["timestamp"])
                moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                typer.echo(f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:23] + f"Z {event['message'].rstrip()}")
        if not follow:
            return
        time.sleep(PAUSE)


def _group(client: Any, function: str) -> str:
    """Where a function logs; one that is gone left its log where functions log if not told else."""
    try:
        found = client.get_function_configuration(FunctionName=function)
    except client.exceptions.ResourceNotFoundException:
        return f"/aws/lambda/{function}"
    return str(found["LoggingConfig"]["LogGroup"])


def _events(client: Any, group: str, start: int) -> Any:
    try:
        for page in client.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=start
        ):
            yield from page["events"]
    except client.exceptions.ResourceNotFoundException:
        raise Failure(f"nothing has been logged under {group} yet") from None
