"""STS through boto3, on a server with two accounts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.config import Config

from inhouse.core.clock import SystemClock
from inhouse.core.ids import RandomIds
from inhouse.services.iam import rows
from inhouse.services.iam.accounts import create_account
from inhouse.services.iam.identities import root_principal
from inhouse.store import Store
from tests.services.iam.test_iam import allow, refused
from tests.serving import ACCOUNT, RunningServer, start

OTHER = "210987654321"
EXPIRED = {
    "id": "ASIAEXPIREDANHOURAGO",
    "account": OTHER,
    "secret": "expired-secret",
    "token": "expired-token",
    "expires": time.time() - 3600,
    "principal": json.dumps(root_principal(OTHER).to_row()),
}
"""A session that ended an hour ago, by the row."""


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, Any]]:
    """A server, and the root key of its second account."""
    folder = tmp_path_factory.mktemp("two")
    house: Any = SimpleNamespace(clock=SystemClock(), ids=RandomIds())
    store = Store(folder / "data", durable=False)
    key = store.submit(lambda tx: create_account(house, tx, OTHER, "research")).result()
    store.submit(lambda tx: rows.add_session(tx, **EXPIRED)).result()
    store.close()
    with start(folder, "--data", str(folder / "data")) as running:
        yield running, key


@pytest.fixture
def client(two: tuple[RunningServer, Any]) -> Callable[..., Any]:
    """Clients that leave it to the server to find fault."""
    config = Config(parameter_validation=False, retries={"max_attempts": 0})
    return lambda service, **arguments: two[0].client(service, config=config, **arguments)


@pytest.fixture
def other(two: tuple[RunningServer, Any]) -> Callable[[str], Any]:
    """Clients of the second account's root user."""
    server, key = two
    return lambda service: server.client(
        service,
        aws_access_key_id=key.principal.access_key_id,
        aws_secret_access_key=key.secret,
    )


@pytest.fixture
def iam(client: Callable[..., Any]) -> Any:
    return client("iam")


@pytest.fixture
def user(client: Callable[..., Any], iam: Any, fresh_name: Callable[..., str]) -> Any:
    """A user with a key: `user.name`, `user.arn`, `user.client("sts")`."""
    name = fresh_name("user")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    pair = {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }
    return SimpleNamespace(name=name, arn=arn, client=lambda service: client(service, **pair))


@pytest.fixture
def as_session(client: Callable[..., Any]) -> Callable[..., Any]:
    def make(answer: Any, service: str) -> Any:
        made = answer["Credentials"]
        return client(
            service,
            aws_access_key_id=made["AccessKeyId"],
            aws_secret_access_key=made["SecretAccessKey"],
            aws_session_token=made["SessionToken"],
        )

    return make


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


def test_everybody_learns_who_they_are(user: Any, other: Callable[[str], Any]) -> None:
    who = user.client("sts").get_caller_identity()
    assert (who["Arn"], who["Account"]) == (user.arn, ACCOUNT)
    assert who["UserId"].startswith("AIDA")
    root = other("sts").get_caller_identity()
    assert (root["Arn"], root["UserId"]) == (f"arn:aws:iam::{OTHER}:root", OTHER)


