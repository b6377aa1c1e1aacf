"""What an edge is told when it starts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ADDRESS = re.compile(r"https?://[^\s/?#\"'<>\\]+[^\s?#\"'<>\\]*")
_LINK = re.compile(r"https?://[^\s\"'<>\\]+|/[^\s\"'<>\\]*")
_ORIGIN = re.compile(r"https?://[^\s/?#\"'<>\\]+")


@dataclass(frozen=True, slots=True)
class Options:
    """`jwt_key` is a PEM with an RSA public key or a file with an HS256 secret; or `jwks` is given.

    Without either, premium articles are teasers for everybody. `max_age` seconds may pass before
    caches ask again for free audio. `cache_bytes` bounds the audio kept in memory. `proxy` lists
    addresses, with commas, whose `X-Forwarded-` headers are believed. Raises ValueError for
    addresses that are none.
    """

    name: str = "narration"
    jwt_key: Path | None = None
    jwks: Path | None = None
    issuer: str | None = None
    audience: str | None = None
    subscribe_url: str | None = None
    site_url: str | None = None
    title: str | None = None
    cover: Path | None = None
    allow_origin: tuple[str, ...] = ("*",)
    max_age: int = 1
    cache_bytes: int = 256 * 1024 * 1024
    proxy: str | None = None

    def __post_init__(self) -> None:
        if self.site_url is not None and not _ADDRESS.fullmatch(self.site_url):
            raise ValueError(
                f"site-url is {self.site_url!r}; it must be the address readers reach the edge at,"
                " such as https://audio.example.com"
            )
        if self.subscribe_url is not None and not _LINK.fullmatch(self.subscribe_url):
            raise ValueError(
                f"subscribe-url is {self.subscribe_url!r}; it must be an address such as"
                " https://example.com/subscribe, or a path of this site"
            )
        for origin in self.allow_origin:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"allow-origin is {origin!r}; it must be * or an origin such as"
                    " https://www.example.com, without a path"
                )
        if self.jwt_key and self.jwks:
            raise ValueError("jwt-key and jwks are both given; tokens are signed by one of them")
        if self.max_age < 0:
            raise ValueError(f"max-age is {self.max_age}; it must be 0 or more seconds")
