"""The composition root: the only file that knows every room."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from inhouse.compute import check_unseen
from inhouse.core.clock import SystemClock
from inhouse.core.ids import RandomIds
from inhouse.core.ports import House
from inhouse.gateway import Gateway
from inhouse.gateway.accesslog import AccessLog
from inhouse.gateway.asgi import Application
from inhouse.gateway.certificate import certificate
from inhouse.gateway.dispatch import Dispatcher
from inhouse.gateway.guard import Guard
from inhouse.gateway.observe import Observer
from inhouse.gateway.points import Points
from inhouse.gateway.registry import Registry, discover
from inhouse.gateway.server import make_server
from inhouse.gateway.system import System
from inhouse.serving import listen
from inhouse.store import BlobStore, Keyring, Store, is_abandoned
from inhouse.store.key_file import NAME as KEY_FILE
from inhouse.wire.router import Router
from inhouse.work import DurableQueue, Runner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from inhouse.core.settings import Settings
log = structlog.get_logger()
EPHEMERAL = "inhouse-ephemeral-"


class Inhouse:
    """One server: built from settings, opened, served, closed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._temporary = _temporary_folder() if settings.ephemeral else None
        self.data = self._temporary or settings.data.resolve()
        key_file = (settings.key_file or self.data / KEY_FILE).absolute()
        check_unseen(key_file, self.data)
        durable = not settings.ephemeral
        self.store = Store(self.data, durable=durable)
        self.blobs = BlobStore(self.data / "blobs", durable=durable)
        self.keys = Keyring.open_file(key_file, self.store.reader())
        self.house = House(
            clock=SystemClock(self.data / "clock"),
            ids=RandomIds(),
            blobs=self.blobs,
            keys=self.keys,
            data=self.data,
            account=settings.account,
            region=settings.region,
            settings=settings,
        )
        self.registry = Registry(make(self.house) for make in discover())
        self.guard = Guard(self.registry)
        router = Router(
            self.registry.services, hosts=("localhost", "127.0.0.1", *_domains(settings))
        )
        points = Points(self.registry)
        self.dispatcher = Dispatcher(
            self.house, self.store, self.registry, self.guard, router, points
        )
        self.runner = Runner(
            self.store,
            self.house.clock,
            DurableQueue,
            self.dispatcher.job_call,
            has_room=self.store.has_room,
        )
        self.house.dispatch = self.dispatcher
        self.house.queue = self.runner.queue
        for spec, handler, dead in self.registry.jobs():
            self.runner.register(spec, handler, dead)
        self.access_log = AccessLog(as_json=settings.log_json)
        self.observer = Observer(
            self.access_log,
            lambda: self.runner.queue.counts(self.store.reader()),
            lambda: (metric for found in self.registry.each("metrics") for metric in found()),
        )
        gateway = Gateway(self.house, router, self.registry, self.dispatcher, points)
        routes = {
            path: route for found in self.registry.each("routes") for path, route in found().items()
        }
        reset = self.reset if settings.ephemeral else None
        system = System(self.observer, routes, reset)
        self.application = Application(gateway, system, self.observer, self.house.ids, settings)

    async def serve(self) -> None:
        """Runs until SIGINT or SIGTERM. Raises OSError when the port cannot be had."""
        settings = self.settings
        with listen(settings.host, settings.port) as bound:
            port = bound.getsockname()[1]
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            scheme = "https" if settings.tls else "http"
            self.house.endpoint = f"{scheme}://{_reachable(host)}:{port}"
            pair = (
                certificate(self.data / "tls", settings.host, _domains(settings))
                if settings.tls
                else None
            )
            server = make_server(self.application, settings, pair)
            self.house.listen = server.also
            async with self._open():
                task = asyncio.create_task(server.serve(sockets=[bound]))
                await asyncio.wait(
                    [task, asyncio.create_task(server.listening.wait())],
                    return_when=asyncio.FIRST_COMPLETED,
                )
                self._announce(pair[0] if pair else None)
                await task

    async def reset(self) -> None:
        """Empties an ephemeral server: all rows, blobs and workers go; the admin stays."""
        await self._stop()
        await self.store.write(self.store.empty)
        await self.blobs.sweep((), float("inf"))
        await self._start()

    @contextlib.asynccontextmanager
    async def _open(self) -> AsyncIterator[None]:
        try:
            await self._start()
            yield
        finally:
            await self._stop()
            self.access_log.flush()
            (self.data / "server.json").unlink(missing_ok=True)
            self.store.close()
            if self._temporary is not None:
                shutil.rmtree(self._temporary, ignore_errors=True)

    async def _start(self) -> None:
        await self.store.write(self._bootstrap)
        await self._sweep()
        for start in self.registry.each("start"):
            await start()
        await self.runner.start()

    async def _stop(self) -> None:
        await self.runner.stop()
        for stop in self.registry.each("stop"):
            await stop()

    def _bootstrap(self, tx: Any) -> None:
        """Makes sure of the master keys, the management account and its admin."""
        self.keys.enrol(tx)
        key_id, secret = self._admin_key()
        self.registry.services["iam"].bootstrap(tx, self.settings.account, key_id, secret)

    def _admin_key(self) -> tuple[str, str]:
        """The configured admin key, else the one in `credentials.json`, else a new one there."""
        settings, path = self.settings, self.data / "credentials.json"
        if settings.admin_access_key_id and settings.admin_secret_access_key:
            key = (
                settings.admin_access_key_id,
                settings.admin_secret_access_key.get_secret_value(),
            )
        elif path.exists():
            found = orjson.loads(path.read_bytes())
            return found["access_key_id"], found["secret_access_key"]
        else:
            key = (self.house.ids.unique("AKIA"), self.house.ids.token(30))
        _write_private(path, {"access_key_id": key[0], "secret_access_key": key[1]})
        return key

    async def _sweep(self) -> None:
        """Removes blobs that a crash left without a row."""
        reader = self.store.reader()
        live = [blob for blob_ids in self.registry.each("blob_ids") for blob in blob_ids(reader)]
        removed = await self.blobs.sweep(live, self.house.clock.time())
        if removed:
            log.info("blobs.swept", removed=removed)

    def _announce(self, certificate_path: Path | None) -> None:
        facts = {
            "endpoint": self.house.endpoint,
            "region": self.settings.region,
            "account": self.settings.account,
            "pid": os.getpid(),
            "certificate": str(certificate_path) if certificate_path else None,
        }
        _write_private(self.data / "server.json", facts)
        log.info("server.listening", data=str(self.data), **facts)


def _reachable(host: str) -> str:
    """The address under which workers on this machine reach a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104


def _domains(settings: Settings) -> list[str]:
    return settings.domains.replace(",", " ").split()


def _temporary_folder() -> Path:
    """A fresh folder; those of ephemeral servers that were killed are removed on the way."""
    for old in Path(tempfile.gettempdir()).glob(f"{EPHEMERAL}*"):
        if is_abandoned(old):
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=EPHEMERAL))


def _write_private(path: Path, value: dict[str, Any]) -> None:
    """Writes JSON that only the owner can read, whole or not at all."""
    scratch = path.with_suffix(".new")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps(value))
        file.flush()
        os.fsync(descriptor)
    scratch.replace(path)
