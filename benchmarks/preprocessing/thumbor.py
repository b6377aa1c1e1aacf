"""thumbor from PyPI, a server for scaled images, as a peer: photographs from a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.preprocessing.house import QUALITY
from benchmarks.servers import PEERS, Server, running

SETTINGS = """
LOADER = "thumbor.loaders.file_loader"
FILE_LOADER_ROOT_PATH = {folder!r}
STORAGE = "thumbor.storages.no_storage"
RESULT_STORAGE = None
ALLOW_UNSAFE_URL = True
AUTO_WEBP = False
"""


@contextmanager
def thumbor(folder: Path) -> Iterator[Server]:
    """One process a core, nothing kept between requests."""
    settings = folder / "thumbor.conf"
    settings.write_text(SETTINGS.format(folder=str(folder)))
    command = lambda port: [  # noqa: E731
        str(PEERS / "bin" / "thumbor"), "-i", "127.0.0.1", "-p", str(port), "-c", str(settings),
        "-l", "error", "--processes", str(os.cpu_count()),
    ]  # fmt: skip
    with running("thumbor", command, {}) as server:
        yield server


def request(server: Server, key: str) -> bytes:
    """A GET of the same image: stretched to 256 by 256, grey, of the same quality."""
    filters = f"filters:stretch():grayscale():quality({QUALITY}):format(jpeg)"
    return (
        f"GET /unsafe/256x256/{filters}/{key} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n"
    ).encode()
