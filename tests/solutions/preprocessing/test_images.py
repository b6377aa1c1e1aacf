"""Images: what comes out is what OpenCV makes of them, and hostile ones are refused in words."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inhouse.solutions.preprocessing.functions.failures import Refusal, Unsuitable
from inhouse.solutions.preprocessing.functions.images import INTERPOLATIONS, transform
from inhouse.solutions.preprocessing.functions.shapes import shape
from tests.solutions.preprocessing.making import (
    decoded,
    encoded,
    photograph,
    png_bomb,
    source,
    turned,
    whole,
)

JPEG = encoded(photograph())
FORMATS = (".jpg", ".png", ".webp", ".bmp", ".tiff", ".gif")


def made(data: bytes, **options: Any) -> bytes:
    return whole(transform(source(data), options))


def array(data: bytes, **options: Any) -> Any:
    return np.load(io.BytesIO(made(data, format="npy", **options)), allow_pickle=False)


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_resized_and_grey_as_opencv_does_it(interpolation: str) -> None:
    found = decoded(made(JPEG, size="64x48", gray=True, interpolation=interpolation, format="png"))
    expected = cv2.resize(
        decoded(JPEG, cv2.IMREAD_GRAYSCALE), (64, 48), interpolation=INTERPOLATIONS[interpolation]
    )
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_is_read(ending: str) -> None:
    data = encoded(photograph(), ending)
    told = shape(data)
    assert (told.width, told.height) == (320, 200)
    found = decoded(made(data, format="png"))
    assert found.shape == (200, 320, 3)
    assert np.array_equal(found, decoded(data, cv2.IMREAD_COLOR))


@pytest.mark.parametrize(
    ("name", "magic"), [("jpeg", b"\xff\xd8\xff"), ("png", b"\x89PNG"), ("webp", b"RIFF")]
)
def test_formats_that_are_written(name: str, magic: bytes) -> None:
    found = transform(source(JPEG), {"format": name, "size": "32x32"})
    assert found.content_type == f"image/{name}"
    assert whole(found).startswith(magic)


def test_quality_makes_it_larger() -> None:
    assert len(made(JPEG, quality=95)) > 2 * len(made(JPEG, quality=20))


def test_cropped_from_the_middle() -> None:
    image = np.zeros((100, 300, 3), np.uint8)
    image[:, 100:200] = 255
    assert decoded(made(encoded(image, ".png"), size="50x50", crop=True, format="png")).min() == 255
    tall = np.ascontiguousarray(image.transpose(1, 0, 2))
    assert decoded(made(encoded(tall, ".png"), size="50x50", crop=True, format="png")).min() == 255


@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize("reduced", [False, True])
def test_upright_as_exif_says(gray: bool, reduced: bool) -> None:
    found = array(
        turned(encoded(photograph(640, 400)), 6), gray=gray, size="40x64", reduced=reduced
    )
    upright = cv2.rotate(photograph(640, 400), cv2.ROTATE_90_CLOCKWISE)
    expected = cv2.resize(upright, (40, 64), interpolation=cv2.INTER_AREA)
    expected = cv2.cvtColor(expected, cv2.COLOR_BGR2GRAY if gray else cv2.COLOR_BGR2RGB)
    assert np.abs(found.astype(int) - expected).mean() < 4


def test_npy_is_red_green_blue() -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    image[:] = (255, 128, 0)  # blue, green, red
    assert array(encoded(image, ".png"))[0, 0].tolist() == [0, 128, 255]


def test_normalized() -> None:
    image = photograph()
    data = encoded(image, ".png")
    unit = array(data, normalize="unit")
    assert unit.dtype == np.float32
    assert np.allclose(unit[..., ::-1], image / 255)
    imagenet = array(data, normalize="imagenet")
    assert np.allclose(imagenet[..., 0], (image[..., 2] / 255 - 0.485) / 0.229, atol=1e-5)
    dull = encoded(np.clip(photograph() // 4 + 50, 0, 255).astype(np.uint8), ".png")
    stretched = array(dull, normalize="minmax", gray=True)
    assert (stretched.min(), stretched.max(), stretched.dtype) == (0, 255, np.uint8)
    flat = encoded(np.full((4, 4), 7, np.uint8), ".png")
    assert array(flat, normalize="minmax", gray=True).max() == 0


def test_reduced_looks_the_same() -> None:
    large = encoded(photograph(2000, 1500))
    whole_decoded, reduced = (
        array(large, size="100x75", gray=True, reduced=one) for one in (False, True)
    )
    assert np.abs(whole_decoded.astype(int) - reduced).mean() < 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "NotAnImage"),
        (b"GIF87", "TruncatedImage"),
        (b"<svg/>", "NotAnImage"),
        (JPEG[:10], "TruncatedImage"),
        (JPEG[: len(JPEG) // 2], "TruncatedImage"),
        (turned(JPEG, 1)[:-2], "TruncatedImage"),
        (JPEG[:2] + b"\xff\xda\x00\x02", "InvalidImage"),
        (encoded(photograph(), ".png")[:-500], "InvalidImage"),
        (encoded(photograph(), ".webp")[:200], "InvalidImage"),
        (png_bomb(60_000, 60_000), "ImageTooLarge"),
        (png_bomb(10_001, 10_000), "ImageTooLarge"),
        (png_bomb(500, 500), "InvalidImage"),
        (png_bomb(0, 5), "InvalidImage"),
    ],
)
def test_what_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        made(data, size="8x8")
    assert (refused.value.code, refused.value.status) == (code, 400)


def test_limits_are_options() -> None:
    with pytest.raises(Refusal, match="320 by 200; 1,000 pixels are allowed"):
        made(JPEG, max_pixels=1000)
    with pytest.raises(Refusal, match="larger than the 100 bytes"):
        made(JPEG, max_bytes=100)


def test_a_video_behind_the_image_is_no_part_of_it() -> None:
    assert made(JPEG + b"ftypmp4 \xff\xda and much more", format="png") == made(JPEG, format="png")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_broken_images_give_an_image_or_a_refusal(data: Any) -> None:
    ending = data.draw(st.sampled_from(FORMATS))
    body = bytearray(encoded(photograph(40, 30), ending))
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    with contextlib.suppress(Refusal):
        found = made(bytes(body[: cut or None]), size="8x8", max_pixels=1_000_000, format="png")
        assert decoded(found).shape[:2] == (8, 8)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"size": "0x5"}, "size is '0x5'"),
        ({"size": "256"}, "WIDTHxHEIGHT"),
        ({"size": "20000x1"}, "each 1 to 16384"),
        ({"interpolation": "best"}, "nearest, linear, area, cubic, lanczos"),
        ({"format": "gif"}, "jpeg, png, webp, npy"),
        ({"quality": 0}, "from 1 to 100"),
        ({"gray": "yes"}, "true or false"),
        ({"crop": True}, "crop needs a size"),
        ({"normalize": "unit"}, "needs format npy"),
        ({"normalize": "imagenet", "format": "npy", "gray": True}, "three channels"),
        ({"colour": True}, "images has no option 'colour'"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unsuitable, match=reason):
        transform(source(JPEG), options)
