"""Packages, names and output that nobody sane would send."""

from __future__ import annotations

import asyncio
import io
import stat
import struct
import tempfile
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inhouse.core.errors import ServiceError
from inhouse.services.lambda_ import names, packages
from inhouse.services.lambda_.journal import BURST, LINE, TAIL, Stream, _batches
from inhouse.store import StoreUnavailable
from tests.services.lambda_.conftest import zipped

CALL: Any = SimpleNamespace(account="123456789012", region="us-east-1")
GOOD = zipped({"main.py": "x = 1\n", "folder/other.py": "y = 2\n"})


class Blobs:
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def get(self, blob_id: str) -> bytes:
        return self._data


async def unpack(folder: Path, data: bytes) -> Path:
    return await packages.Unpacked(folder / "packages", Blobs(data)).hold(["b"])  # type: ignore[arg-type]


@given(st.binary(max_size=300))
def test_bytes_that_are_no_zip_are_refused(data: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        packages.check(data)
    assert caught.value.code == "InvalidParameterValueException"


@example(place=197, byte=0)  # an entry without a name
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_damaged_zip_is_unpacked_or_refused_and_nothing_else(place: int, byte: int) -> None:
    data = GOOD[:place] + bytes([byte]) + GOOD[place + 1 :]
    try:
        packages.check(data)
    except ServiceError:
        return
    with tempfile.TemporaryDirectory() as folder:
        code = ""
        try:
            asyncio.run(unpack(Path(folder), data))
        except ServiceError as error:
            code = error.code
        assert code in ("", "InvalidZipFileException")
        assert [path.name for path in Path(folder).iterdir()] == ["packages"]


async def test_a_zip_that_lies_about_its_size_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "UNZIPPED", 1 << 20)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * (8 << 20))
    honest = data.getvalue()
    with pytest.raises(ServiceError, match="smaller than"):
        packages.check(honest)
    lying = honest.replace(struct.pack("<I", 8 << 20), struct.pack("<I", 10))
    packages.check(lying)
    with pytest.raises(ServiceError) as caught:
        await unpack(tmp_path, lying)
    assert caught.value.code == "InvalidZipFileException"
    assert [path.suffix for path in (tmp_path / "packages").iterdir()] == []


@pytest.mark.parametrize(
    ("names", "word"),
    [
        (["/".join("d" * 64) + "/f"], "more than 64 folders"),
        ([f"{n}/" + "/".join("d" * 60) + "/f" for n in range(900)], "more than 50000 folders"),
    ],
)
def test_a_zip_of_folders_is_stopped(names: list[str], word: str) -> None:
    """A path of 4 KiB makes two thousand folders, which no size of a file tells."""
    with pytest.raises(ServiceError, match=word) as caught:
        packages.check(zipped(dict.fromkeys(names, "")))
    assert caught.value.code == "InvalidParameterValueException"


async def test_a_package_in_a_bucket_is_not_read_when_it_is_too_large() -> None:
    async def get_object(**_: Any) -> dict[str, Any]:
        return {"ContentLength": packages.UNZIPPED + 1, "Body": None}

    call: Any = SimpleNamespace(client=lambda _: SimpleNamespace(get_object=get_object))
    with pytest.raises(ServiceError, match="smaller than") as caught:
        await packages.fetch(call, {"S3Bucket": "bucket", "S3Key": "key"})
    assert caught.value.code == "InvalidParameterValueException"


async def test_nothing_is_written_through_links(tmp_path: Path) -> None:
    """Each of these links stays inside by its name; the second lies elsewhere than its name says."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("q/real", "")
        archive.writestr("a/b/c/d/real", "")
        for name, target in (("a/b/c/d/l", "../../../../q"), ("a/b/c/d/l/out", "../../..")):
            link = zipfile.ZipInfo(name)
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, target)
        archive.writestr("q/out/planted", "")
    packages.check(data.getvalue())
    with pytest.raises(ServiceError, match="through a link") as caught:
        await unpack(tmp_path, data.getvalue())
    assert caught.value.code == "InvalidZipFileException"
    assert not list(tmp_path.rglob("planted"))


async def test_a_package_stays_while_its_row_may_be_there() -> None:
    gone: list[str] = []

    async def delete(blob_ids: list[str]) -> None:
        gone.extend(blob_ids)

    blobs: Any = SimpleNamespace(delete=delete)
    await packages.drop(blobs, "refused", names.invalid("no"))
    await packages.drop(blobs, "unknown", StoreUnavailable("disk full"))
    assert gone == ["refused"]


async def test_folders_are_kept_while_they_are_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "KEPT", 1)
    unpacked = packages.Unpacked(tmp_path / "p", Blobs(GOOD))  # type: ignore[arg-type]
    one, two, three = [await unpacked.hold([name]) for name in "abc"]
    for folder in (one, two):
        await unpacked.release(folder)
    assert [folder.exists() for folder in (one, two, three)] == [False, True, True]
    assert (await unpacked.hold(["a"]) / "main.py").read_text() == "x = 1\n"


@given(st.text(max_size=200))
def test_names_are_understood_or_refused(text: str) -> None:
    try:
        chosen = names.function(CALL, text)
    except ServiceError:
        return
    assert names.function(CALL, chosen.qualified_arn) == chosen


def of_a_worker(journal: Any) -> Stream:
    writer: Any = None  # what decides whether lines are stored is not looked at here
    return Stream(journal, names.Function("1", "r", "f"), writer, "g", "s")


@given(st.lists(st.binary(max_size=100), max_size=20))
def test_output_becomes_lines_however_it_is_cut(pieces: list[bytes]) -> None:
    seen: list[str] = []
    journal: Any = SimpleNamespace(add=lambda _, message: seen.append(message))
    stream = of_a_worker(journal)
    for piece in pieces:
        stream.output(piece)
    stream.flush()
    whole = b"".join(pieces).replace(b"\r", b"\n").decode(errors="replace")
    assert "".join(seen).rstrip("\n") == whole.rstrip("\n")
    assert len(stream.tail()) <= TAIL


def test_too_much_output_has_to_wait() -> None:
    journal: Any = SimpleNamespace(add=lambda *_: None)
    stream = of_a_worker(journal)
    assert stream.output(b"x\n" * 1000) == 0
    assert stream.output(b"x" * (BURST + LINE)) > 0


def test_empty_lines_have_to_wait_as_well() -> None:
    seen: list[str] = []
    journal: Any = SimpleNamespace(add=lambda _, message: seen.append(message))
    stream = of_a_worker(journal)
    while stream.output(b"\n" * 10_000) == 0:
        assert len(seen) < 100_000, "a worker that prints nothing but line ends is never stopped"


def test_batches_hold_what_put_log_events_takes() -> None:
    events = [{"timestamp": 1, "message": "x" * 100_000} for _ in range(25)]
    events += [{"timestamp": 1, "message": "y"} for _ in range(2500)]
    batches = _batches(events)
    assert [event for batch in batches for event in batch] == events
    for batch in batches:
        assert len(batch) <= 1000
        assert sum(len(event["message"]) + 26 for event in batch) <= 1 << 20
