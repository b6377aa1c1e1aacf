"""The disk runs full while saves arrive: they are refused or heard, and reading goes on."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from inhouse.solutions.narration import deploy
from tests.solutions.narration.fire.audio import audio, check_account, check_audio
from tests.solutions.narration.fire.desk import Desk
from tests.solutions.narration.fire.house import House
from tests.solutions.narration.fire.round import NAME, SETTINGS, await_all, jobs, reference, settle
from tests.solutions.narration.fire.saves import made_up

SIZE = "96m"
SAVES = 16
FULL_SECONDS = 8.0
"""Longer than what a function waits before it is tried again."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own; only root may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("needs to mount a small tmpfs, which takes root and the right to mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


class Ballast:
    """A file that takes all the space there is."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ballast"

    def fill(self) -> None:
        with suppress(OSError), self._file.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with suppress(OSError):
                    while file.write(bytes(size)):
                        pass

    def drop(self) -> None:
        self._file.unlink()


def stored(data: Path) -> set[str]:
    return {path.name for path in (data / "blobs").rglob("*") if path.is_file()}


def refusal(s3: Any, bucket: str, key: str, body: bytes) -> tuple[int, str]:
    """Status and code of a put that must fail."""
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    answer = caught.value.response
    assert "No space left" in answer["Error"]["Message"] or "full" in answer["Error"]["Message"]
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_full_disk(tmp_path: Path, disk: Path) -> None:
    saves = made_up(SAVES)
    wanted = reference(tmp_path / "reference", saves, "Tone")
    house, ballast = House(tmp_path / "house", data=disk / "data", **SETTINGS), Ballast(disk)
    try:
        deployment = deploy(house.session(), NAME, voice="Tone")
        desk = Desk(house.session(), deployment, saves)
        desk.start()
        while len(desk.acknowledged) < SAVES // 4:
            time.sleep(0.05)
        ballast.fill()
        until = time.monotonic() + FULL_SECONDS
        s3 = house.session().client("s3", config=Config(retries={"total_max_attempts": 1}))
        bucket = deployment.audio_bucket
        before = stored(disk / "data")
        assert refusal(s3, bucket, "large", bytes(3 << 20)) == (503, "ServiceUnavailable")
        assert refusal(s3, bucket, "small", b"small") == (503, "ServiceUnavailable")
        assert stored(disk / "data") - before == set()
        assert "large" not in [
            one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ())
        ]
        while time.monotonic() < until:
            ballast.fill()  # what the server frees is taken as well
            assert s3.list_buckets()["Buckets"]
            time.sleep(0.2)
        assert desk.fault is None, repr(desk.fault)
        assert house.server.process.poll() is None
        assert all(state == "ready" for _, state in jobs(house.server.endpoint))
        ballast.drop()
        await_all(desk)
        desk.end()
        settle(house)
        check_account(house.session(), deployment, saves, desk.acknowledged)
        check_audio(audio(house.session(), deployment, saves), wanted)
    finally:
        house.stop()
