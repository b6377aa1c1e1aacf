"""Which services a policy is about."""

from __future__ import annotations

from inhouse.access.public import listed, statements


def grants(text: str, namespace: str) -> bool:
    """Whether a statement of a policy that parses allows any action of a service, as `s3`."""
    whole = {"*", "*:*", f"{namespace}:*"}
    for statement in statements(text):
        if statement["Effect"] != "Allow":
            continue
        if "NotAction" in statement:
            if not any(action.lower() in whole for action in listed(statement["NotAction"])):
                return True
        elif any(
            action in whole or action.lower().startswith(f"{namespace}:")
            for action in listed(statement["Action"])
        ):
            return True
    return False
