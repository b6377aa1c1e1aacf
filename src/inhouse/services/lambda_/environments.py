"""Execution environments: what a function's worker is given, and the pool that keeps them warm."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from inhouse.compute import Full, LocalWorkers, Pool, WorkerSpec
from inhouse.core.errors import ServiceError
from inhouse.core.principal import root_user
from inhouse.services.lambda_ import egress, logging_config, roles, rows
from inhouse.services.lambda_.configuration import place
from inhouse.services.lambda_.instance import Instance
from inhouse.services.lambda_.journal import Journal
from inhouse.services.lambda_.names import layer_version
from inhouse.services.lambda_.packages import Unpacked

if TYPE_CHECKING:
    from pathlib import Path

    from inhouse.core.call import Call
    from inhouse.core.ports import Credentials, House, Row
    from inhouse.core.principal import Principal
    from inhouse.services.lambda_.instance import Outcome
    from inhouse.services.lambda_.names import Function
    from inhouse.services.lambda_.runtime_api import Invocation
    from inhouse.services.lambda_.runtimes import Runtime, Runtimes

log = structlog.get_logger()

TASK, LAYERS, OFFERED = "/var/task", "/opt", "/var/runtime"
AUTHORITIES = "/var/inhouse/authorities.pem"
TRUST = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""Where clients look for whom to trust: botocore, requests, and all that leave it to OpenSSL."""
SESSION = 12 * 3600
"""Seconds for which credentials are asked; a role may grant less."""
CPU = 1769
"""MiB of memory that come with one CPU, on AWS."""
KEPT = 32 << 20
"""Bytes of an allocation up to which a worker keeps its pages for the next event: the most that glibc
comes to by itself. Fresh pages for a photograph cost as much as a quarter of decoding it."""


