"""Buckets in host names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable

#: `s3`, `s3.eu-west-1`, `s3-accelerate.dualstack` … with a bucket in front or without.
_S3_HOST = re.compile(
    r"(?:(?P<bucket>.+)\.)?"
    r"s3(?:-(?:accelerate|fips|object-lambda|accesspoint|control|express))?"
    r"(?:\.dualstack)?(?:[.-][a-z]{2,4}(?:-[a-z]+)+-\d)?"
).fullmatch
_BUCKET = re.compile(r"[A-Za-z0-9._-]{1,255}").fullmatch
_REMEMBERED = 4096
_LONGEST_HOST = 512


class Hosts:
    """Reads virtual-hosted buckets from host names under the base names given."""

    def __init__(self, bases: Iterable[str]) -> None:
        self._suffixes = tuple("." + base.lower() for base in bases)
        self._known: dict[str, str | None] = {}

    def bucket(self, host: str) -> str | None:
        """The bucket (or access point alias) named by a Host header; None for path style.

        Raises `ServiceError` InvalidBucketName when the name in front can be no bucket.
        """
        if host in self._known:
            return self._known[host]
        bucket = self._read(host)
        if len(self._known) < _REMEMBERED:
            self._known[host] = bucket
        return bucket

    def _read(self, host: str) -> str | None:
        if len(host) > _LONGEST_HOST:
            raise ServiceError("InvalidBucketName", "The host name is too long to name a bucket.")
        name = host.strip().lower()
        if not name.endswith("]"):
            head, colon, port = name.rpartition(":")
            if colon and port.isdigit():
                name = head
        for suffix in self._suffixes:
            if not name.endswith(suffix):
                continue
            prefix = name[: -len(suffix)]
            service = _S3_HOST(prefix)
            bucket = service["bucket"] if service else prefix
            if bucket is not None and not _BUCKET(bucket):
                raise ServiceError(
                    "InvalidBucketName",
                    f"The host name {host[:100]!r} does not name a bucket before {suffix[1:]!r}.",
                )
            return bucket
        return None