def test_a_role_gives_its_rights_and_only_those(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("role")
    arn = make_role(iam, name, trust(user.arn), allow("iam:ListUsers"))
    answer = user.client("sts").assume_role(RoleArn=arn, RoleSessionName="night")
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/night"
    left = answer["Credentials"]["Expiration"] - datetime.now(UTC)
    assert 3500 < left.total_seconds() <= 3600
    who = as_session(answer, "sts").get_caller_identity()
    assert who["Arn"] == answer["AssumedRoleUser"]["Arn"]
    assert who["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    session = as_session(answer, "iam")
    session.list_users()
    with refused("AccessDenied", "assumed-role", "iam:ListRoles"):
        session.list_roles()
    with refused("AccessDenied"):
        user.client("iam").list_users()
    assert iam.get_role(RoleName=name)["Role"]["RoleLastUsed"]["Region"] == "us-east-1"


def test_trust_decides(
    iam: Any, user: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    closed = make_role(iam, fresh_name("closed"), trust(f"arn:aws:iam::{OTHER}:root"))
    with refused("AccessDenied", "sts:AssumeRole", closed):
        client("sts").assume_role(RoleArn=closed, RoleSessionName="night")
    account = make_role(iam, fresh_name("account"), trust(ACCOUNT))
    with refused("AccessDenied"):
        user.client("sts").assume_role(RoleArn=account, RoleSessionName="night")
    iam.put_user_policy(
        UserName=user.name, PolicyName="p", PolicyDocument=allow("sts:AssumeRole", resource=account)
    )
    user.client("sts").assume_role(RoleArn=account, RoleSessionName="night")
    with refused("AccessDenied"):
        client("sts").assume_role(RoleArn=account + "x", RoleSessionName="night")


def test_across_accounts_both_sides_must_agree(
    iam: Any,
    user: Any,
    other: Callable[[str], Any],
    as_session: Callable[..., Any],
    fresh_name: Callable[..., str],
) -> None:
    theirs = other("iam")
    external = {"StringEquals": {"sts:ExternalId": "deal:1"}}
    arn = make_role(theirs, fresh_name("guest"), trust(ACCOUNT, **external), allow("iam:ListUsers"))
    sts = user.client("sts")
    with refused("AccessDenied", "identity-based policy"):
        sts.assume_role(RoleArn=arn, RoleSessionName="visit", ExternalId="deal:1")
    document = allow("sts:AssumeRole", resource=arn)
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=document)
    for wrong in ({}, {"ExternalId": "deal:2"}):
        with refused("AccessDenied", "trust policy"):
            sts.assume_role(RoleArn=arn, RoleSessionName="visit", **wrong)
    answer = sts.assume_role(RoleArn=arn, RoleSessionName="visit", ExternalId="deal:1")
    session = as_session(answer, "iam")
    assert as_session(answer, "sts").get_caller_identity()["Account"] == OTHER
    assert user.name not in [one["UserName"] for one in session.list_users()["Users"]]
    with refused("AccessDenied", "root"):
        other("sts").assume_role(RoleArn=arn, RoleSessionName="visit", ExternalId="deal:1")


def test_a_session_policy_narrows(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    arn = make_role(iam, fresh_name("wide"), trust(user.arn), allow("iam:*"))
    sts = user.client("sts")
    answer = sts.assume_role(
        RoleArn=arn, RoleSessionName="narrow", Policy=allow("iam:ListUsers", "s3:*")
    )
    assert 0 < answer["PackedPolicySize"] <= 100
    session = as_session(answer, "iam")
    session.list_users()
    with refused("AccessDenied", "session policy"):
        session.list_roles()
    named = sts.assume_role(
        RoleArn=arn,
        RoleSessionName="named",
        PolicyArns=[{"arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}],
    )
    session = as_session(named, "iam")
    session.list_roles()
    with refused("AccessDenied"):
        session.create_group(GroupName="no")
    with refused("MalformedPolicyDocument"):
        sts.assume_role(RoleArn=arn, RoleSessionName="bad", Policy="{}")
    long = allow(*[f"s3:Get{number:05d}" for number in range(200)])
    with refused("PackedPolicyTooLarge", "%"):
        sts.assume_role(RoleArn=arn, RoleSessionName="long", Policy=long)
    with refused("ValidationError", "policy/none"):
        sts.assume_role(
            RoleArn=arn,
            RoleSessionName="none",
            PolicyArns=[{"arn": "arn:aws:iam::aws:policy/none"}],
        )


def test_durations_have_limits(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    first, second = fresh_name("first"), fresh_name("second")
    one = make_role(iam, first, trust(user.arn), allow("sts:AssumeRole"), MaxSessionDuration=7200)
    two = make_role(iam, second, trust(one), MaxSessionDuration=43200)
    sts = user.client("sts")
    for seconds, word in ((899, "900"), (43201, "43200"), (7201, "MaxSessionDuration")):
        with refused("ValidationError", word):
            sts.assume_role(RoleArn=one, RoleSessionName="time", DurationSeconds=seconds)
    answer = sts.assume_role(RoleArn=one, RoleSessionName="time", DurationSeconds=7200)
    chained = as_session(answer, "sts")
    with refused("ValidationError", "role chaining"):
        chained.assume_role(RoleArn=two, RoleSessionName="time", DurationSeconds=3601)
    chained.assume_role(RoleArn=two, RoleSessionName="time", DurationSeconds=3600)


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"RoleSessionName": "a"}, "roleSessionName"),
        ({"RoleSessionName": "with space"}, "roleSessionName"),
        ({"RoleArn": "no arn of a role at all"}, "roleArn"),
        ({"ExternalId": "ü!"}, "externalId"),
        ({"SourceIdentity": "s p"}, "sourceIdentity"),
    ],
)
def test_bad_requests_name_the_member(
    iam: Any, client: Callable[..., Any], fresh_name: Callable[..., str], wrong: Any, word: str
) -> None:
    arn = make_role(iam, fresh_name("open"), trust(ACCOUNT))
    with refused("ValidationError", word):
        client("sts").assume_role(**{"RoleArn": arn, "RoleSessionName": "good", **wrong})


def test_session_tags_need_leave_and_travel(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    both = ("sts:AssumeRole", "sts:TagSession")
    condition = {"StringEquals": {"aws:PrincipalTag/project": "atlas"}}
    untagged = make_role(iam, fresh_name("untagged"), trust(user.arn))
    one = make_role(iam, fresh_name("one"), trust(user.arn, *both), allow(*both))
    two = make_role(
        iam, fresh_name("two"), trust(one, *both), allow("iam:ListUsers", Condition=condition)
    )
    tags = {
        "Tags": [{"Key": "project", "Value": "atlas"}, {"Key": "desk", "Value": "x"}],
        "TransitiveTagKeys": ["project"],
    }
    sts = user.client("sts")
    with refused("AccessDenied", "sts:TagSession"):
        sts.assume_role(RoleArn=untagged, RoleSessionName="tags", **tags)
    first = as_session(sts.assume_role(RoleArn=one, RoleSessionName="tags", **tags), "sts")
    answer = first.assume_role(RoleArn=two, RoleSessionName="tags")
    as_session(answer, "iam").list_users()
    with refused("ValidationError", "project"):
        first.assume_role(
            RoleArn=two, RoleSessionName="tags", Tags=[{"Key": "project", "Value": "other"}]
        )
    plain = as_session(sts.assume_role(RoleArn=one, RoleSessionName="tags"), "sts")
    answer = plain.assume_role(RoleArn=two, RoleSessionName="tags")
    with refused("AccessDenied"):
        as_session(answer, "iam").list_users()
    with refused("ValidationError", "missing"):
        sts.assume_role(RoleArn=one, RoleSessionName="tags", TransitiveTagKeys=["missing"])


def test_a_source_identity_stays(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    both = ("sts:AssumeRole", "sts:SetSourceIdentity")
    one = make_role(iam, fresh_name("one"), trust(user.arn, *both), allow(*both))
    two = make_role(iam, fresh_name("two"), trust(one, *both))
    sts = user.client("sts")
    answer = sts.assume_role(RoleArn=one, RoleSessionName="src", SourceIdentity="ann")
    assert answer["SourceIdentity"] == "ann"
    session = as_session(answer, "sts")
    assert session.assume_role(RoleArn=two, RoleSessionName="src")["SourceIdentity"] == "ann"
    with refused("AccessDenied", "cannot change"):
        session.assume_role(RoleArn=two, RoleSessionName="src", SourceIdentity="bob")


def test_user_sessions_have_no_mfa(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    arn = make_role(iam, fresh_name("role"), trust(user.arn))
    iam.put_user_policy(
        UserName=user.name, PolicyName="all", PolicyDocument=allow("iam:*", "ssm:*")
    )
    answer = user.client("sts").get_session_token(DurationSeconds=900)
    session = as_session(answer, "sts")
    assert session.get_caller_identity()["Arn"] == user.arn
    as_session(answer, "ssm").describe_parameters()
    with refused("AccessDenied", "session policy"):
        as_session(answer, "iam").list_users()
    with refused("AccessDenied", "session credentials"):
        session.get_session_token()
    session.assume_role(RoleArn=arn, RoleSessionName="night")
    with refused("ValidationError", "900"):
        user.client("sts").get_session_token(DurationSeconds=60)
    with refused("AccessDenied", "MFA"):
        user.client("sts").get_session_token(SerialNumber="x" * 9, TokenCode="123456")


def test_a_token_belongs_to_its_key(
    iam: Any, user: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    arn = make_role(iam, fresh_name("role"), trust(user.arn))
    sts = user.client("sts")
    one = sts.assume_role(RoleArn=arn, RoleSessionName="one")["Credentials"]
    two = sts.assume_role(RoleArn=arn, RoleSessionName="two")["Credentials"]
    for token in (None, two["SessionToken"], one["SessionToken"] + "x"):
        stranger = client(
            "sts",
            aws_access_key_id=one["AccessKeyId"],
            aws_secret_access_key=one["SecretAccessKey"],
            aws_session_token=token,
        )
        with refused("InvalidClientTokenId"):
            stranger.get_caller_identity()


def test_trust_does_not_pass_to_a_namesake(
    iam: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name, role = fresh_name("friend"), fresh_name("role")
    with refused("MalformedPolicyDocument", "Invalid principal", name):
        make_role(iam, role, trust(f"arn:aws:iam::{ACCOUNT}:user/{name}"))

    def newcomer() -> Any:
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        key = iam.create_access_key(UserName=name)["AccessKey"]
        sts = client(
            "sts",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )
        return SimpleNamespace(arn=arn, key=key["AccessKeyId"], sts=sts)

    def trusted() -> Any:
        document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        return document["Statement"][0]["Principal"]["AWS"]

    first = newcomer()
    arn = make_role(iam, role, trust([first.arn, f"arn:aws:iam::{OTHER}:root"]))
    assert trusted() == [first.arn, f"arn:aws:iam::{OTHER}:root"]
    first.sts.assume_role(RoleArn=arn, RoleSessionName="night")
    iam.delete_access_key(UserName=name, AccessKeyId=first.key)
    iam.delete_user(UserName=name)
    second = newcomer()
    assert second.arn == first.arn
    with refused("AccessDenied", "sts:AssumeRole"):
        second.sts.assume_role(RoleArn=arn, RoleSessionName="night")
    assert trusted()[0].startswith("AIDA")


def test_an_expired_session_is_told_so(client: Callable[..., Any]) -> None:
    for service, code, call in (
        ("sts", "ExpiredToken", "get_caller_identity"),
        ("ssm", "ExpiredTokenException", "describe_parameters"),
    ):
        session = client(
            service,
            aws_access_key_id=EXPIRED["id"],
            aws_secret_access_key=EXPIRED["secret"],
            aws_session_token=EXPIRED["token"],
        )
        with refused(code, "expired"):
            getattr(session, call)()


def test_the_session_of_a_deleted_role_may_do_nothing(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("role")
    arn = make_role(iam, name, trust(user.arn), allow("iam:ListUsers"))
    answer = user.client("sts").assume_role(RoleArn=arn, RoleSessionName="night")
    session = as_session(answer, "iam")
    session.list_users()
    iam.delete_role_policy(RoleName=name, PolicyName="own")
    iam.delete_role(RoleName=name)
    make_role(iam, name, trust(user.arn), allow("iam:ListUsers"))
    with refused("AccessDenied"):
        session.list_users()


def test_the_account_of_a_key(client: Callable[..., Any], two: Any) -> None:
    key_id = two[1].principal.access_key_id
    assert client("sts").get_access_key_info(AccessKeyId=key_id)["Account"] == OTHER
    with refused("ValidationError", "AKIAAAAAAAAAAAAAAAAA"):
        client("sts").get_access_key_info(AccessKeyId="AKIAAAAAAAAAAAAAAAAA")
