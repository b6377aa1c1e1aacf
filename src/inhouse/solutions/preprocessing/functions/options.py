"""The options of the transforms, as they stand in the payload of an access point's configuration.

The same classes check them when an access point is added, so that no read meets a wrong one.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

from .failures import Unsuitable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

Interpolation = Literal["nearest", "linear", "area", "cubic", "lanczos"]
Format = Literal["jpeg", "png", "webp", "npy"]
Normalization = Literal["minmax", "unit", "imagenet"]
Kind = Literal["names", "numbers", "addresses", "emails", "cards"]
MOST_SIDE = 16_384
_SIZE = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")


@dataclass(frozen=True, kw_only=True)
class Options:
    """A subclass's fields are the names in the payload; left out, they have their defaults."""

    transform: ClassVar[str]

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Self:
        """Raises Unsuitable."""
        known = {one.name for one in fields(cls)}
        if unknown := sorted(set(payload) - known):
            raise Unsuitable(
                f"{cls.transform} has no option {unknown[0]!r}; it has {', '.join(sorted(known))}"
            )
        return cls(**{name: tuple(v) if isinstance(v, list) else v for name, v in payload.items()})

    def payload(self) -> dict[str, Any]:
        """What differs from the defaults."""
        usual = {one.name: one.default for one in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != usual[name]}


@dataclass(frozen=True, kw_only=True)
class Images(Options):
    """`size` is WIDTHxHEIGHT; with `crop` the middle of the image is cut to that shape first, else
    it is stretched. `reduced` decodes JPEGs at 1/2, 1/4 or 1/8 where 1.5 times the size is left.
    `normalize`: `minmax` stretches the values to 0…255, `unit` to float32 of 0…1, `imagenet`
    subtracts the mean of ImageNet's channels from those and divides by their deviation.
    """

    transform: ClassVar[str] = "images"
    size: str | None = None
    interpolation: Interpolation = "area"
    crop: bool = False
    gray: bool = False
    normalize: Normalization | None = None
    format: Format = "jpeg"
    quality: int = 90
    reduced: bool = False
    max_pixels: int = 100_000_000
    max_bytes: int = 100 << 20

    def __post_init__(self) -> None:
        _one_of("interpolation", self.interpolation, Interpolation)
        _one_of("format", self.format, Format)
        _whole("quality", self.quality, 1, 100)
        _whole("max_pixels", self.max_pixels, 1, 1 << 30)
        _whole("max_bytes", self.max_bytes, 1, 5 << 30)
        for name in ("crop", "gray", "reduced"):
            _truth(name, getattr(self, name))
        if self.size is not None and max(self.dimensions or (MOST_SIDE + 1,)) > MOST_SIDE:
            raise Unsuitable(
                f"size is {self.size!r}; it must be WIDTHxHEIGHT, each 1 to {MOST_SIDE}"
            )
        if self.crop and self.size is None:
            raise Unsuitable("crop needs a size, whose shape it cuts to")
        self._check_normalize()

    def _check_normalize(self) -> None:
        if self.normalize is None:
            return
        _one_of("normalize", self.normalize, Normalization)
        if self.normalize != "minmax" and self.format != "npy":
            raise Unsuitable(f"normalize {self.normalize} gives float32, which needs format npy")
        if self.normalize == "imagenet" and self.gray:
            raise Unsuitable("normalize imagenet needs three channels, so leave out gray")

    @property
    def dimensions(self) -> tuple[int, int] | None:
        """Width and height."""
        found = _SIZE.fullmatch(self.size) if isinstance(self.size, str) else None
        return (int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, kw_only=True)
class Redact(Options):
    """`kinds` are what is looked for in texts; values of `fields` (of CSV columns and JSON members,
    whatever their case) go whole. `max_bytes` is of JSON documents, which are read whole.
    """

    transform: ClassVar[str] = "redact"
    kinds: tuple[Kind, ...] = get_args(Kind)
    fields: tuple[str, ...] = ()
    delimiter: str = ","
    max_bytes: int = 64 << 20

    def __post_init__(self) -> None:
        _words("kinds", self.kinds)
        for one in self.kinds:
            _one_of("kinds", one, Kind)
        _words("fields", self.fields)
        _delimiter(self.delimiter)
        _whole("max_bytes", self.max_bytes, 1, 5 << 30)


@dataclass(frozen=True, kw_only=True)
class Decompress(Options):
    """`member` is the file of a zip archive that holds several. `max_bytes` is of what comes out."""

    transform: ClassVar[str] = "decompress"
    member: str | None = None
    max_bytes: int = 5 << 30

    def __post_init__(self) -> None:
        if self.member is not None and (not isinstance(self.member, str) or not self.member):
            raise Unsuitable(f"member is {self.member!r}; it must be a file's name in the archive")
        _whole("max_bytes", self.max_bytes, 1, 1 << 40)


@dataclass(frozen=True, kw_only=True)
class CsvFilter(Options):
    """`columns` are given in this order, all by default; `where` says which rows are."""

    transform: ClassVar[str] = "csv-filter"
    columns: tuple[str, ...] = ()
    where: str | None = None
    delimiter: str = ","

    def __post_init__(self) -> None:
        from . import where

        _words("columns", self.columns)
        _delimiter(self.delimiter)
        if self.where is not None:
            if not isinstance(self.where, str):
                raise Unsuitable(f"where is {self.where!r}; it must be an expression")
            where.parse(self.where)


TRANSFORMS: dict[str, type[Options]] = {
    one.transform: one for one in (Images, Redact, Decompress, CsvFilter)
}


def _one_of(name: str, value: object, among: Any) -> None:
    if value not in get_args(among):
        raise Unsuitable(f"{name} is {value!r}; it must be one of {', '.join(get_args(among))}")


def _whole(name: str, value: object, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Unsuitable(f"{name} is {value!r}; it must be a whole number from {least} to {most}")


def _truth(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise Unsuitable(f"{name} is {value!r}; it must be true or false")


def _words(name: str, value: object) -> None:
    if not isinstance(value, tuple) or not all(isinstance(one, str) and one for one in value):
        raise Unsuitable(f"{name} is {value!r}; it must be a list of words")


def _delimiter(value: object) -> None:
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n' or not value.isascii():
        raise Unsuitable(f"delimiter is {value!r}; it must be one ASCII character such as , or ;")
