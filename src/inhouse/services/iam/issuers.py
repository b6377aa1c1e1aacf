"""Issuers of OpenID Connect tokens, by URL."""

from __future__ import annotations

import re

_URL = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[^?#\s]*)?([?#]\S*)?").fullmatch


def is_url(url: str) -> bool:
    """Whether a provider may be registered under `url`. Plain http is for providers next door."""
    return _URL(url) is not None


def bare(url: str) -> str:
    """Host and path of an issuer, which name its provider and begin its condition keys."""
    return re.split(r"[?#]", url.partition("://")[2] or url)[0].rstrip("/")
