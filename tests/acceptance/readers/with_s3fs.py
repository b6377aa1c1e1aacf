"""Reads photographs with s3fs. Arguments: the access point's alias, a file with `train/1.jpg` read."""

import io
import sys

import numpy as np
import s3fs

alias, expected = sys.argv[1], np.load(sys.argv[2])
files = s3fs.S3FileSystem(use_listings_cache=False)  # listings tell what is stored
keys = sorted(files.ls(f"{alias}/train"))
assert keys == [f"{alias}/train/{number}.jpg" for number in range(4)], keys
assert np.array_equal(np.load(io.BytesIO(files.cat(keys[1]))), expected)
with files.open(keys[1]) as file:
    assert file.read(6) == b"\x93NUMPY"
    file.seek(-4, io.SEEK_END)
    assert file.read() == expected.tobytes()[-4:]
