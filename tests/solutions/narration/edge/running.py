"""Starts `inhouse narration edge` as a publisher would, and asks it as readers do."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests.serving import RunningServer
from tests.waiting import PATIENCE


class RunningEdge:
    """An edge's process; `log` is all it ever said."""

    def __init__(self, folder: Path, environment: dict[str, str], *flags: str) -> None:
        self._log = folder / f"edge-{time.monotonic_ns()}.log"
        command = [sys.executable, "-m", "inhouse.cli", "narration", "edge", "--port", "0", *flags]
        with self._log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        self.url = self._listening()
        self.client = httpx.Client(base_url=self.url, timeout=PATIENCE)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def json(self, path: str, **headers: str) -> Any:
        answer = self.get(path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def log(self) -> str:
        return self._log.read_text()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def _listening(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            for line in self.log.splitlines():
                if '"edge.listening"' in line:
                    return str(json.loads(line)["url"])
            time.sleep(0.02)
        self.process.kill()
        raise AssertionError(f"the edge did not start:\n{self.log}")


def refused(server: RunningServer, *flags: str) -> str:
    """What an edge says that ends at once."""
    done = subprocess.run(
        [sys.executable, "-m", "inhouse.cli", "narration", "edge", "--port", "0", *flags],
        env=server.environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return done.stderr
