"""As many access points as AWS allows an account in a region."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inhouse.services.s3control import rows
from inhouse.services.s3control.names import MOST, Name
from inhouse.store import Store
from tests.services.s3control.conftest import configuration
from tests.serving import ACCOUNT, REGION, RunningServer, start


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose account has them all but one, of both kinds."""
    folder = tmp_path_factory.mktemp("full")
    store = Store(folder / "data", durable=False)
    store.write_now(_fill)
    store.close()
    with start(folder, "--data", str(folder / "data")) as running:
        yield running


def _fill(tx: Any) -> None:
    for kind, most in MOST.items():
        for number in range(most - 1):
            rows.add(
                tx,
                Name(ACCOUNT, REGION, f"door-{number:05}", kind),
                alias=f"{kind}{number}",
                bucket=None if kind else f"bucket-{number % 2}",
                bucket_account=ACCOUNT,
                block="{}",
                configuration="{}",
                created=0.0,
            )


def test_no_more_than_that(
    control: Any, s3: Any, refused: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    bucket = fresh_name("bucket")
    s3.create_bucket(Bucket=bucket)
    last, more = ({"AccountId": ACCOUNT, "Name": name} for name in ("last", "more"))
    arn = control.create_access_point(**last, Bucket=bucket)["AccessPointArn"]
    answer = refused(control.create_access_point, **more, Bucket=bucket)
    assert (answer["Code"], answer["Status"]) == ("TooManyAccessPoints", 400)
    assert "10000" in answer["Message"]
    made = {"Configuration": configuration(arn)}
    control.create_access_point_for_object_lambda(**last, **made)
    answer = refused(control.create_access_point_for_object_lambda, **more, **made)
    assert (answer["Code"], answer["Status"]) == ("TooManyAccessPoints", 400)
    control.delete_access_point(AccountId=ACCOUNT, Name="door-00000")
    control.create_access_point(**more, Bucket=bucket)


def listed(control: Any, **given: Any) -> Iterator[list[dict[str, Any]]]:
    """Page by page."""
    while True:
        page = control.list_access_points(AccountId=ACCOUNT, **given)
        yield page["AccessPointList"]
        if "NextToken" not in page:
            return
        given["NextToken"] = page["NextToken"]


def test_all_are_listed_by_pages(control: Any) -> None:
    pages = list(listed(control))
    assert {len(page) for page in pages[:-1]} == {1000}
    found = [one["Name"] for page in pages for one in page]
    assert len(found) >= MOST[False] - 1
    assert found == sorted(set(found))
    behind = [one["Bucket"] for page in listed(control, Bucket="bucket-1") for one in page]
    assert behind == ["bucket-1"] * (MOST[False] // 2 - 1)
