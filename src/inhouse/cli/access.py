"""`inhouse access`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from inhouse.access import Question, Who, decide
from inhouse.access import explain as report
from inhouse.cli.clients import aws_session
from inhouse.cli.env import Data
from inhouse.cli.policies import Gathered, gather

app = typer.Typer(help="Ask why something is allowed or denied.", no_args_is_help=True)
DENIED = 1


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
    """Show the decision, the statements behind it, and why the others did not apply.

    Looks at the principal's policies, its groups' and its boundary, and at the policy of the
    resource. Exits with 1 when it is denied. Works on AWS as well.
    """
    session = aws_session(data)
    gathered = gather(session, principal, resource)
    account = session.client("sts").get_caller_identity()["Account"]
    owner = resource.split(":")[4] if resource.count(":") >= 5 else ""
    kind = principal.rpartition(":")[2].partition("/")[0]
    question = Question(
        action=action,
        resource=resource,
        resource_account=owner or account,
        principal=Who(
            kind="user" if kind == "user" else "role",
            account=principal.split(":")[4],
            arn=principal,
        ),
        context=dict(one.partition("=")[::2] for one in context or []),
    )
    decision = decide(question, gathered.policies)
    statements = list(_statements(question, gathered))
    if as_json:
        answer = {"allowed": decision.allowed, "reason": decision.reason, "statements": statements}
        typer.echo(json.dumps(answer, indent=2))
    else:
        typer.echo("allowed" if decision.allowed else decision.message(question))
        for one in statements:
            typer.echo(f"\n{one['verdict']}  ({one['policy']})\n  {json.dumps(one['statement'])}")
    if not decision.allowed:
        raise typer.Exit(DENIED)


def _statements(question: Question, gathered: Gathered) -> Any:
    """Each statement with its verdict, those that apply first."""
    for found in sorted(report(question, gathered.policies), key=lambda one: not one.applies):
        match = found.match
        yield {
            "policy": match.policy,
            "layer": match.layer,
            "verdict": f"applies: {match.effect}"
            if found.applies
            else f"no match: {found.obstacle}",
            "statement": gathered.statement(match.policy, match.index),
        }
