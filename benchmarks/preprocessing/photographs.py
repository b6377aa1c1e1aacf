"""Photographs of a wanted size in bytes, with detail of every scale as real ones have."""

from __future__ import annotations

import functools

import cv2
import numpy as np

LARGE, SMALL = 1_000_000, 100_000
BITS_A_PIXEL = 2.2


@functools.cache
def photograph(size: int, seed: int = 0) -> bytes:
    """A JPEG of about `size` bytes, 3 by 2."""
    height = round((size * 8 / BITS_A_PIXEL / 1.5) ** 0.5)
    image = _scene(height * 3 // 2, height, seed)
    low, high = 20, 98
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if len(_jpeg(image, middle)) <= size else (low, middle)
    return _jpeg(image, low)


def _scene(width: int, height: int, seed: int) -> np.ndarray:
    """Noise whose strength falls with its frequency, as that of natural images does."""
    random = np.random.default_rng(seed)
    scene = np.zeros((height, width, 3), np.float32)
    cells = 3
    while cells < height:
        noise = random.normal(0, 1, (cells, cells * 3 // 2, 3)).astype(np.float32)
        scene += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) / cells**0.6
        cells *= 2
    scaled = (scene - scene.mean()) / scene.std() * 55 + 120
    return np.clip(scaled, 0, 255).astype(np.uint8)


def _jpeg(image: np.ndarray, quality: int) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
