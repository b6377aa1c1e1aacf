"""Our lexicons at upstream: there under a name that follows from their content."""

from __future__ import annotations

import base64
import hashlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_polly import PollyClient

PREFIX = "inhouse"
"""What tells our lexicons from others of the account. A name has at most 20 letters and digits."""
DROPPED = 10
"""Lexicons of ours removed, the oldest first, when upstream's hundred are used up."""


def name_of(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return PREFIX + base64.b32encode(digest).decode().lower()[:13]


class UpstreamLexicons:
    """Remembers what is there, so that each content is sent once. Blocks; safe from any thread."""

    def __init__(self) -> None:
        self._there: set[str] = set()
        self._lock = threading.Lock()

    def names(self, client: PollyClient, contents: tuple[str, ...]) -> list[str]:
        """Names of the contents, in their order; those that upstream lacks are put there."""
        with self._lock:
            for content in contents:
                name = name_of(content)
                if name not in self._there:
                    self._put(client, name, content)
                    self._there.add(name)
        return [name_of(content) for content in contents]

    def forget(self) -> None:
        """Somebody else removed one: all are put anew when they are next needed."""
        with self._lock:
            self._there.clear()

    def _put(self, client: PollyClient, name: str, content: str) -> None:
        try:
            client.put_lexicon(Name=name, Content=content)
        except client.exceptions.MaxLexiconsNumberExceededException:
            self._make_room(client)
            client.put_lexicon(Name=name, Content=content)

    def _make_room(self, client: PollyClient) -> None:
        ours, token = [], ""
        while True:
            page = client.list_lexicons(**({"NextToken": token} if token else {}))
            ours += [one for one in page["Lexicons"] if one["Name"].startswith(PREFIX)]
            token = page.get("NextToken", "")
            if not token:
                break
        for one in sorted(ours, key=lambda one: one["Attributes"]["LastModified"])[:DROPPED]:
            client.delete_lexicon(Name=one["Name"])
            self._there.discard(one["Name"])
