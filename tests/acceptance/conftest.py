"""A house with two accounts, as an operator would run it, and people and things in them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from inhouse.core.clock import SystemClock
from inhouse.core.ids import RandomIds
from inhouse.core.ports import Key
from inhouse.services.iam.accounts import create_account
from inhouse.store import Store
from tests.acceptance.people import OTHER, Person, account_of, document, zipped
from tests.serving import KEY_ID, SECRET, RunningServer, start


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """`house.server`, and the two accounts' administrators `house.admin` and `house.other`."""
    folder = tmp_path_factory.mktemp("house")
    with two_accounts(folder) as (server, key):
        yield SimpleNamespace(
            server=server,
            admin=Person(server, KEY_ID, SECRET),
            other=Person(server, key.principal.access_key_id, key.secret),
        )


@contextlib.contextmanager
def two_accounts(folder: Path) -> Iterator[tuple[RunningServer, Key]]:
    """A durable server in `folder` and the root key of its second account."""
    house: Any = SimpleNamespace(clock=SystemClock(), ids=RandomIds())
    store = Store(folder / "data", durable=False)
    key = store.write_now(lambda tx: create_account(house, tx, OTHER, "research"))
    store.close()
    with start(folder, "--data", str(folder / "data")) as server:
        yield server, key


@pytest.fixture
def admin(house: SimpleNamespace) -> Person:
    return house.admin


@pytest.fixture
def other(house: SimpleNamespace) -> Person:
    """The root user of the second account."""
    return house.other


@pytest.fixture
def make_user(fresh_name: Callable[..., str]) -> Callable[..., Person]:
    """`make_user(admin, *statements)`: a new user of that administrator's account, with a key."""

    def make(administrator: Person, *statements: dict[str, Any], **more: Any) -> Person:
        iam, name = administrator.client("iam"), fresh_name("user")
        made = iam.create_user(UserName=name, **more)["User"]
        if statements:
            text = document(*statements)
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=text)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Person(
            administrator.server, key["AccessKeyId"], key["SecretAccessKey"], arn=made["Arn"]
        )

    return make


@pytest.fixture
def make_role(fresh_name: Callable[..., str]) -> Callable[..., str]:
    """`make_role(admin, trusted, *statements)`: the ARN of a role that `trusted` may assume."""

    def make(
        administrator: Person, trusted: Any, *statements: dict[str, Any], **condition: Any
    ) -> str:
        iam, name = administrator.client("iam"), fresh_name("role")
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Principal": trusted,
            "Action": "sts:AssumeRole",
        }
        if condition:
            statement["Condition"] = condition
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(statement))
        if statements:
            text = document(*statements)
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=text)
        return str(role["Role"]["Arn"])

    return make


@pytest.fixture
def make_function(
    make_role: Callable[..., str], fresh_name: Callable[..., str]
) -> Callable[..., str]:
    """`make_function(admin, source, *statements)`: the ARN of a function whose role may do that."""

    def make(
        administrator: Person, source: str, *statements: dict[str, Any], **settings: Any
    ) -> str:
        role = settings.pop("Role", None) or make_role(
            administrator, {"Service": "lambda.amazonaws.com"}, *statements
        )
        made = administrator.client("lambda").create_function(
            **{
                "FunctionName": fresh_name("fn"),
                "Runtime": "python3.11",
                "Role": role,
                "Handler": "main.handler",
                "Code": {"ZipFile": zipped({"main.py": source})},
                **settings,
            }
        )
        return str(made["FunctionArn"])

    return make


@pytest.fixture
def run() -> Callable[..., Any]:
    """`run(person, function, event)`: what the function answered, and its error."""

    def invoke(person: Person, function: str, event: Any = None) -> tuple[Any, str | None]:
        answer = person.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read() or b"null"), answer.get("FunctionError")

    return invoke


@pytest.fixture
def make_queue(fresh_name: Callable[..., str]) -> Callable[..., SimpleNamespace]:
    """`make_queue(admin)`: a queue's `url` and `arn`; `policy` is set when given."""

    def make(administrator: Person, policy: Callable[[str], str] | None = None) -> SimpleNamespace:
        sqs, name = administrator.client("sqs"), fresh_name("queue")
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:{account_of(administrator)}:{name}"
        if policy:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(arn)})
        return SimpleNamespace(url=url, arn=arn, name=name)

    return make
