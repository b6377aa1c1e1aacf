"""A bucket as this program uses it: small JSON objects, conditional writes, listings.

Ages are told by S3's clock alone, the answer's date against the object's: what hosts of functions
take for the time does not matter. They are negative where that clock was set back in between.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_RACED = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})


class Raced(Exception):
    """A conditional write found the object other than expected."""


class BucketMissing(Exception):
    """The bucket itself is gone; the text says which, and what brings it back."""


class Stored(NamedTuple):
    """An object's JSON, the ETag to replace it by, and the seconds since it was written."""

    fields: dict[str, Any]
    etag: str
    age: float = 0.0


class Listed(NamedTuple):
    """An entry of a listing; `age` in seconds."""

    key: str
    etag: str
    age: float


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

    def fetch(self, key: str) -> tuple[bytes, str]:
        """The object and its ETag. Raises KeyError when there is none."""
        return self._get(key)[:2]

    def json(self, key: str) -> Stored | None:
        try:
            body, etag, age = self._get(key)
        except KeyError:
            return None
        return Stored(json.loads(body), etag, age)

    def head(self, key: str) -> Head | None:
        try:
            answer = self._s3.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if _code(error) in _ABSENT:
                return None
            self._look_at(error)
            raise
        return Head(answer["Metadata"], answer["ETag"], answer["ContentLength"])

    def put(self, key: str, body: bytes, **members: Any) -> str:
        """Writes whatever is there; returns the ETag."""
        try:
            answer = self._s3.put_object(Bucket=self.name, Key=key, Body=body, **members)
        except ClientError as error:
            self._look_at(error)
            raise
        return str(answer["ETag"])

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
        for entry in self.entries(prefix, most):
            yield entry.key

    def entries(self, prefix: str, most: int | None = None, after: str = "") -> Iterator[Listed]:
        """Objects with a prefix, in the order of their keys, those behind the key `after`."""
        members: dict[str, Any] = {"Bucket": self.name, "Prefix": prefix}
        if most is not None:
            members["MaxKeys"] = min(most, 1000)
        if after:
            members["StartAfter"] = after
        count = 0
        try:
            for page in self._s3.get_paginator("list_objects_v2").paginate(**members):
                for entry in page.get("Contents", ()):
                    age = _age(page, entry["LastModified"])
                    yield Listed(entry["Key"], entry["ETag"], age)
                    count += 1
                    if count == most:
                        return
        except ClientError as error:
            self._look_at(error)
            raise

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

    def delete_if(self, key: str, etag: str) -> None:
        """Deletes the object with this ETag. Raises Raced when it is another by now, or gone."""
        try:
            self._s3.delete_object(Bucket=self.name, Key=key, IfMatch=etag)
        except ClientError as error:
            if _code(error) in _RACED | _ABSENT:
                raise Raced(key) from None
            self._look_at(error)
            raise

    def _get(self, key: str) -> tuple[bytes, str, float]:
        try:
            answer = self._s3.get_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if _code(error) in _ABSENT:
                raise KeyError(key) from None
            self._look_at(error)
            raise
        return answer["Body"].read(), answer["ETag"], _age(answer, answer["LastModified"])

    def _look_at(self, error: ClientError) -> None:
        if _code(error) == "NoSuchBucket":
            raise BucketMissing(
                f"The bucket {self.name} is not there any more. Deploy again."
            ) from None


def encoded(fields: Mapping[str, Any]) -> bytes:
    """JSON as it is stored."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _age(answer: Mapping[str, Any], modified: datetime) -> float:
    told = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    now = parsedate_to_datetime(told) if told else datetime.now(UTC)
    return (now - modified).total_seconds()


def _code(error: ClientError) -> str:
    return str(error.response["Error"].get("Code"))
