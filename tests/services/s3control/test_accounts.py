"""Access points between two accounts: one has the bucket, the other comes to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from inhouse.core.clock import SystemClock
from inhouse.core.ids import RandomIds
from inhouse.services.iam.accounts import create_account
from inhouse.store import Store
from tests.serving import ACCOUNT, RunningServer, start

OTHER = "210987654321"
KEY = "a.txt"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, Any]]:
    """A server, and the root key of its second account."""
    folder = tmp_path_factory.mktemp("two")
    house: Any = SimpleNamespace(clock=SystemClock(), ids=RandomIds())
    store = Store(folder / "data", durable=False)
    key = store.write_now(lambda tx: create_account(house, tx, OTHER, "research"))
    store.close()
    with start(folder, "--data", str(folder / "data")) as running:
        yield running, key


@pytest.fixture
def owner(two: tuple[RunningServer, Any]) -> Callable[[str], Any]:
    """Clients of the account that has the bucket."""
    return two[0].session().client


@pytest.fixture
def guest(two: tuple[RunningServer, Any]) -> Callable[[str], Any]:
    """Clients of the second account's root user."""
    import inhouse

    server, key = two
    return inhouse.session(
        server.endpoint,
        aws_access_key_id=key.principal.access_key_id,
        aws_secret_access_key=key.secret,
    ).client


@pytest.fixture
def bucket(owner: Callable[[str], Any], fresh_name: Callable[..., str]) -> str:
    name = fresh_name("bucket")
    owner("s3").create_bucket(Bucket=name)
    owner("s3").put_object(Bucket=name, Key=KEY, Body=b"hello")
    return name


def policy(arn: str, objects: str, **condition: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": OTHER},
        "Action": "s3:GetObject",
        "Resource": f"{arn}/{objects}",
        **({"Condition": {"StringEquals": condition}} if condition else {}),
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def test_a_stranger_needs_the_access_points_policy_and_the_buckets(
    owner: Callable[[str], Any],
    guest: Callable[[str], Any],
    bucket: str,
    refused: Callable[..., Any],
    fresh_name: Callable[..., str],
) -> None:
    control, the = owner("s3control"), {"AccountId": ACCOUNT, "Name": fresh_name("door")}
    arn = control.create_access_point(**the, Bucket=bucket)["AccessPointArn"]
    read = {"Bucket": arn, "Key": KEY}
    assert refused(guest("s3").get_object, **read)["Code"] == "AccessDenied"
    control.put_access_point_policy(**the, Policy=policy(arn, "object/*"))
    assert refused(guest("s3").get_object, **read)["Code"] == "AccessDenied"
    delegation = policy(f"arn:aws:s3:::{bucket}", "*", **{"s3:DataAccessPointAccount": ACCOUNT})
    owner("s3").put_bucket_policy(Bucket=bucket, Policy=delegation)
    assert guest("s3").get_object(**read)["Body"].read() == b"hello"
    direct = refused(guest("s3").get_object, Bucket=bucket, Key=KEY)
    assert direct["Code"] == "AccessDenied"
    control.delete_access_point_policy(**the)
    assert refused(guest("s3").get_object, **read)["Code"] == "AccessDenied"


def test_an_access_point_to_a_bucket_of_another_account(
    owner: Callable[[str], Any],
    guest: Callable[[str], Any],
    bucket: str,
    refused: Callable[..., Any],
    fresh_name: Callable[..., str],
) -> None:
    control, the = guest("s3control"), {"AccountId": OTHER, "Name": fresh_name("door")}
    unnamed = refused(control.create_access_point, **the, Bucket=bucket)
    assert unnamed["Code"] == "AccessDenied"
    made = control.create_access_point(**the, Bucket=bucket, BucketAccountId=ACCOUNT)
    read = {"Bucket": made["AccessPointArn"], "Key": KEY}
    assert control.get_access_point(**the)["BucketAccountId"] == ACCOUNT
    assert refused(guest("s3").get_object, **read)["Code"] == "AccessDenied"
    keys = {"s3:DataAccessPointArn": made["AccessPointArn"]}
    owner("s3").put_bucket_policy(
        Bucket=bucket, Policy=policy(f"arn:aws:s3:::{bucket}", "*", **keys)
    )
    assert guest("s3").get_object(**read)["Body"].read() == b"hello"
    owner("s3").delete_object(Bucket=bucket, Key=KEY)
    owner("s3").delete_bucket(Bucket=bucket)


def test_nobody_makes_or_changes_access_points_of_another_account(
    owner: Callable[[str], Any],
    guest: Callable[[str], Any],
    bucket: str,
    refused: Callable[..., Any],
    fresh_name: Callable[..., str],
) -> None:
    the = {"AccountId": ACCOUNT, "Name": fresh_name("door")}
    arn = owner("s3control").create_access_point(**the, Bucket=bucket)["AccessPointArn"]
    control = guest("s3control")
    for operation, arguments in (
        (control.get_access_point, {}),
        (control.delete_access_point, {}),
        (control.put_access_point_policy, {"Policy": policy(arn, "object/*")}),
    ):
        assert refused(operation, **the, **arguments)["Code"] == "AccessDenied"


@pytest.mark.parametrize("where", ["point", "account"])
def test_an_access_point_open_to_everybody_is_restricted(
    owner: Callable[[str], Any],
    guest: Callable[[str], Any],
    bucket: str,
    refused: Callable[..., Any],
    fresh_name: Callable[..., str],
    where: str,
) -> None:
    control, the = owner("s3control"), {"AccountId": ACCOUNT, "Name": fresh_name("door")}
    block = {"RestrictPublicBuckets": where == "point"}
    arn = control.create_access_point(**the, Bucket=bucket, PublicAccessBlockConfiguration=block)[
        "AccessPointArn"
    ]
    everybody = json.loads(policy(arn, "object/*"))
    everybody["Statement"]["Principal"] = "*"
    control.put_access_point_policy(**the, Policy=json.dumps(everybody))
    delegation = policy(f"arn:aws:s3:::{bucket}", "*", **{"s3:DataAccessPointAccount": ACCOUNT})
    owner("s3").put_bucket_policy(Bucket=bucket, Policy=delegation)
    read = {"Bucket": arn, "Key": KEY}
    if where == "account":
        assert guest("s3").get_object(**read)["Body"].read() == b"hello"
        restrict = {"RestrictPublicBuckets": True}
        control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=restrict)
    assert refused(guest("s3").get_object, **read)["Code"] == "AccessDenied"
    assert owner("s3").get_object(**read)["Body"].read() == b"hello"
    control.delete_public_access_block(AccountId=ACCOUNT)
