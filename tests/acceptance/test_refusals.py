"""Who is kept out, and what they are told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests.acceptance.people import (
    ACCOUNT,
    OTHER,
    Person,
    allow,
    denied,
    deny,
    document,
    refusal,
)
from tests.serving import KEY_ID, SECRET, RunningServer

MakeUser = Callable[..., Person]


def let_in(principal: Any, action: str, arn: str) -> str:
    return document({**allow(action, on=arn), "Principal": principal})


class Place:
    """Something in the first account that somebody wants to reach: how to open it, how to use it."""

    def __init__(self, kind: str, admin: Person, name: str, make_function: Any) -> None:
        self.kind = kind
        self._admin = admin
        self._name = name
        getattr(self, f"_make_{kind}")(make_function)

    def _make_bucket(self, _: Any) -> None:
        self._admin.client("s3").create_bucket(Bucket=self._name)
        self._admin.client("s3").put_object(Bucket=self._name, Key="k", Body=b"hello")
        self.arn, self.action = f"arn:aws:s3:::{self._name}/k", "s3:GetObject"

    def _make_topic(self, _: Any) -> None:
        self.arn = self._admin.client("sns").create_topic(Name=self._name)["TopicArn"]
        self.action = "sns:Publish"

    def _make_queue(self, _: Any) -> None:
        self.url = self._admin.client("sqs").create_queue(QueueName=self._name)["QueueUrl"]
        self.arn, self.action = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{self._name}", "sqs:SendMessage"

    def _make_function(self, make_function: Any) -> None:
        self.arn = make_function(self._admin, "def handler(event, context):\n    return 'ran'\n")
        self.action = "lambda:InvokeFunction"

    def use(self, person: Person) -> Any:
        if self.kind == "bucket":
            return person.client("s3").get_object(Bucket=self._name, Key="k")
        if self.kind == "topic":
            return person.client("sns").publish(TopicArn=self.arn, Message="m")
        if self.kind == "queue":
            return person.client("sqs").send_message(QueueUrl=self.url, MessageBody="m")
        return person.client("lambda").invoke(FunctionName=self.arn)

    def open(self, principal: str) -> None:
        """Lets in `principal`, an ARN or an account, by the resource's own policy."""
        text = let_in({"AWS": principal}, self.action, self.arn)
        if self.kind == "bucket":
            self._admin.client("s3").put_bucket_policy(Bucket=self._name, Policy=text)
        elif self.kind == "topic":
            self._admin.client("sns").set_topic_attributes(
                TopicArn=self.arn, AttributeName="Policy", AttributeValue=text
            )
        elif self.kind == "queue":
            self._admin.client("sqs").set_queue_attributes(
                QueueUrl=self.url, Attributes={"Policy": text}
            )
        else:
            self._admin.client("lambda").add_permission(
                FunctionName=self.arn, StatementId="s", Action=self.action, Principal=principal
            )


@pytest.fixture
def place(admin: Person, fresh_name: Any, make_function: Any) -> Callable[[str], Place]:
    return lambda kind: Place(kind, admin, fresh_name("place"), make_function)


KINDS = ("bucket", "topic", "queue", "function")


