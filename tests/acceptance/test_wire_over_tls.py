"""boto3 over https, the server's own certificate verified."""

from __future__ import annotations

import gzip
import os
import ssl
import zlib
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import botocore.exceptions
import httpx
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from tests.acceptance.people import zipped
from tests.serving import RunningServer, start


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """An ephemeral server that speaks https."""
    with start(tmp_path_factory.mktemp("tls"), "--ephemeral", "--tls") as running:
        assert running.endpoint.startswith("https://")
        yield running


@pytest.fixture
def bucket(client: Any, fresh_name: Any) -> str:
    name: str = fresh_name("bucket")
    client("s3").create_bucket(Bucket=name)
    return name


class Sent:
    """Remembers the headers of the last request a client sent."""

    def __init__(self, client: Any) -> None:
        self.headers: dict[str, str] = {}
        client.meta.events.register("before-send", self._keep)

    def _keep(self, request: Any, **_: Any) -> None:
        self.headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }


def test_strangers_certificates_are_not_trusted(server: RunningServer, client: Any) -> None:
    with pytest.raises(botocore.exceptions.SSLError):
        client("s3", verify=True).list_buckets()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.endpoint}/_inhouse/health")
    plain = server.endpoint.replace("https", "http")
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{plain}/_inhouse/health")


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_uploads_are_chunked_with_a_trailer(client: Any, bucket: str, algorithm: str) -> None:
    s3 = client("s3")
    sent, body = Sent(s3), os.urandom(700_001)
    s3.put_object(Bucket=bucket, Key="k", Body=BytesIO(body), ChecksumAlgorithm=algorithm)
    assert sent.headers["content-encoding"] == "aws-chunked"
    assert sent.headers["x-amz-content-sha256"] == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    assert sent.headers["x-amz-trailer"] == f"x-amz-checksum-{algorithm.lower()}"
    found = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert found["Body"].read() == body
    assert found[f"Checksum{algorithm}"]
    assert "aws-chunked" not in found.get("ContentEncoding", "")
    if algorithm == "CRC32":
        assert found["ChecksumCRC32"] == b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 3 << 20])
def test_bytes_come_back_as_they_went(client: Any, bucket: str, size: int) -> None:
    s3, body = client("s3"), os.urandom(size)
    s3.put_object(Bucket=bucket, Key="k", Body=BytesIO(body), ContentEncoding="identity")
    found = s3.get_object(Bucket=bucket, Key="k")
    assert (found["Body"].read(), found["ContentLength"]) == (body, size)
    if size > 10:
        part = s3.get_object(Bucket=bucket, Key="k", Range="bytes=3-9")
        assert (part["Body"].read(), part["ResponseMetadata"]["HTTPStatusCode"]) == (
            body[3:10],
            206,
        )


def test_signed_payloads_work_too(client: Any, bucket: str) -> None:
    config = Config(
        s3={"payload_signing_enabled": True}, request_checksum_calculation="when_required"
    )
    s3 = client("s3", config=config)
    sent = Sent(s3)
    s3.put_object(Bucket=bucket, Key="k", Body=b"signed")
    assert len(sent.headers["x-amz-content-sha256"]) == 64
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"signed"


def test_large_files_go_in_parts(client: Any, bucket: str) -> None:
    s3, body = client("s3"), os.urandom((11 << 20) + 17)
    parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    s3.upload_fileobj(BytesIO(body), bucket, "large", Config=parts)
    assert s3.head_object(Bucket=bucket, Key="large")["ETag"].endswith('-3"')
    back = BytesIO()
    s3.download_fileobj(bucket, "large", back, Config=parts)
    assert back.getvalue() == body


