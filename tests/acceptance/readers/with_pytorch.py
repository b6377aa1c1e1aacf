"""Reads photographs as batches. Arguments: the access point's alias, a file with `train/1.jpg` read."""

import io
import sys
from typing import Any

import boto3
import numpy as np
from torch.utils.data import DataLoader, Dataset


class Photographs(Dataset):
    def __init__(self, alias: str) -> None:
        self._alias = alias

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> tuple[Any, int]:
        s3 = boto3.client("s3")
        got = s3.get_object(Bucket=self._alias, Key=f"train/{index}.jpg")
        image = np.load(io.BytesIO(got["Body"].read()))
        return image.transpose(2, 0, 1).copy(), int(got["Metadata"]["label"])


alias, expected = sys.argv[1], np.load(sys.argv[2])
for workers in (0, 2):
    batches = list(DataLoader(Photographs(alias), batch_size=2, num_workers=workers))
    assert [tuple(images.shape) for images, _ in batches] == [(2, 3, 24, 32)] * 2
    assert [labels.tolist() for _, labels in batches] == [[0, 1], [0, 1]]
    assert np.array_equal(batches[0][0][1].numpy(), expected.transpose(2, 0, 1))
