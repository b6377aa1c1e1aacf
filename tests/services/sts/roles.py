"""Trust policies and roles for the tests of STS."""

from __future__ import annotations

import json
from typing import Any

OTHER = "210987654321"
"""The second account of the server."""


def trust(principal: Any, *actions: str, **condition: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": list(actions) or "sts:AssumeRole",
    }
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def make_role(iam: Any, name: str, document: str, policy: str | None = None, **more: Any) -> str:
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **more)["Role"][
        "Arn"
    ]
    if policy:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
    return arn
