"""Events, seen by a queue that a bucket sends them to."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from inhouse.services.s3.events import Rule
from tests.waiting import PATIENCE


def let_in(bucket: str, action: str, resource: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": action,
        "Resource": resource,
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"},
            "StringEquals": {"aws:SourceAccount": "123456789012"},
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Queue:
    """A queue that `bucket` may send to."""

    def __init__(self, sqs: Any, name: str, bucket: str) -> None:
        self._sqs = sqs
        self.url = sqs.create_queue(QueueName=name)["QueueUrl"]
        asked = {"QueueUrl": self.url, "AttributeNames": ["QueueArn"]}
        self.arn = sqs.get_queue_attributes(**asked)["Attributes"]["QueueArn"]
        policy = let_in(bucket, "sqs:SendMessage", self.arn)
        sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy})

    def messages(self, count: int) -> list[Any]:
        """The next `count` messages, however long they take within reason."""
        found: list[Any] = []
        deadline = time.monotonic() + PATIENCE
        while len(found) < count and time.monotonic() < deadline:
            answer = self._sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            for message in answer.get("Messages", []):
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        return found


@pytest.fixture
def queue(client: Callable[..., Any], fresh_name: Callable[..., str], bucket: str) -> Queue:
    return Queue(client("sqs"), fresh_name("events"), bucket)


def configure(s3: Any, bucket: str, *rules: dict[str, Any], **more: Any) -> None:
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": list(rules)}, **more
    )


def filtered(prefix: str = "", suffix: str = "") -> dict[str, Any]:
    rules = [{"Name": "prefix", "Value": prefix}, {"Name": "suffix", "Value": suffix}]
    return {"Key": {"FilterRules": [rule for rule in rules if rule["Value"]]}}


def test_an_event_tells_what_happened(s3: Any, bucket: str, queue: Queue) -> None:
    configure(
        s3,
        bucket,
        {
            "Id": "mine",
            "QueueArn": queue.arn,
            "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
        },
    )
    (test,) = queue.messages(1)
    assert (test["Event"], test["Service"], test["Bucket"]) == ("s3:TestEvent", "Amazon S3", bucket)
    etag = s3.put_object(Bucket=bucket, Key="a b/ü+.mp3", Body=b"12345")["ETag"]
    (message,) = queue.messages(1)
    (record,) = message["Records"]
    assert record["eventVersion"] == "2.1"
    assert record["eventSource"] == "aws:s3"
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["awsRegion"] == "us-east-1"
    assert record["userIdentity"]["principalId"].startswith("AWS:")
    assert record["requestParameters"]["sourceIPAddress"] == "127.0.0.1"
    assert set(record["responseElements"]) == {"x-amz-request-id", "x-amz-id-2"}
    details = record["s3"]
    assert details["s3SchemaVersion"] == "1.0"
    assert details["configurationId"] == "mine"
    assert details["bucket"]["name"] == bucket
    assert details["bucket"]["arn"] == f"arn:aws:s3:::{bucket}"
    assert details["object"]["key"] == "a+b/%C3%BC%2B.mp3"
    assert (details["object"]["size"], details["object"]["eTag"]) == (5, etag.strip('"'))
    s3.delete_object(Bucket=bucket, Key="a b/ü+.mp3")
    (message,) = queue.messages(1)
    gone = message["Records"][0]
    assert gone["eventName"] == "ObjectRemoved:Delete"
    assert gone["s3"]["object"]["sequencer"] > details["object"]["sequencer"]
    assert "size" not in gone["s3"]["object"]


def test_filters_and_kinds_of_events(s3: Any, bucket: str, queue: Queue) -> None:
    configure(
        s3,
        bucket,
        {
            "QueueArn": queue.arn,
            "Events": ["s3:ObjectCreated:Copy"],
            "Filter": filtered("in/", ".mp3"),
        },
        {"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:CompleteMultipartUpload"]},
        {"QueueArn": queue.arn, "Events": ["s3:ObjectTagging:*"]},
    )
    queue.messages(1)
    s3.put_object(Bucket=bucket, Key="in/a.mp3", Body=b"x")
    source = {"Bucket": bucket, "Key": "in/a.mp3"}
    for key in ("in/b.mp3", "in/b.wav", "out/b.mp3"):
        s3.copy_object(Bucket=bucket, Key=key, CopySource=source)
    here = {"Bucket": bucket, "Key": "whole"}
    upload = s3.create_multipart_upload(**here)["UploadId"]
    etag = s3.upload_part(**here, UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s3.complete_multipart_upload(**here, UploadId=upload, MultipartUpload=parts)
    s3.put_object_tagging(**here, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    records = [message["Records"][0] for message in queue.messages(3)]
    assert sorted((one["eventName"], one["s3"]["object"]["key"]) for one in records) == [
        ("ObjectCreated:CompleteMultipartUpload", "whole"),
        ("ObjectCreated:Copy", "in/b.mp3"),
        ("ObjectTagging:Put", "whole"),
    ]


def test_forms_have_an_event_of_their_own(s3: Any, bucket: str, queue: Queue) -> None:
    configure(s3, bucket, {"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:Post"]})
    s3.put_object(Bucket=bucket, Key="put")
    post = s3.generate_presigned_post(bucket, "posted")
    httpx.post(post["url"], data=post["fields"], files={"file": ("a.txt", b"x")})
    told = [one for one in queue.messages(2) if "Records" in one]
    assert [(r["eventName"], r["s3"]["object"]["key"]) for one in told for r in one["Records"]] == [
        ("ObjectCreated:Post", "posted")
    ]


def test_topics_get_events_too(
    s3: Any, bucket: str, client: Callable[..., Any], fresh_name: Callable[..., str], refused: Any
) -> None:
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name=fresh_name("topic"))["TopicArn"]
    rule = {"TopicArn": topic, "Events": ["s3:ObjectCreated:Put"]}
    arguments = {"Bucket": bucket, "NotificationConfiguration": {"TopicConfigurations": [rule]}}
    answer = refused(s3.put_bucket_notification_configuration, **arguments)
    assert answer["Code"] == "InvalidArgument"
    assert topic in answer["Message"]
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=let_in(bucket, "sns:Publish", topic)
    )
    queue = Queue(sqs, fresh_name("events"), bucket)
    policy = json.loads(let_in(bucket, "sqs:SendMessage", queue.arn))
    policy["Statement"][0] |= {"Principal": {"Service": "sns.amazonaws.com"}, "Condition": {}}
    sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": json.dumps(policy)})
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue.arn,
        Attributes={"RawMessageDelivery": "true"},
    )
    s3.put_bucket_notification_configuration(**arguments)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    first, second = queue.messages(2)
    assert first["Event"] == "s3:TestEvent"
    assert second["Records"][0]["s3"]["object"]["key"] == "k"


def test_the_configuration_comes_back(s3: Any, bucket: str, queue: Queue) -> None:
    rule = {"Id": "one", "QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}
    configure(s3, bucket, {**rule, "Filter": filtered("in/", ".mp3")})
    answer = s3.get_bucket_notification_configuration(Bucket=bucket)
    (found,) = answer["QueueConfigurations"]
    assert {name: found[name] for name in rule} == rule
    assert found["Filter"]["Key"]["FilterRules"] == [
        {"Name": "Prefix", "Value": "in/"},
        {"Name": "Suffix", "Value": ".mp3"},
    ]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)


def test_configurations_that_cannot_be(s3: Any, bucket: str, queue: Queue, refused: Any) -> None:
    put = s3.put_bucket_notification_configuration
    rule = {"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}
    put_event = {"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:Put"]}
    for rules in (
        [{**rule, "QueueArn": queue.arn + "-none"}],
        [{**rule, "QueueArn": "arn:aws:sns:us-east-1:123456789012:t"}],
        [{**rule, "QueueArn": "nonsense"}],
        [{**rule, "Events": ["s3:Replication:*"]}],
        [{**rule, "Filter": filtered("in/")}, {**put_event, "Filter": filtered("in/deeper")}],
        [{**rule, "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "a"}] * 2}}}],
        [
            {**rule, "Id": "x", "Filter": filtered("a")},
            {**rule, "Id": "x", "Filter": filtered("b")},
        ],
    ):
        answer = refused(
            put, Bucket=bucket, NotificationConfiguration={"QueueConfigurations": rules}
        )
        assert (answer["Code"], answer["Status"]) == ("InvalidArgument", 400)
    function = "arn:aws:lambda:us-east-1:123456789012:function:nobody"
    configuration = {
        "LambdaFunctionConfigurations": [
            {"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"]}
        ]
    }
    assert (
        refused(put, Bucket=bucket, NotificationConfiguration=configuration)["Code"]
        == "InvalidArgument"
    )
    put(Bucket=bucket, NotificationConfiguration=configuration, SkipDestinationValidation=True)
    answer = refused(put, Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert answer["Code"] == "NotImplemented"


def test_tags_and_access_lists_are_newer_events(s3: Any, bucket: str, queue: Queue) -> None:
    """They tell no size and no sequencer: the object stays what it was."""
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    events = ["s3:ObjectTagging:*", "s3:ObjectAcl:Put"]
    configure(s3, bucket, {"QueueArn": queue.arn, "Events": events}, SkipDestinationValidation=True)
    here = {"Bucket": bucket, "Key": "k"}
    etag = s3.put_object(**here, Body=b"x")["ETag"].strip('"')
    s3.put_object_tagging(**here, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.delete_object_tagging(**here)
    s3.put_object_acl(**here, ACL="private")
    records = [message["Records"][0] for message in queue.messages(3)]
    assert sorted(record["eventName"] for record in records) == [
        "ObjectAcl:Put",
        "ObjectTagging:Delete",
        "ObjectTagging:Put",
    ]
    for record in records:
        assert record["eventVersion"] == "2.3"
        assert record["s3"]["object"] == {"key": "k", "eTag": etag}


def test_what_is_wrong_has_its_name_and_value(
    s3: Any, bucket: str, queue: Queue, refused: Any
) -> None:
    def told(kind: str, **rule: Any) -> dict[str, Any]:
        rule = {"Events": ["s3:ObjectCreated:*"], **rule}
        answer = refused(
            s3.put_bucket_notification_configuration,
            Bucket=bucket,
            NotificationConfiguration={f"{kind}Configurations": [rule]},
        )
        assert (answer["Code"], answer["Status"]) == ("InvalidArgument", 400)
        return dict(answer)

    for kind, member, element in (
        ("Topic", "TopicArn", "Topic"),
        ("Queue", "QueueArn", "Queue"),
        ("LambdaFunction", "LambdaFunctionArn", "CloudFunction"),
    ):
        answer = told(kind, **{member: "invalid"})
        assert answer["Message"] == "The ARN is not well formed"
        assert (answer["ArgumentName"], answer["ArgumentValue"]) == (element, "invalid")
    wrong = {"Key": {"FilterRules": [{"Name": "INVALID", "Value": "x"}]}}
    answer = told("Queue", QueueArn=queue.arn, Filter=wrong)
    assert (answer["ArgumentName"], answer["ArgumentValue"]) == ("FilterRule.Name", "INVALID")
    function = "arn:aws:lambda:us-east-1:123456789012:function:none"
    answer = told("LambdaFunction", LambdaFunctionArn=function)
    assert answer["ArgumentName1"] == function
    assert answer["ArgumentValue1"] == f"Not authorized to invoke function [{function}]"
    answer = told("Queue", QueueArn=f"{queue.arn}-none")
    assert answer["ArgumentName1"] == f"{queue.arn}-none"
    assert "destination queue" in answer["ArgumentValue1"]


@pytest.mark.parametrize(
    ("events", "event", "fits"),
    [
        (("s3:ObjectCreated:*",), "ObjectCreated:Copy", True),
        (("s3:ObjectCreated:Put",), "ObjectCreated:Copy", False),
        (("s3:ObjectRemoved:*",), "ObjectCreated:Put", False),
    ],
)
def test_rules_fit_events(events: tuple[str, ...], event: str, *, fits: bool) -> None:
    assert Rule("id", "arn", events).fits(event, "key") is fits
    assert not Rule("id", "arn", events, prefix="other").fits(event, "key")
    assert not Rule("id", "arn", events, suffix="other").fits(event, "key")


SEEN = """
import json, boto3
def handle(event, context):
    bucket = event["Records"][0]["s3"]["bucket"]["name"]
    boto3.client("s3").put_object(Bucket=bucket, Key="seen", Body=json.dumps(event))
