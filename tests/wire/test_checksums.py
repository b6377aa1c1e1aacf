"""Checksums against their published check values and against themselves in pieces."""

from __future__ import annotations

import hashlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.core.errors import ServiceError
from inhouse.wire.checksums import ALGORITHMS, HEADERS, MEMBERS, checksum, composite, full_object
from inhouse.wire.models import model

CHECK = b"123456789"
#: The values of the CRC catalogue (https://reveng.sourceforge.io/crc-catalogue/) and RFC 3720.
KNOWN = {
    "crc32": "cbf43926",
    "crc32c": "e3069283",
    "crc64nvme": "ae8b14860a799888",
    "sha1": hashlib.sha1(CHECK).hexdigest(),
    "sha256": hashlib.sha256(CHECK).hexdigest(),
    "md5": hashlib.md5(CHECK).hexdigest(),
}


@pytest.mark.parametrize(("name", "value"), KNOWN.items())
def test_check_values(name: str, value: str) -> None:
    whole = checksum(name)
    whole.update(CHECK)
    assert whole.digest().hex() == value


@pytest.mark.parametrize("name", KNOWN)
@given(pieces=st.lists(st.binary(max_size=50), max_size=5))
def test_pieces_are_the_whole(name: str, pieces: list[bytes]) -> None:
    whole, parts = checksum(name.upper()), checksum(name)
    whole.update(b"".join(pieces))
    for piece in pieces:
        parts.update(piece)
    assert parts.digest() == whole.digest()


@pytest.mark.parametrize("name", ["crc32", "crc32c", "crc64nvme"])
@given(pieces=st.lists(st.binary(max_size=50), min_size=1, max_size=5))
def test_full_object_checksums_come_from_those_of_the_parts(name: str, pieces: list[bytes]) -> None:
    whole = checksum(name)
    whole.update(b"".join(pieces))
    digests = []
    for piece in pieces:
        part = checksum(name)
        part.update(piece)
        digests.append((part.digest(), len(piece)))
    assert full_object(name, digests) == whole.digest()


def test_composite_checksums_hash_the_parts_digests() -> None:
    digests = [hashlib.sha256(b"a").digest(), hashlib.sha256(b"b").digest()]
    expected = b64encode(hashlib.sha256(b"".join(digests)).digest()).decode() + "-2"
    assert composite("SHA256", digests) == expected


def test_unknown_algorithms_are_refused() -> None:
    with pytest.raises(ServiceError, match="InvalidRequest"):
        checksum("xxhash64")
    with pytest.raises(ServiceError, match="InvalidRequest"):
        full_object("sha256", [])


def test_names_are_those_of_the_model() -> None:
    members = model("s3").operation_model("PutObject").input_shape.members
    for algorithm, member in MEMBERS.items():
        assert members[member].serialization["name"].lower() == HEADERS[algorithm]
        assert ALGORITHMS[HEADERS[algorithm]] == algorithm
