"""What both functions hold while they are warm: configuration and clients."""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config as ClientConfig

from . import config
from .bucket import Bucket

THREADS = 8
logging.getLogger(__package__).setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Runtime:
    """Clients are made once: they are slow to make and safe to share between threads."""

    session: boto3.Session
    config: config.Config
    s3: Any
    fragments: Bucket
    audio: Bucket
    cloudwatch: Any

    def client(self, service: str) -> Any:
        return _client(self.session, service)


@functools.cache
def _client(session: boto3.Session, service: str) -> Any:
    settings = ClientConfig(
        retries={"mode": "standard", "max_attempts": 5}, max_pool_connections=2 * THREADS
    )
    return session.client(service, config=settings)  # type: ignore[call-overload]


@functools.cache
def runtime() -> Runtime:
    session = boto3.Session()
    told = config.load(_client(session, "ssm"))
    s3 = _client(session, "s3")
    return Runtime(
        session,
        told,
        s3,
        Bucket(s3, told.fragments_bucket),
        Bucket(s3, told.audio_bucket),
        _client(session, "cloudwatch"),
    )