@pytest.mark.parametrize("kind", KINDS)
def test_across_accounts_both_sides_must_agree(
    kind: str, place: Callable[[str], Place], other: Person, make_user: MakeUser
) -> None:
    there = place(kind)
    stranger = make_user(other)
    invited = make_user(other, allow(there.action, on=there.arn))
    for person in (stranger, invited):
        denied(lambda person=person: there.use(person))
    there.open(OTHER)
    assert "identity-based policy" in denied(lambda: there.use(stranger))
    assert there.use(invited)["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("kind", KINDS)
def test_the_root_user_of_another_account_is_a_stranger_too(
    kind: str, place: Callable[[str], Place], other: Person
) -> None:
    there = place(kind)
    message = denied(lambda: there.use(other))
    assert f"arn:aws:iam::{OTHER}:root" in message
    assert there.action in message
    assert there.arn in message
    assert "resource-based policy" in message


@pytest.mark.parametrize("kind", KINDS)
def test_within_an_account_the_resource_s_policy_is_enough(
    kind: str, place: Callable[[str], Place], admin: Person, make_user: MakeUser
) -> None:
    there, user, bystander = place(kind), make_user(admin), make_user(admin)
    message = denied(lambda: there.use(user))
    assert user.arn in message
    assert there.action in message
    assert there.arn in message
    there.open(user.arn)
    assert there.use(user)["ResponseMetadata"]["HTTPStatusCode"] == 200
    denied(lambda: there.use(bystander))


def test_a_role_of_another_account_takes_both_sides(
    admin: Person, other: Person, make_user: MakeUser, make_role: Any
) -> None:
    closed = make_role(admin, {"AWS": ACCOUNT})
    opened = make_role(admin, {"AWS": OTHER})
    may = make_user(other, allow("sts:AssumeRole", on=[closed, opened]))
    may_not = make_user(other)
    assert "role trust policy" in denied(lambda: may.assume(closed))
    assert "identity-based policy" in denied(lambda: may_not.assume(opened))
    who = may.assume(opened).client("sts").get_caller_identity()
    assert who["Account"] == ACCOUNT
    assert ":assumed-role/" in who["Arn"]


def test_an_external_id_must_be_the_agreed_one(
    admin: Person, other: Person, make_user: MakeUser, make_role: Any
) -> None:
    agreed = {"StringEquals": {"sts:ExternalId": "between-us"}}
    role = make_role(admin, {"AWS": OTHER}, **agreed)
    user = make_user(other, allow("sts:AssumeRole", on=role))
    denied(lambda: user.assume(role))
    denied(lambda: user.assume(role, ExternalId="between-them"))
    assert user.assume(role, ExternalId="between-us")


def test_the_things_of_others_are_not_listed(
    place: Callable[[str], Place], admin: Person, other: Person, make_user: MakeUser
) -> None:
    mine = {kind: place(kind).arn for kind in KINDS}
    buckets = [bucket["Name"] for bucket in other.client("s3").list_buckets()["Buckets"]]
    topics = [topic["TopicArn"] for topic in other.client("sns").list_topics()["Topics"]]
    queues = other.client("sqs").list_queues().get("QueueUrls", [])
    functions = [
        function["FunctionArn"] for function in other.client("lambda").list_functions()["Functions"]
    ]
    assert mine["bucket"].split(":::")[1].split("/")[0] not in buckets
    assert mine["topic"] not in topics
    assert mine["function"] not in functions
    for listed in (*topics, *queues, *functions):
        assert OTHER in listed
    names = {user["UserName"] for user in other.client("iam").list_users()["Users"]}
    assert "admin" not in names


def test_names_of_one_account_mean_nothing_in_another(
    admin: Person, other: Person, fresh_name: Any
) -> None:
    name = fresh_name()
    mine, theirs = admin.client("ssm"), other.client("ssm")
    mine.put_parameter(Name=name, Value="mine", Type="String")
    assert refusal(lambda: theirs.get_parameter(Name=name))[0] == "ParameterNotFound"
    theirs.put_parameter(Name=name, Value="theirs", Type="String")
    assert mine.get_parameter(Name=name)["Parameter"]["Value"] == "mine"
    assert theirs.get_parameter(Name=name)["Parameter"]["Value"] == "theirs"
    arn = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/{name}"
    refusal(lambda: theirs.get_parameter(Name=arn))


# Keys and sessions


def test_unknown_keys_and_wrong_secrets(house: SimpleNamespace, admin: Person) -> None:
    stranger = Person(house.server, "AKIANOBODYKNOWSTHIS0", "secret")
    liar = Person(house.server, KEY_ID, SECRET[:-1] + "x")
    code, _ = refusal(lambda: stranger.client("sts").get_caller_identity())
    assert code == "InvalidClientTokenId"
    assert refusal(lambda: stranger.client("s3").list_buckets())[0] == "InvalidAccessKeyId"
    for service, act in (
        ("sts", "get_caller_identity"),
        ("s3", "list_buckets"),
        ("sns", "list_topics"),
        ("sqs", "list_queues"),
        ("lambda", "list_functions"),
        ("polly", "describe_voices"),
        ("ssm", "describe_parameters"),
        ("iam", "list_users"),
        ("cloudwatch", "list_metrics"),
    ):
        code, message = refusal(getattr(liar.client(service), act))
        assert code in (
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
        ), service
        assert SECRET not in message


def test_a_deactivated_key_and_a_deleted_user_are_nobody(
    admin: Person, make_user: MakeUser
) -> None:
    user = make_user(admin, allow("*"))
    name = user.arn.rpartition("/")[2]
    session = user.session(user.client("sts").get_session_token())
    iam = admin.client("iam")
    assert user.client("s3").list_buckets()
    iam.update_access_key(UserName=name, AccessKeyId=user.key_id, Status="Inactive")
    assert refusal(user.client("s3").list_buckets)[0] == "InvalidAccessKeyId"
    iam.update_access_key(UserName=name, AccessKeyId=user.key_id, Status="Active")
    assert user.client("s3").list_buckets()
    iam.delete_access_key(UserName=name, AccessKeyId=user.key_id)
    iam.delete_user_policy(UserName=name, PolicyName="p")
    iam.delete_user(UserName=name)
    assert refusal(user.client("s3").list_buckets)[0] == "InvalidAccessKeyId"
    assert refusal(session.client("s3").list_buckets)[0] == "InvalidAccessKeyId"


def test_rights_taken_away_are_gone_at_once(admin: Person, make_user: MakeUser) -> None:
    user = make_user(admin, allow("s3:ListAllMyBuckets"))
    name = user.arn.rpartition("/")[2]
    assert user.client("s3").list_buckets()
    admin.client("iam").delete_user_policy(UserName=name, PolicyName="p")
    denied(user.client("s3").list_buckets)


def test_an_expired_session_says_so(durable_server: Callable[..., RunningServer]) -> None:
    server = durable_server()
    person = Person(server, KEY_ID, SECRET)
    session = person.session(person.client("sts").get_session_token())
    assert session.client("s3").list_buckets()
    server.stop()
    (database,) = server.data.glob("*.db")
    with sqlite3.connect(database) as rows:
        assert rows.execute("UPDATE iam_sessions SET expires = 1e9").rowcount == 1
    rows.close()
    late = Person(durable_server(), *session.pair.values())
    assert refusal(late.client("s3").list_buckets)[0] == "ExpiredToken"
    assert refusal(late.client("sts").get_caller_identity)[0] == "ExpiredToken"
    assert refusal(late.client("ssm").describe_parameters)[0] == "ExpiredTokenException"


def test_a_session_policy_and_a_boundary_narrow(
    admin: Person, make_user: MakeUser, make_role: Any, fresh_name: Any
) -> None:
    role = make_role(admin, {"AWS": ACCOUNT}, allow("s3:*", "sns:*"))
    narrow = admin.assume(role, Policy=document(allow("s3:ListAllMyBuckets")))
    assert narrow.client("s3").list_buckets()
    assert "session policy" in denied(narrow.client("sns").list_topics)
    assert "identity-based" in denied(narrow.client("sqs").list_queues)

    boundary = admin.client("iam").create_policy(
        PolicyName=fresh_name("edge"), PolicyDocument=document(allow("s3:*"))
    )["Policy"]["Arn"]
    user = make_user(admin, allow("*"), PermissionsBoundary=boundary)
    assert user.client("s3").list_buckets()
    assert "permissions boundary" in denied(user.client("sns").list_topics)


def test_a_denial_outweighs_all(admin: Person, make_user: MakeUser, fresh_name: Any) -> None:
    bucket = fresh_name("bucket")
    s3 = admin.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="secret/a", Body=b"x")
    s3.put_object(Bucket=bucket, Key="open/a", Body=b"x")
    kept = {**deny("s3:GetObject", on=f"arn:aws:s3:::{bucket}/secret/*"), "Principal": "*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=document(kept))
    user = make_user(admin, allow("s3:*"))
    for person in (user, admin):
        assert person.client("s3").get_object(Bucket=bucket, Key="open/a")
        get = person.client("s3").get_object
        message = denied(lambda get=get: get(Bucket=bucket, Key="secret/a"))
        assert "with an explicit deny in a resource-based policy" in message
    refuser = make_user(admin, allow("s3:*"), deny("s3:PutObject"))
    put = refuser.client("s3").put_object
    message = denied(lambda: put(Bucket=bucket, Key="open/b", Body=b""))
    assert "with an explicit deny in an identity-based policy" in message


# Roles and services


def test_a_role_is_handed_over_only_with_leave(
    admin: Person, make_user: MakeUser, make_role: Any, make_function: Any
) -> None:
    role = make_role(admin, {"Service": "lambda.amazonaws.com"})
    maker = make_user(admin, allow("lambda:*"))
    source = "def handler(event, context):\n    return 1\n"
    message = denied(lambda: make_function(maker, source, Role=role))
    assert "iam:PassRole" in message
    assert role in message
    passer = make_user(admin, allow("lambda:*"), allow("iam:PassRole", on=role))
    assert make_function(passer, source, Role=role)


def test_lambda_may_use_only_roles_that_trust_it(
    admin: Person, make_role: Any, make_function: Any
) -> None:
    role = make_role(admin, {"Service": "ec2.amazonaws.com"})
    code, message = refusal(lambda: make_function(admin, "", Role=role))
    assert code == "InvalidParameterValueException"
    assert "assume" in message.lower()


def test_services_invoke_only_functions_that_name_them(
    admin: Person, make_function: Any, fresh_name: Any
) -> None:
    function = make_function(admin, "def handler(event, context):\n    return 1\n")
    bucket = fresh_name("bucket")
    s3, lam = admin.client("s3"), admin.client("lambda")
    s3.create_bucket(Bucket=bucket)
    rule = {"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"]}
    wanted = {"LambdaFunctionConfigurations": [rule]}

    def configure() -> Any:
        return s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration=wanted
        )

    lam.add_permission(
        FunctionName=function, StatementId="t", Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
    )  # fmt: skip
    assert refusal(configure)[0] == "InvalidArgument"  # SNS may, S3 may not
    lam.add_permission(
        FunctionName=function, StatementId="b", Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::another-bucket",
    )  # fmt: skip
    assert refusal(configure)[0] == "InvalidArgument"  # S3 may, for another bucket
    lam.add_permission(
        FunctionName=function, StatementId="c", Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{bucket}",
    )  # fmt: skip
    configure()
