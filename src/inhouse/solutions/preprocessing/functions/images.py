"""Images as a model wants them: one size, grey or in colour, in one format."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from .answer import Made
from .failures import Refusal
from .options import Images
from .serving import serve
from .shapes import Shape, cut_off, shape, truncated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .source import Source

    Image = np.ndarray[Any, Any]

INTERPOLATIONS = {
    "nearest": cv2.INTER_NEAREST,
    "linear": cv2.INTER_LINEAR,
    "area": cv2.INTER_AREA,
    "cubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
}
CONTENT_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "npy": "application/x-npy",
}
MOST_WEBP = 16_383
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's red, green and blue. https://docs.pytorch.org/vision/stable/models.html"""
_FLAGS = {
    (False, 1): cv2.IMREAD_COLOR,
    (False, 2): cv2.IMREAD_REDUCED_COLOR_2,
    (False, 4): cv2.IMREAD_REDUCED_COLOR_4,
    (False, 8): cv2.IMREAD_REDUCED_COLOR_8,
    (True, 1): cv2.IMREAD_GRAYSCALE,
    (True, 2): cv2.IMREAD_REDUCED_GRAYSCALE_2,
    (True, 4): cv2.IMREAD_REDUCED_GRAYSCALE_4,
    (True, 8): cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
cv2.setNumThreads(1)  # one event at a time has one share of a processor


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return serve(event, transform)


def transform(source: Source, payload: Mapping[str, Any]) -> Made:
    options = Images.of(payload)
    data = source.whole(options.max_bytes)
    try:
        image = _resized(_decoded(data, options), options)
        return Made(_encoded(_normalized(image, options), options), CONTENT_TYPES[options.format])
    except cv2.error as error:
        raise Refusal("InvalidImage", f"the image cannot be read: {error.err}") from None


def _decoded(data: bytes, options: Images) -> Image:
    """The image upright, as EXIF says, in grey or blue, green, red, without transparency."""
    found = shape(data)
    if found.width * found.height > options.max_pixels:
        raise Refusal(
            "ImageTooLarge",
            f"the image is {found.width} by {found.height}; {options.max_pixels:,} pixels are allowed",
        )
    if cut_off(found, data):
        raise truncated("JPEG")
    flags = _FLAGS[options.gray, _reduction(found, options)]
    image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if image is None:
        raise Refusal("InvalidImage", f"the {found.format} is broken or ends before its end")
    return image


def _reduction(found: Shape, options: Images) -> int:
    """By how much a JPEG may be decoded smaller, so that half as much again as is wanted is left."""
    wanted = options.dimensions
    if not options.reduced or wanted is None or found.format != "JPEG":
        return 1
    # EXIF may turn it: the larger side wanted must fit both.
    least = 1.5 * max(wanted)
    return next((n for n in (8, 4, 2) if min(found.width, found.height) / n >= least), 1)


def _resized(image: Image, options: Images) -> Image:
    wanted = options.dimensions
    if wanted is None:
        return image
    if options.crop:
        image = _cropped(image, *wanted)
    return cv2.resize(image, wanted, interpolation=INTERPOLATIONS[options.interpolation])


def _cropped(image: Image, width: int, height: int) -> Image:
    """The largest part of this shape, from the middle."""
    rows, columns = image.shape[:2]
    across = max(1, min(columns, round(rows * width / height)))
    down = max(1, min(rows, round(columns * height / width)))
    left, top = (columns - across) // 2, (rows - down) // 2
    return image[top : top + down, left : left + across]


def _normalized(image: Image, options: Images) -> Image:
    if options.format == "npy" and image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    if options.normalize is None:
        return image
    if options.normalize == "minmax":
        least, most = int(image.min()), int(image.max())
        scale = 255 / (most - least) if most > least else 1.0
        return cv2.convertScaleAbs(image, alpha=scale, beta=-least * scale)
    values: Image = image.astype(np.float32) / np.float32(255)
    if options.normalize == "imagenet":
        values = (values - np.array(MEAN, np.float32)) / np.array(DEVIATION, np.float32)
    return values


def _encoded(image: Image, options: Images) -> bytes:
    """npy holds rows × columns of grey, or × 3 of red, green, blue."""
    if options.format == "npy":
        out = io.BytesIO()
        np.save(out, np.ascontiguousarray(image), allow_pickle=False)
        return out.getvalue()
    if options.format == "webp" and max(image.shape[:2]) > MOST_WEBP:
        raise Refusal("ImageTooLarge", f"a WebP has at most {MOST_WEBP:,} pixels a side")
    settings = {
        "jpeg": [cv2.IMWRITE_JPEG_QUALITY, options.quality],
        "webp": [cv2.IMWRITE_WEBP_QUALITY, options.quality],
        "png": [],
    }[options.format]
    _, data = cv2.imencode(f".{options.format}", image, settings)
    return data.tobytes()
