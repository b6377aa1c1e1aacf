"""Programs of others that read through an access point of `inhouse preprocessing`.

Neither is among our dependencies; where they are installed, they have to work.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from inhouse.solutions import preprocessing
from tests.serving import KEY_ID, REGION, SECRET, RunningServer
from tests.solutions.preprocessing.making import encoded, photograph

SHAPE = (24, 32, 3)


@pytest.fixture
def photographs(server: RunningServer, fresh_name: Callable[..., str]) -> Iterator[SimpleNamespace]:
    """Four photographs, read as arrays by `alias`."""
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
    made = preprocessing.add(session, name, name, "images", options)
    yield SimpleNamespace(alias=made.alias, s3=server.client("s3"))
    preprocessing.remove(session, name)


def array(photographs: SimpleNamespace, key: str) -> Any:
    got = photographs.s3.get_object(Bucket=photographs.alias, Key=key)
    return np.load(io.BytesIO(got["Body"].read()))


def test_s3fs(photographs: SimpleNamespace, server: RunningServer) -> None:
    s3fs = pytest.importorskip("s3fs")
    files = s3fs.S3FileSystem(
        key=KEY_ID,
        secret=SECRET,
        use_listings_cache=False,  # listings tell what is stored
        client_kwargs={"endpoint_url": server.endpoint, "region_name": REGION},
    )
    alias = photographs.alias
    keys = sorted(files.ls(f"{alias}/train"))
    assert keys == [f"{alias}/train/{number}.jpg" for number in range(4)]
    expected = array(photographs, "train/1.jpg")
    assert expected.shape == SHAPE
    assert np.array_equal(np.load(io.BytesIO(files.cat(keys[1]))), expected)
    with files.open(keys[1]) as file:
        assert file.read(6) == b"\x93NUMPY"
        file.seek(-4, io.SEEK_END)
        assert file.read() == expected.tobytes()[-4:]


class Photographs:
    """A PyTorch dataset: anything with a length and items."""

    def __init__(self, photographs: SimpleNamespace) -> None:
        self._photographs = photographs

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> tuple[Any, int]:
        image = array(self._photographs, f"train/{index}.jpg")
        return image.transpose(2, 0, 1).copy(), index % 2


def test_a_dataset_of_pytorch(photographs: SimpleNamespace) -> None:
    data = pytest.importorskip("torch.utils.data")
    batches = list(data.DataLoader(Photographs(photographs), batch_size=2))
    assert [tuple(images.shape) for images, _ in batches] == [(2, 3, 24, 32)] * 2
    assert [labels.tolist() for _, labels in batches] == [[0, 1], [0, 1]]
    assert np.array_equal(
        batches[0][0][1].numpy(), array(photographs, "train/1.jpg").transpose(2, 0, 1)
    )
