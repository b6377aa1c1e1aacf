"""`inhouse env`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from inhouse.local_session import facts

Data = Annotated[Path, typer.Option(envvar="INHOUSE_DATA", help="Data directory of the server.")]


def env(
    data: Data = Path("inhouse-data"),
    port: Annotated[int | None, typer.Option(help="Port, if it is not the server's own.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of exports.")] = False,
) -> None:
    """Print what boto3 and the AWS CLI need, as shell exports: eval "$(inhouse env)"."""
    variables = environment(data, port)
    if as_json:
        typer.echo(json.dumps(variables, indent=2))
        return
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def environment(data: Path, port: int | None = None) -> dict[str, str]:
    """The variables by name. Raises NotRunning when there is no server on `data`."""
    known: dict[str, Any] = facts(data)
    endpoint = known["endpoint"]
    if port is not None:
        endpoint = f"{endpoint.rpartition(':')[0]}:{port}"
    variables = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": known["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": known["secret_access_key"],
        "AWS_REGION": known["region"],
        "AWS_DEFAULT_REGION": known["region"],
    }
    if known["certificate"]:
        variables["AWS_CA_BUNDLE"] = known["certificate"]
    return variables
