"""The protocols AWS services speak."""

from __future__ import annotations

from typing import Literal

Protocol = Literal["query", "json", "rest-json", "rest-xml", "cbor"]
