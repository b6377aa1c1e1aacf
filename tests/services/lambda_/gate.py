"""Calls of a function that are seen to have begun and end when they are let go: no clock decides."""

from __future__ import annotations

import json
from typing import Any

from tests.services.lambda_.conftest import allow
from tests.waiting import until

ACTIONS = ("ssm:PutParameter", "ssm:GetParameters")
"""What the function's role needs."""
SOURCE = """
import boto3, time
ssm = boto3.client("ssm")

def handler(gate, context):
    if gate:
        ssm.put_parameter(Name=f"/{gate}/{context.aws_request_id}", Value="begun", Type="String")
        while not ssm.get_parameters(Names=[gate])["Parameters"]:
            time.sleep(0.05)
    return context.log_stream_name
"""
"""Waits at the gate that its event names, if any; answers which worker it was."""


class Gate:
    def __init__(self, server: Any, name: str) -> None:
        self._ssm = server.client("ssm")
        self._name = name
        self.event = json.dumps(name)

    def reached(self, calls: int = 1) -> None:
        """Waits until so many calls have."""
        path = {"Path": f"/{self._name}"}
        until(lambda: len(self._ssm.get_parameters_by_path(**path)["Parameters"]) >= calls)

    def open(self) -> None:
        self._ssm.put_parameter(Name=self._name, Value="open", Type="String")


def let_in(server: Any, role: str) -> None:
    """Lets a role's function wait at gates."""
    server.client("iam").put_role_policy(
        RoleName=role, PolicyName="gates", PolicyDocument=allow(*ACTIONS)
    )
