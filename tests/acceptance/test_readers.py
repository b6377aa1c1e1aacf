"""Programs of others that read through an access point of `inhouse preprocessing`."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inhouse.solutions import preprocessing
from tests.serving import READERS, RunningServer
from tests.solutions.preprocessing.making import encoded, photograph
from tests.waiting import PATIENCE

PROGRAMS = Path(__file__).parent / "readers"


@pytest.fixture
def alias(server: RunningServer, fresh_name: Callable[..., str]) -> Iterator[str]:
    """An access point that gives four photographs as arrays of 24 × 32 × 3."""
    session, name = server.session(), fresh_name("photos")
    s3 = session.client("s3")
    s3.create_bucket(Bucket=name)
    for number in range(4):
        s3.put_object(
            Bucket=name,
            Key=f"train/{number}.jpg",
            Body=encoded(photograph(160, 120, seed=number)),
            Metadata={"label": str(number % 2)},
        )
    options = {"size": "32x24", "normalize": "imagenet", "format": "npy"}
    yield preprocessing.add(session, name, name, "images", options).alias
    preprocessing.remove(session, name)


@pytest.fixture
def expected(alias: str, server: RunningServer, tmp_path: Path) -> Any:
    """A file with the second photograph as boto3 reads it."""
    got = server.client("s3").get_object(Bucket=alias, Key="train/1.jpg")["Body"].read()
    assert np.load(io.BytesIO(got)).shape == (24, 32, 3)
    path = tmp_path / "expected.npy"
    path.write_bytes(got)
    return path


@pytest.mark.skipif(not READERS.exists(), reason="s3fs and PyTorch are not there: make readers")
@pytest.mark.parametrize("program", sorted(PROGRAMS.glob("with_*.py")), ids=lambda path: path.stem)
def test_what_boto3_reads_others_read_too(
    program: Path, alias: str, expected: Path, server: RunningServer
) -> None:
    done = subprocess.run(
        [READERS, program, alias, expected],
        env=server.environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
