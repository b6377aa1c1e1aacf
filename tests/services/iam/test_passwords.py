"""IAM through boto3: passwords, the account's rules for them, the credential report."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inhouse.core.errors import ServiceError
from inhouse.services.iam import passwords
from tests.services.iam.asking import allow, refused
from tests.serving import ACCOUNT

GOOD = "Rivers-run-2"
STRICT = {
    "MinimumPasswordLength": 10,
    "RequireSymbols": True,
    "RequireNumbers": True,
    "RequireUppercaseCharacters": True,
    "RequireLowercaseCharacters": True,
    "AllowUsersToChangePassword": True,
    "MaxPasswordAge": 60,
    "PasswordReusePrevention": 3,
    "HardExpiry": True,
}


@pytest.fixture
def policy(iam: Any) -> Iterator[Any]:
    """Sets the account's password policy, until the test ends."""
    yield lambda **rules: iam.update_account_password_policy(**rules)
    iam.delete_account_password_policy()


def test_a_login_profile_lives(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("login")
    with refused("NoSuchEntity", f"The user with name {name} cannot be found."):
        iam.create_login_profile(UserName=name, Password=GOOD)
    iam.create_user(UserName=name)
    with refused("NoSuchEntity", f"Login Profile for User {name} cannot be found."):
        iam.get_login_profile(UserName=name)
    made = iam.create_login_profile(UserName=name, Password=GOOD)["LoginProfile"]
    assert (made["UserName"], made["PasswordResetRequired"]) == (name, False)
    with refused("EntityAlreadyExists", f"Login Profile for user {name} already exists."):
        iam.create_login_profile(UserName=name, Password=GOOD)
    with refused("DeleteConflict", "must delete login profile first"):
        iam.delete_user(UserName=name)
    iam.update_login_profile(UserName=name, PasswordResetRequired=True)
    iam.update_user(UserName=name, NewUserName=name + "2")
    shown = iam.get_login_profile(UserName=name + "2")["LoginProfile"]
    assert (shown["UserName"], shown["PasswordResetRequired"]) == (name + "2", True)
    assert shown["CreateDate"] == made["CreateDate"]
    iam.delete_login_profile(UserName=name + "2")
    with refused("NoSuchEntity"):
        iam.delete_login_profile(UserName=name + "2")
    iam.delete_user(UserName=name + "2")


def test_a_user_changes_its_password(
    iam: Any, policy: Any, as_user: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("change")
    iam.create_user(UserName=name)
    iam.create_login_profile(UserName=name, Password=GOOD, PasswordResetRequired=True)
    own = as_user(name, "iam")
    policy(**{**STRICT, "AllowUsersToChangePassword": False})
    with refused("AccessDenied", "iam:ChangePassword"):
        own.change_password(OldPassword=GOOD, NewPassword="Brooks-run-3")
    document = allow("iam:ChangePassword", resource=f"arn:aws:iam::{ACCOUNT}:user/{name}")
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    with refused("AccessDenied", "old password"):
        own.change_password(OldPassword=GOOD + "x", NewPassword="Brooks-run-3")
    own.change_password(OldPassword=GOOD, NewPassword="Brooks-run-3")
    iam.delete_user_policy(UserName=name, PolicyName="p")
    policy(**STRICT)
    own.change_password(OldPassword="Brooks-run-3", NewPassword="Creeks-run-4")
    with refused("PasswordPolicyViolation", "last 3 passwords"):
        own.change_password(OldPassword="Creeks-run-4", NewPassword=GOOD)
    assert iam.get_login_profile(UserName=name)["LoginProfile"]["PasswordResetRequired"] is False
    with refused("PasswordPolicyViolation", "minimum length of 10"):
        iam.update_login_profile(UserName=name, Password="Sh0rt-one")


def test_only_users_have_passwords(
    client: Callable[..., Any],
    iam: Any,
    as_user: Callable[..., Any],
    fresh_name: Callable[..., str],
) -> None:
    name = fresh_name("role")
    with refused("NoSuchEntity", "Login Profile for User admin cannot be found."):
        iam.change_password(OldPassword=GOOD, NewPassword=GOOD)
    user = iam.create_user(UserName=name)["User"]["Arn"]
    statement = {"Effect": "Allow", "Principal": {"AWS": user}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": statement})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    made = as_user(name, "sts").assume_role(RoleArn=role, RoleSessionName="night")["Credentials"]
    session = client(
        "iam",
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
        aws_session_token=made["SessionToken"],
    )
    with refused("InvalidUserType", "Only IAM Users"):
        session.change_password(OldPassword=GOOD, NewPassword=GOOD)


@pytest.mark.parametrize(
    ("text", "rules", "words"),
    [
        ("Sh0rt-7", None, "minimum length of 8"),
        ("onlysmallletters", None, "at least 3 of"),
        ("Two-classes", {**STRICT, "MinimumPasswordLength": 6}, "one number"),
        ("two-cl4sses", STRICT, "one uppercase letter"),
        ("TWO-CL4SSES", STRICT, "one lowercase letter"),
        ("TwoCl4ssesHere", STRICT, "one symbol"),
    ],
)
def test_passwords_follow_the_rules(text: str, rules: Any, words: str) -> None:
    with pytest.raises(ServiceError, match="PasswordPolicyViolation") as caught:
        passwords.check(text, rules)
    assert words in caught.value.message
    passwords.check("Enough-of-4ll", rules)


def test_a_password_is_kept_as_a_salted_hash() -> None:
    one, two = passwords.kept(GOOD), passwords.kept(GOOD)
    assert one != two
    assert GOOD not in one
    assert passwords.matches(GOOD, one)
    assert not passwords.matches(GOOD + " ", one)


def test_the_policy_of_the_account(iam: Any) -> None:
    with refused(
        "NoSuchEntity", f"The Password Policy with domain name {ACCOUNT} cannot be found."
    ):
        iam.get_account_password_policy()
    with refused("NoSuchEntity", "The account policy with name PasswordPolicy cannot be found."):
        iam.delete_account_password_policy()
    iam.update_account_password_policy(**STRICT)
    shown = iam.get_account_password_policy()["PasswordPolicy"]
    assert shown == {**STRICT, "ExpirePasswords": True}
    iam.update_account_password_policy()
    assert iam.get_account_password_policy()["PasswordPolicy"] == {
        "MinimumPasswordLength": 6,
        "RequireSymbols": False,
        "RequireNumbers": False,
        "RequireUppercaseCharacters": False,
        "RequireLowercaseCharacters": False,
        "AllowUsersToChangePassword": False,
        "ExpirePasswords": False,
    }
    iam.delete_account_password_policy()
    with refused("ValidationError", "3 validation errors detected", "'maxPasswordAge'"):
        iam.update_account_password_policy(
            MinimumPasswordLength=129, PasswordReusePrevention=25, MaxPasswordAge=1096
        )


def test_the_report_tells_every_user(
    iam: Any, as_user: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("report")
    with refused("ReportNotPresent", "GenerateCredentialReport"):
        iam.get_credential_report()
    iam.create_user(UserName=name)
    iam.create_login_profile(UserName=name, Password=GOOD)
    as_user(name, "sts").get_caller_identity()
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    report = iam.get_credential_report()
    assert report["ReportFormat"] == "text/csv"
    lines = list(csv.DictReader(io.StringIO(report["Content"].decode())))
    assert lines[0]["user"] == "<root_account>"
    (line,) = [one for one in lines if one["user"] == name]
    assert len(line) == 22
    assert line["arn"] == f"arn:aws:iam::{ACCOUNT}:user/{name}"
    assert (line["password_enabled"], line["mfa_active"]) == ("true", "false")
    keys = {line["access_key_1_active"], line["access_key_2_active"]}
    assert keys == {"true", "false"}
    services = {line["access_key_1_last_used_service"], line["access_key_2_last_used_service"]}
    assert services == {"sts", "N/A"}
    assert (line["cert_1_active"], line["cert_1_last_rotated"]) == ("false", "N/A")
