"""The deployment's buckets for an event loop: boto3 blocks, so it runs in a few threads."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    import boto3

THREADS = 16
T = TypeVar("T")
_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})


class Absent(Exception):
    """There is no such object."""


class Unchanged(Exception):
    """The object is the one that is known, 304."""


class Replaced(Exception):
    """The object is another than the one asked for, 412."""


class Unavailable(Exception):
    """A bucket cannot be reached or read; the text says why."""


class Head(NamedTuple):
    etag: str
    size: int
    metadata: dict[str, str]


class Listed(NamedTuple):
    """`modified` is in seconds since 1970."""

    key: str
    etag: str
    size: int
    modified: float


class Source:
    """Reads objects. Every method raises Unavailable when S3 does not answer or refuses."""

    def __init__(self, session: boto3.Session) -> None:
        settings = Config(
            max_pool_connections=THREADS,
            connect_timeout=3,
            read_timeout=15,
            retries={"mode": "standard", "total_max_attempts": 2},
        )
        self._s3: Any = session.client("s3", config=settings)
        self._pool = ThreadPoolExecutor(THREADS, "s3")

    async def run(self, act: Callable[..., T], *arguments: Any) -> T:
        """Runs what blocks, such as parsing an MP3, in the same threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, act, *arguments)

    async def get(
        self,
        bucket: str,
        key: str,
        *,
        other_than: str | None = None,
        exactly: str | None = None,
        span: tuple[int, int] | None = None,
    ) -> tuple[bytes, str]:
        """The object, or its bytes from `span[0]` up to before `span[1]`, and its ETag.

        Raises Absent, Unchanged if it has the ETag `other_than`, Replaced if it has not the ETag
        `exactly`.
        """
        members: dict[str, Any] = {"Bucket": bucket, "Key": key}
        if other_than is not None:
            members["IfNoneMatch"] = other_than
        if exactly is not None:
            members["IfMatch"] = exactly
        if span is not None:
            members["Range"] = f"bytes={span[0]}-{span[1] - 1}"
        return await self.run(self._get, members)

    async def head(self, bucket: str, key: str) -> Head:
        """Raises Absent."""
        return await self.run(self._head, bucket, key)

    async def entries(self, bucket: str, prefix: str, most: int | None = None) -> list[Listed]:
        """Objects by key, in order, `most` the first ones."""
        return await self.run(self._list, bucket, prefix, most)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _get(self, members: dict[str, Any]) -> tuple[bytes, str]:
        try:
            answer = self._s3.get_object(**members)
            return answer["Body"].read(), answer["ETag"]
        except (ClientError, BotoCoreError) as error:
            raise _meaning(error, members["Bucket"], members["Key"]) from None

    def _head(self, bucket: str, key: str) -> Head:
        try:
            answer = self._s3.head_object(Bucket=bucket, Key=key)
        except (ClientError, BotoCoreError) as error:
            raise _meaning(error, bucket, key) from None
        return Head(answer["ETag"], answer["ContentLength"], answer["Metadata"])

    def _list(self, bucket: str, prefix: str, most: int | None) -> list[Listed]:
        members: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
        if most is not None:
            members["MaxKeys"] = min(most, 1000)
        found: list[Listed] = []
        try:
            for page in self._s3.get_paginator("list_objects_v2").paginate(**members):
                for one in page.get("Contents", ()):
                    modified = one["LastModified"].timestamp()
                    found.append(Listed(one["Key"], one["ETag"], one["Size"], modified))
                    if len(found) == most:
                        return found
        except (ClientError, BotoCoreError) as error:
            raise _meaning(error, bucket, prefix) from None
        return found


def _meaning(error: ClientError | BotoCoreError, bucket: str, key: str) -> Exception:
    if isinstance(error, ClientError):
        code = str(error.response["Error"].get("Code"))
        if code in _ABSENT:
            return Absent(key)
        if code in ("304", "NotModified"):
            return Unchanged(key)
        if code in ("412", "PreconditionFailed", "InvalidRange", "416"):
            return Replaced(key)
    # The key holds what a client asked for, which may be a token pasted in the wrong place.
    told = str(error)
    for shown in (key, quote(key, safe="")):
        told = told.replace(shown, "…") if shown else told
    return Unavailable(f"{bucket}: {told}")