class Environments:
    """Runs invocations, each in an environment of its function's current version.

    Lives from the server's start to its stop.
    """

    def __init__(self, house: House, runtimes: Runtimes) -> None:
        self._house = house
        self._runtimes = runtimes
        self._running: Counter[Function | None] = Counter()
        runtimes.clear()
        self._unpacked = Unpacked(house.data / "functions" / "packages", house.blobs)
        self._journal = Journal(house)
        self._workers = LocalWorkers(hidden=(house.data,))
        settings = house.settings
        if settings.function_egress != "any" and not self._workers.isolation.own_network:
            log.warning(
                "lambda.egress_cannot_be_kept",
                function_egress=settings.function_egress,
                isolation=self._workers.isolation.kind,
                so="no function is run",
            )
        self._pool: Pool[Instance] = Pool(settings.worker_limit, settings.worker_idle)

    async def close(self) -> None:
        await self._pool.close()
        await self._workers.close()
        await self._journal.close()

    async def forget(self, chosen: Function) -> None:
        """Ends the idle environments of a function that has changed, or of what is gone of it."""
        reader = self._house.dispatch.reader()

        def keep(key: Any) -> bool:
            if key[0] != replace(chosen, qualifier=""):
                return True
            row = rows.version(reader, key[0], key[1])
            return row is not None and self._key(row) == key

        await self._pool.drop(keep)

    async def run(self, call: Call, row: Row, invocation: Invocation) -> Outcome:
        """Runs one invocation. Raises TooManyRequestsException when there is no room for it."""
        chosen = place(row)
        pool = self._admit(chosen, row["concurrency"])
        self._running[pool] += 1
        key = self._key(row)
        try:
            try:
                instance, cold = await self._pool.take(key, lambda: self._start(call, row))
            except Full as full:
                raise _throttled("ConcurrentInvocationLimitExceeded", str(full)) from full
            try:
                return await instance.invoke(invocation, cold)
            except BaseException:
                await instance.stop()  # cancelled: what it does now is nobody's
                raise
            finally:
                if not self._is_current(row):
                    await instance.stop()
                await self._pool.give(key, instance)
        finally:
            self._running[pool] -= 1
            if not self._running[pool]:
                del self._running[pool]

    def _is_current(self, row: Row) -> bool:
        reader = self._house.dispatch.reader()
        now = rows.version(reader, place(row), str(row["version"]))
        return now is not None and self._key(now) == self._key(row)

    def _key(self, row: Row) -> tuple[Function, str, float, str]:
        """What makes two environments interchangeable."""
        level = egress.level(row, self._house.settings.function_egress)
        return place(row), str(row["version"]), row["modified"], level

    def _admit(self, chosen: Function, reserved: int | None) -> Function | None:
        """Whose concurrency an invocation takes: the function's own, or what nobody has reserved.

        Raises TooManyRequestsException when all of it is in use.
        """
        if reserved is not None:
            if self._running[chosen] < reserved:
                return chosen
            raise _throttled(
                "ReservedFunctionConcurrentInvocationLimitExceeded",
                f"{chosen.arn} has a reserved concurrency of {reserved}, and all of it is in use.",
            )
        limit = self._house.settings.worker_limit
        left = limit - rows.reserved(self._house.dispatch.reader())
        if self._running[None] < left:
            return None
        raise _throttled(
            "ConcurrentInvocationLimitExceeded",
            f"{left} invocations run: of the {limit} that the server's worker_limit allows, "
            f"{limit - left} are reserved for other functions.",
        )

    async def _start(self, call: Call, row: Row) -> Instance:
        """A fresh environment. Raises ServiceError when the role, code or layers do not serve."""
        house, chosen = self._house, place(row)
        network = egress.network(self._key(row)[3], house.endpoint)
        runtime = await asyncio.to_thread(self._runtimes.get, row["runtime"])
        credentials = await call.write(_open_session, chosen, row["role"])
        writer = _log_writer(house, row)
        folders: list[Path] = []
        try:
            folders.append(await self._unpacked.hold([row["code_blob"]]))
            if layers := self._layers(call, row):
                folders.append(await self._unpacked.hold(layers))
        except FileNotFoundError as error:
            raise ServiceError(
                "ResourceConflictException", f"{chosen.arn} was changed meanwhile.", status=409
            ) from error
        unique = house.ids.uuid().replace("-", "")
        name = logging_config.stream(row, house.clock.now(), unique)
        stream = self._journal.stream(chosen, writer, logging_config.shown(row)["LogGroup"], name)
        instance = Instance(
            stream,
            logging_config.form(row),
            timeout=row["timeout"],
            memory=row["memory"],
            version=str(row["version"]),
            expires=credentials.expires,
        )

        async def end() -> None:
            self._journal.forget(stream)
            for folder in folders:
                await self._unpacked.release(folder)

        instance.on_end = end
        variables = {
            **_variables(house, row, runtime),
            "AWS_LAMBDA_LOG_STREAM_NAME": name,
            "AWS_ACCESS_KEY_ID": credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
            "AWS_SESSION_TOKEN": credentials.session_token,
        }

        def spec(address: str) -> WorkerSpec:
            environment = {**variables, "AWS_LAMBDA_RUNTIME_API": address}
            return replace(self._spec(row, runtime, folders, environment), network=network)

        try:
            await instance.start(self._workers, spec, house.listen if network else None)
        except BaseException:
            await instance.stop()
            raise
        return instance

    def _layers(self, call: Call, row: Row) -> list[str]:
        tx = self._house.dispatch.reader()
        found = [rows.used_layer(tx, layer_version(arn)) for arn in orjson.loads(row["layers"])]
        return [layer["code_blob"] for layer in found if layer is not None]

    def _spec(
        self, row: Row, runtime: Runtime, folders: list[Path], environment: dict[str, str]
    ) -> WorkerSpec:
        shown = dict(zip((TASK, LAYERS), folders, strict=False))
        places = [TASK, f"{LAYERS}/python", f"{LAYERS}/python/lib/{runtime.name}/site-packages"]
        if runtime.offered is not None:
            shown[OFFERED] = runtime.offered
            places.append(OFFERED)
        paths = {"LAMBDA_TASK_ROOT": (TASK,), "PYTHONPATH": tuple(places)}
        authorities = self._house.data / "tls" / "authorities.pem"
        if self._house.endpoint.startswith("https:") and authorities.exists():
            shown[AUTHORITIES] = authorities
            paths.update(dict.fromkeys(TRUST, (AUTHORITIES,)))
        return WorkerSpec(
            command=(runtime.program, "-s", "-m", "awslambdaric", row["handler"]),
            environment=environment,
            paths=paths,
            folders=shown,
            readable=runtime.readable,
            cwd=TASK,
            memory=row["memory"],
            scratch=row["scratch"],
        )


def _open_session(call: Call, chosen: Function, role_arn: str) -> Credentials:
    principal, role = roles.principal(call.house, call.tx, chosen, role_arn)
    seconds = min(SESSION, role.max_session_seconds)
    return call.house.identities.open_session(call.tx, principal, seconds=seconds)


def _log_writer(house: House, row: Row) -> Principal:
    """Who writes a function's log: into its own group its account, elsewhere its role."""
    chosen = place(row)
    if logging_config.is_own(row):
        return root_user(chosen.account)
    return roles.principal(house, house.dispatch.reader(), chosen, row["role"])[0]


def _variables(house: House, row: Row, runtime: Runtime) -> dict[str, str]:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
    threads = str(max(1, round(row["memory"] / CPU)))
    return {
        "MALLOC_MMAP_THRESHOLD_": str(KEPT),
        "MALLOC_TRIM_THRESHOLD_": str(2 * KEPT),
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        **orjson.loads(row["environment"]),
        "_HANDLER": row["handler"],
        "AWS_REGION": row["region"],
        "AWS_DEFAULT_REGION": row["region"],
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime.name}",
        "AWS_LAMBDA_FUNCTION_NAME": row["name"],
        "AWS_LAMBDA_FUNCTION_VERSION": str(row["version"]),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(row["memory"]),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        **logging_config.variables(row),
        "AWS_ENDPOINT_URL": house.endpoint,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }


def _throttled(reason: str, message: str) -> ServiceError:
    return ServiceError(
        "TooManyRequestsException",
        f"Rate Exceeded. {message}",
        status=429,
        Reason=reason,
        Type="User",
    )