"""


@pytest.mark.slow
def test_functions_get_events_too(
    s3: Any, bucket: str, client: Callable[..., Any], fresh_name: Callable[..., str], refused: Any
) -> None:
    iam, lam, name = client("iam"), client("lambda"), fresh_name("seer")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    allow = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    documents = [
        json.dumps({"Version": "2012-10-17", "Statement": [one]}) for one in (trust, allow)
    ]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=documents[0])["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=documents[1])
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("app.py", SEEN)
    function = lam.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role,
        Handler="app.handle",
        Code={"ZipFile": package.getvalue()},
        Timeout=60,
    )["FunctionArn"]
    rule = {
        "LambdaFunctionArn": function,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": filtered("in/"),
    }
    put = s3.put_bucket_notification_configuration
    configuration = {"LambdaFunctionConfigurations": [rule]}
    answer = refused(put, Bucket=bucket, NotificationConfiguration=configuration)
    assert answer["Code"] == "InvalidArgument"
    lam.add_permission(
        FunctionName=name,
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{bucket}",
    )
    put(Bucket=bucket, NotificationConfiguration=configuration)
    s3.put_object(Bucket=bucket, Key="in/k", Body=b"x")
    waiter = s3.get_waiter("object_exists")
    waiter.wait(Bucket=bucket, Key="seen", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    event = json.loads(s3.get_object(Bucket=bucket, Key="seen")["Body"].read())
    assert event["Records"][0]["s3"]["object"]["key"] == "in/k"
