"""Quotas of policy documents."""

from __future__ import annotations

import pytest

from inhouse.access import PolicyTooLarge, SizeLimit, check_size, policy_size


def test_white_space_does_not_count() -> None:
    assert policy_size('{\n\t"Version": "x" }\r\n') == len('{"Version":"x"}')


def test_a_managed_policy_may_be_just_so_long() -> None:
    check_size(["x" * 6144 + " " * 100], SizeLimit.MANAGED)
    with pytest.raises(PolicyTooLarge, match="Cannot exceed quota for PolicySize: 6144"):
        check_size(["x" * 6145], SizeLimit.MANAGED)


def test_inline_policies_share_their_quota() -> None:
    check_size(["x" * 1024, "y" * 1024], SizeLimit.USER_INLINE, holder="ada")
    with pytest.raises(
        PolicyTooLarge, match="Maximum policy size of 2048 bytes exceeded for user ada"
    ):
        check_size(["x" * 1024, "y" * 1025], SizeLimit.USER_INLINE, holder="ada")


@pytest.mark.parametrize("limit", SizeLimit)
def test_every_quota_can_be_exceeded(limit: SizeLimit) -> None:
    with pytest.raises(PolicyTooLarge):
        check_size(["x" * (limit.characters + 1)], limit, holder="h")
