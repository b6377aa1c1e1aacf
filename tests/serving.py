"""Starts `inhouse serve` as a user would, and ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
from botocore.config import Config

from tests.waiting import PATIENCE

KEY_ID = "AKIAINHOUSETESTADMIN"
SECRET = "test-secret-of-the-admin-0123456789"
ACCOUNT = "123456789012"
REGION = "us-east-1"
PROGRAM = ("-m", "inhouse.cli")
READERS = Path(__file__).parents[1] / ".readers/bin/python"
"""A Python with s3fs and PyTorch, where `make readers` could make one."""


class RunningServer:
    """A server process. `client(service)` gives boto3 clients as its admin."""

    def __init__(
        self,
        folder: Path,
        flags: tuple[str, ...],
        environment: dict[str, str],
        program: tuple[str, ...] = PROGRAM,
    ) -> None:
        self.folder = folder
        self.endpoint = ""
        self.data = Path()
        self._log = folder / f"server-{time.monotonic_ns()}.log"
        command = [
            sys.executable,
            *program,
            "serve",
            "--port",
            "0",
            "--log-json",
            *flags,
        ]
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=_environment(environment), cwd=folder
            )

    def __enter__(self) -> RunningServer:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for line in self._log.read_text().splitlines():
                if '"server.listening"' in line:
                    facts = json.loads(line)
                    self.endpoint, self.data = facts["endpoint"], Path(facts["data"])
                    self.certificate = facts["certificate"]
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.stop()
        raise AssertionError(f"the server did not start:\n{self.log}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def log(self) -> str:
        return self._log.read_text()

    def client(self, service: str, **arguments: Any) -> Any:
        settings: dict[str, Any] = {
            "endpoint_url": self.endpoint,
            "region_name": REGION,
            "aws_access_key_id": KEY_ID,
            "aws_secret_access_key": SECRET,
            "config": Config(retries={"max_attempts": 0}, read_timeout=PATIENCE),
        }
        if self.certificate:
            settings["verify"] = self.certificate
        return boto3.client(service, **{**settings, **arguments})

    def session(self, **arguments: Any) -> Any:
        """A boto3 session of the admin, its clients pointed here by the environment's way."""
        import inhouse

        return inhouse.session(
            self.endpoint,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            verify=self.certificate or None,
            **arguments,
        )

    def environment(self) -> dict[str, str]:
        """What a shell needs to talk to this server."""
        return _environment(
            {
                "AWS_ENDPOINT_URL": self.endpoint,
                "AWS_ACCESS_KEY_ID": KEY_ID,
                "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_REGION": REGION,
            }
        )

    def kill(self) -> None:
        """kill -9: no goodbye."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


def start(folder: Path, *flags: str, **environment: str) -> RunningServer:
    """A server in `folder`, on a free port; `with` waits until it listens."""
    return RunningServer(folder, flags, environment)


def _environment(more: dict[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "INHOUSE_"))}
    admin = {"INHOUSE_ADMIN_ACCESS_KEY_ID": KEY_ID, "INHOUSE_ADMIN_SECRET_ACCESS_KEY": SECRET}
    bin_folder = str(Path(sys.executable).parent)
    path = {"PATH": f"{bin_folder}:{kept.get('PATH', '')}"}
    nothing = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull}
    return {**kept, **nothing, **({} if "KEYLESS" in more else admin), **path, **more}
