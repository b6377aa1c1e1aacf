"""The limit: the same OpenCV calls on the same cores, without anything around them.

`python -m benchmarks.preprocessing.loop FILE SECONDS REDUCTION` prints how many it made a second.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from benchmarks.preprocessing.house import QUALITY

FLAGS = {
    1: cv2.IMREAD_GRAYSCALE,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Of mallopt(3)."""


def prepare() -> None:
    """Has this process work as a function does: one thread, and memory kept from image to image."""
    cv2.setNumThreads(1)
    libc = ctypes.CDLL(None)
    libc.mallopt(MMAP_THRESHOLD, 32 << 20)
    libc.mallopt(TRIM_THRESHOLD, 64 << 20)


def transform(data: bytes, reduction: int) -> bytes:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), FLAGS[reduction])
    small = cv2.resize(image, (256, 256), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpeg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


def measure(file: Path, seconds: float, reduction: int) -> float:
    """Images a second of one process on each core."""
    command = [sys.executable, "-m", "benchmarks.preprocessing.loop", str(file), str(seconds)]
    running = [
        subprocess.Popen([*command, str(reduction)], stdout=subprocess.PIPE)
        for _ in range(os.cpu_count() or 1)
    ]
    return sum(float(one.communicate()[0]) for one in running)


def main() -> None:
    prepare()
    data, seconds, reduction = Path(sys.argv[1]).read_bytes(), float(sys.argv[2]), int(sys.argv[3])
    transform(data, reduction)
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        transform(data, reduction)
        count += 1
    print(count / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