@pytest.mark.parametrize("version", ["s3", "s3v4"])
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_presigned_addresses(
    server: RunningServer, client: Any, bucket: str, version: str, style: str
) -> None:
    # An IP address has no subdomains, so virtual-host addressing is told by the Host header.
    config = Config(signature_version=version, s3={"addressing_style": "path"})
    s3 = client("s3", config=config)
    if style == "virtual":
        port = server.endpoint.rpartition(":")[2]
        config = Config(signature_version=version, s3={"addressing_style": "virtual"})
        s3 = client("s3", config=config, endpoint_url=f"https://localhost:{port}")
    where = {"Bucket": bucket, "Key": "a b/ü+~.txt"}
    put = s3.generate_presigned_url("put_object", Params=where)
    get = s3.generate_presigned_url("get_object", Params=where)
    assert ("X-Amz-Signature" in put) == (version == "s3v4")
    trust = ssl.create_default_context(cafile=server.certificate)
    with httpx.Client(verify=trust) as web:

        def ask(method: str, url: str, **more: Any) -> httpx.Response:
            asked = httpx.URL(url)
            host = {"Host": asked.netloc.decode()}
            if style == "virtual":
                assert asked.host == f"{bucket}.localhost"
                asked = asked.copy_with(host="localhost")
            return web.request(method, asked, headers=host, **more)

        assert ask("PUT", put, content=b"hello").status_code == 200
        answer = ask("GET", get)
        assert (answer.status_code, answer.content) == (200, b"hello")
        assert ask("PUT", get, content=b"x").status_code == 403


def test_metrics_are_gzipped(client: Any, fresh_name: Any) -> None:
    cloudwatch, namespace = client("cloudwatch"), fresh_name("Space")
    sent, now = Sent(cloudwatch), datetime.now(UTC)
    data = [
        {"MetricName": "characters", "Value": 1.0, "Timestamp": now,
         "Dimensions": [{"Name": "article", "Value": f"number {n} of a long list"}]}
        for n in range(300)
    ]  # fmt: skip
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    assert sent.headers["content-encoding"] == "gzip"
    listed = cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace)
    assert sum(len(page["Metrics"]) for page in listed) == 300
    found = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName="characters",
        Dimensions=data[7]["Dimensions"],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=60,
        Statistics=["Sum"],
    )
    assert [point["Sum"] for point in found["Datapoints"]] == [1.0]


def test_speech_streams(client: Any) -> None:
    answer = client("polly").synthesize_speech(
        VoiceId="Tone", OutputFormat="pcm", Text="A sentence to be read aloud. " * 60
    )
    pieces = list(answer["AudioStream"].iter_chunks(4096))
    assert answer["ContentType"] == "audio/pcm"
    assert sum(map(len, pieces)) > 100_000


def test_functions_call_back_over_https(client: Any, fresh_name: Any) -> None:
    """A worker trusts the server's certificate and no other check is switched off."""
    iam, lam = client("iam"), client("lambda")
    trust = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",'
        '"Principal":{"Service":"lambda.amazonaws.com"}}}'
    )
    role = iam.create_role(RoleName=fresh_name("role"), AssumeRolePolicyDocument=trust)
    source = (
        "import boto3, os\n"
        "def handler(event, context):\n"
        "    assert os.environ['AWS_ENDPOINT_URL'].startswith('https://')\n"
        "    return boto3.client('sts').get_caller_identity()['Account']\n"
    )
    name = fresh_name("fn")
    lam.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role["Role"]["Arn"],
        Handler="main.handler",
        Timeout=30,
        Code={"ZipFile": zipped({"main.py": source})},
    )
    answer = lam.invoke(FunctionName=name)
    assert (answer["Payload"].read(), answer.get("FunctionError")) == (b'"123456789012"', None)


def test_every_service_answers(client: Any) -> None:
    for service, act in (
        ("sts", "get_caller_identity"),
        ("sns", "list_topics"),
        ("sqs", "list_queues"),
        ("lambda", "list_functions"),
        ("polly", "describe_voices"),
        ("ssm", "describe_parameters"),
        ("iam", "list_users"),
        ("logs", "describe_log_groups"),
    ):
        assert getattr(client(service), act)()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_body_that_breaks_off_is_not_stored(
    server: RunningServer, client: Any, bucket: str
) -> None:
    """Chunks whose trailer contradicts them are refused whole."""
    s3 = client("s3")

    def tamper(request: Any, **_: Any) -> None:
        request.headers["x-amz-checksum-crc32"] = b64encode(b"\0\0\0\1").decode()

    s3.meta.events.register("before-sign", tamper)
    with pytest.raises(botocore.exceptions.ClientError):
        s3.put_object(Bucket=bucket, Key="k", Body=b"some bytes")
    assert client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_gzip_of_the_client_s_own_is_kept(client: Any, bucket: str) -> None:
    packed = gzip.compress(b"text " * 1000)
    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=packed, ContentEncoding="gzip")
    found = s3.get_object(Bucket=bucket, Key="k")
    assert (found["ContentEncoding"], found["Body"].read()) == ("gzip", packed)
