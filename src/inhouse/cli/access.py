"""`inhouse access`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from inhouse.cli.clients import aws_session
from inhouse.cli.env import Data

app = typer.Typer(help="Ask why something is allowed or denied.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """Ask why something is allowed or denied."""


@app.command()
def explain(
    principal: Annotated[str, typer.Argument(help="ARN of a user or role.")],
    action: Annotated[str, typer.Argument(help="For example s3:GetObject.")],
    resource: Annotated[str, typer.Argument(help="ARN the action touches.")] = "*",
    context: Annotated[
        list[str] | None, typer.Option("--context", "-c", help="Condition key, as key=value.")
    ] = None,
    data: Data = Path("inhouse-data"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the decision and the statements behind it. Exits with 1 when it is denied."""
    iam = aws_session(data).client("iam")
    entries = [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for key, _, value in (one.partition("=") for one in context or [])
    ]
    answer = iam.simulate_principal_policy(
        PolicySourceArn=principal,
        ActionNames=[action],
        ResourceArns=[resource],
        ContextEntries=entries,  # type: ignore[arg-type]
    )
    result = answer["EvaluationResults"][0]
    if as_json:
        typer.echo(json.dumps(result, indent=2, default=str))
    else:
        typer.echo(f"{result['EvalDecision']}: {principal} {action} on {resource}")
        for statement in result.get("MatchedStatements", []):
            start = statement.get("StartPosition", {})
            place = f" line {start['Line']}" if start.get("Line") else ""
            typer.echo(
                f"  {statement.get('SourcePolicyType', '')} {statement['SourcePolicyId']}{place}"
            )
        for key in result.get("MissingContextValues", []):
            typer.echo(f"  a condition needs {key}; give it with --context {key}=…")
    if result["EvalDecision"] != "allowed":
        raise typer.Exit(1)
