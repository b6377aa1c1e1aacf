"""Who talks to a server under test, and the small documents they send."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.serving import ACCOUNT, RunningServer

OTHER = "210987654321"


class Person:
    """Somebody with a key. `client(service)` signs with it."""

    def __init__(
        self,
        server: RunningServer,
        key_id: str,
        secret: str,
        token: str | None = None,
        *,
        arn: str = "",
    ) -> None:
        self.server = server
        self.arn = arn
        self.pair = {
            "aws_access_key_id": key_id,
            "aws_secret_access_key": secret,
            "aws_session_token": token,
        }
        self._clients: dict[str, Any] = {}

    @property
    def key_id(self) -> str:
        return str(self.pair["aws_access_key_id"])

    def client(self, service: str, **arguments: Any) -> Any:
        if arguments:
            return self.server.client(service, **self.pair, **arguments)
        if service not in self._clients:
            self._clients[service] = self.server.client(service, **self.pair)
        return self._clients[service]

    def assume(self, role_arn: str, **more: Any) -> Person:
        """Whom this person becomes with the role."""
        arguments = {"RoleArn": role_arn, "RoleSessionName": "acceptance", **more}
        return self.session(self.client("sts").assume_role(**arguments))

    def session(self, answer: dict[str, Any]) -> Person:
        """The holder of the credentials that STS answered with."""
        made = answer["Credentials"]
        return Person(
            self.server, made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]
        )


def account_of(person: Person) -> str:
    return str(person.client("sts").get_caller_identity()["Account"])


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {**allow(*actions, on=on, **more), "Effect": "Deny"}


def zipped(files: dict[str, str | bytes]) -> bytes:
    """A zip package of these files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def refusal(act: Callable[[], Any]) -> tuple[str, str]:
    """Code and message of the error that `act` ends with; it must end with one, not a 5xx."""
    with pytest.raises(ClientError) as caught:
        act()
    answer = caught.value.response
    assert 400 <= answer["ResponseMetadata"]["HTTPStatusCode"] < 500
    return answer["Error"]["Code"], answer["Error"].get("Message", "")


DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError")


def denied(act: Callable[[], Any]) -> str:
    """The message of the refusal that `act` meets; it must be one of authorization."""
    code, message = refusal(act)
    assert code in DENIED, (code, message)
    return message


__all__ = [
    "ACCOUNT",
    "DENIED",
    "OTHER",
    "Person",
    "account_of",
    "allow",
    "denied",
    "deny",
    "document",
    "refusal",
    "zipped",
]
