"""A bucket as this program uses it: small JSON objects, conditional writes, listings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_RACED = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})


class Raced(Exception):
    """A conditional write found the object other than expected."""


class Stored(NamedTuple):
    """An object's JSON and the ETag to replace it by."""

    fields: dict[str, Any]
    etag: str


class Head(NamedTuple):
    metadata: Mapping[str, str]
    etag: str
    size: int


class Bucket:
    """One bucket through a boto3 `s3` client."""

    def __init__(self, s3: Any, name: str) -> None:
        self._s3 = s3
        self.name = name

    def read(self, key: str) -> bytes:
        """Raises KeyError when there is no such object."""
        return self._get(key)[0]

    def json(self, key: str) -> Stored | None:
        try:
            body, etag = self._get(key)
        except KeyError:
            return None
        return Stored(json.loads(body), etag)

    def head(self, key: str) -> Head | None:
        try:
            answer = self._s3.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if _code(error) in _ABSENT:
                return None
            raise
        return Head(answer["Metadata"], answer["ETag"], answer["ContentLength"])

    def put(self, key: str, body: bytes, **members: Any) -> str:
        """Writes whatever is there; returns the ETag."""
        return str(self._s3.put_object(Bucket=self.name, Key=key, Body=body, **members)["ETag"])

    def replace(self, key: str, body: bytes, expected: str | None, **members: Any) -> str:
        """Writes only over the object with the ETag `expected`, None: only where there is none.

        Returns the new ETag. Raises Raced when the object is another by now.
        """
        condition = {"IfNoneMatch": "*"} if expected is None else {"IfMatch": expected}
        try:
            return self.put(key, body, **condition, **members)
        except ClientError as error:
            # An object expected but deleted meanwhile answers as absent.
            if _code(error) in _RACED or (expected is not None and _code(error) in _ABSENT):
                raise Raced(key) from None
            raise

    def keys(self, prefix: str, most: int | None = None) -> Iterator[str]:
        """Keys with a prefix, in order; `most` limits them."""
        members: dict[str, Any] = {"Bucket": self.name, "Prefix": prefix}
        if most is not None:
            members["MaxKeys"] = min(most, 1000)
        count = 0
        for page in self._s3.get_paginator("list_objects_v2").paginate(**members):
            for entry in page.get("Contents", ()):
                yield entry["Key"]
                count += 1
                if count == most:
                    return

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes them; keys that are not there do not matter."""
        every = list(keys)
        for at in range(0, len(every), 1000):
            objects = [{"Key": key} for key in every[at : at + 1000]]
            answer = self._s3.delete_objects(
                Bucket=self.name, Delete={"Objects": objects, "Quiet": True}
            )
            if failed := answer.get("Errors"):
                first = failed[0]
                raise RuntimeError(f"{first['Key']} was not deleted: {first['Message']}")

    def _get(self, key: str) -> tuple[bytes, str]:
        try:
            answer = self._s3.get_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if _code(error) in _ABSENT:
                raise KeyError(key) from None
            raise
        return answer["Body"].read(), answer["ETag"]


def encoded(fields: Mapping[str, Any]) -> bytes:
    """JSON as it is stored."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _code(error: ClientError) -> str:
    return str(error.response["Error"].get("Code"))
