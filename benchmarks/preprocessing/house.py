"""A server with photographs and an access point that makes them 256 by 256 and grey."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3

import inhouse
from benchmarks.preprocessing.photographs import LARGE, SMALL, photograph
from benchmarks.servers import KEY_ID, SECRET, Server
from benchmarks.servers import inhouse as server
from inhouse.solutions import preprocessing

BUCKET, NAME, QUALITY = "photographs", "small-grey", 90
OPTIONS = {"size": "256x256", "gray": True, "quality": QUALITY}
KEYS = {"1 MB": "large.jpg", "100 KB": "small.jpg"}
SIZES = {"1 MB": LARGE, "100 KB": SMALL}
PASS_THROUGH = """
import boto3
import urllib3
from botocore.config import Config

pool = urllib3.PoolManager()
s3 = boto3.client("s3", config=Config(s3={"payload_signing_enabled": False}))


def handler(event, context):
    told = event["getObjectContext"]
    stored = pool.request("GET", told["inputS3Url"], preload_content=False)
    s3.write_get_object_response(
        Body=stored,
        ContentLength=int(stored.headers["Content-Length"]),
        RequestRoute=told["outputRoute"],
        RequestToken=told["outputToken"],
    )
"""
"""A function that gives objects as they are, written as AWS's guide has it."""


class Points:
    """The access point on a running server, ours or a peer's."""

    def __init__(self, running: Server, **options: Any) -> None:
        self.server = running
        self.session: boto3.Session = inhouse.session(
            running.endpoint, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET
        )
        self.s3 = running.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)
        for name, key in KEYS.items():
            body = photograph(SIZES[name])
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=body, ContentType="image/jpeg")
        wanted = {**OPTIONS, **options}
        self.alias = preprocessing.add(self.session, NAME, BUCKET, "images", wanted).alias

    def read(self, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=self.alias, Key=key)["Body"].read()
        return body

    def cold(self) -> None:
        """Has the next read start a function: a changed one ends those that are warm."""
        functions = self.session.client("lambda")
        name = f"preprocessing-{NAME}"
        told = functions.get_function_configuration(FunctionName=name).get("Description") or "0"
        functions.update_function_configuration(FunctionName=name, Description=str(int(told) + 1))
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)

    def replace(self, source: str) -> None:
        """Puts another function in the place of the ready-made one."""
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("preprocessing/images.py", source)
        functions = self.session.client("lambda")
        name = f"preprocessing-{NAME}"
        functions.update_function_code(FunctionName=name, ZipFile=package.getvalue())
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)


@contextmanager
def points(**options: Any) -> Iterator[Points]:
    """`options` go beside those of the section's access point."""
    with server() as running:
        yield Points(running, **options)
