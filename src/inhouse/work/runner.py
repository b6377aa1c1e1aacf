"""Runs jobs from the durable queue, each at least once, as the principal that queued it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from inhouse.core.principal import Principal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from inhouse.core.call import Call
    from inhouse.core.clock import Clock
    from inhouse.core.operations import JobSpec
    from inhouse.core.ports import Row
    from inhouse.store import Store
    from inhouse.work.queue import DurableQueue

    Handler = Callable[[Call, Any], Awaitable[None]]
    Dead = Callable[[Call, Any, str], Awaitable[None]]
log = structlog.get_logger()
RENEWAL = 60.0
"""Seconds between looks at leases."""
PAUSE = 1.0
"""Seconds until the store is tried again that refused a write."""
LOST = "How it ended could not be written."


class Retry(Exception):
    """Raised by a job to be run again after `delay` seconds, without that counting as failed."""

    def __init__(self, delay: float, reason: str = "") -> None:
        super().__init__(reason or f"again in {delay:g} s")
        self.delay = delay


class Bury(Exception):
    """Raised by a job that no further attempt can help; its text is the reason."""


class Runner:
    """Claims due jobs and runs their handlers, a bounded number of each kind at once.

    A handler that returns ends its job. One that raises is tried again after the kind's backoff,
    until its attempts are used up; then the job is dead and `on_dead` is told. A server killed in
    the middle of a job runs it again after its next start, so handlers are idempotent.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        queue: Callable[[Callable[[], None]], DurableQueue],
        call: Callable[[Principal, JobSpec, Row], Call],
        *,
        renewal: float = RENEWAL,
        pause: float = PAUSE,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        """`has_room` tells whether what jobs make can be stored; until then none begins."""
        self._store = store
        self._renewal = renewal
        self._pause = pause
        self._has_room = has_room
        self._waits_for_room = False
        self._clock = clock
        self._call = call
        self._handlers: dict[str, tuple[JobSpec, Handler, Dead | None]] = {}
        self._running: dict[int, tuple[JobSpec, asyncio.Task[None]]] = {}
        self._busy: Counter[str] = Counter()
        self._busy_lanes: Counter[tuple[str, str]] = Counter()
        self._awake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.queue = queue(self.wake)

    def register(self, spec: JobSpec, handler: Handler, dead: Dead | None = None) -> None:
        """Names the runner of a kind of job, and who is told when such a job dies."""
        if spec.kind in self._handlers:
            raise ValueError(f"two handlers for jobs of kind {spec.kind!r}")
        self._handlers[spec.kind] = (spec, handler, dead)

    def wake(self) -> None:
        """Looks for due jobs soon. Safe from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has closed
                self._loop.call_soon_threadsafe(self._awake.set)

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._keep_time()
        await self._store.write(self.queue.release_all)
        self._awake.set()
        self._tasks = [
            asyncio.create_task(self._claim_forever()),
            asyncio.create_task(self._renew_forever()),
        ]

    async def stop(self, grace: float = 5.0) -> None:
        """Claims no more, gives running jobs `grace` seconds, then cancels them.

        A cancelled job keeps its row and runs again at the next start.
        """
        await _cancel(self._tasks)
        self._keep_time()
        running = [task for _, task in self._running.values()]
        if running:
            await asyncio.wait(running, timeout=grace)
        await _cancel(running)

    async def _claim_forever(self) -> None:
        while True:
            self._awake.clear()
            try:
                pause = await self._claim()
            except Exception:
                log.exception("work.claim_failed")
                pause = self._pause
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), pause)

    async def _claim(self) -> float | None:
        """Starts what is due and has room; answers the seconds until more is due."""
        if not self._roomy():
            return self._pause
        now = self._clock.steady()
        later: list[float] = []
        kinds = [spec for spec, _, _ in self._handlers.values()]
        for (kind, lane), due in self.queue.due(self._store.reader(), kinds).items():
            spec = self._handlers[kind][0]
            if due > now:
                later.append(due - now)
            elif (room := self._room(spec, lane)) > 0:
                await self._start(spec, lane, room, now)
        return min(later, default=None)

    def _room(self, spec: JobSpec, lane: str) -> int:
        """How many more jobs may run. A lane takes another place for as long as more are free than
        it has, so that one slow lane, or a few, leave some to every other."""
        free = spec.concurrency - self._busy[spec.kind]
        return (free - self._busy_lanes[spec.kind, lane] + 1) // 2 if spec.lanes else free

    def _roomy(self) -> bool:
        """Jobs on a full disk would use up their attempts and be buried."""
        if self._has_room() == self._waits_for_room:
            self._waits_for_room = not self._waits_for_room
            log.warning("work.waits_for_room" if self._waits_for_room else "work.has_room_again")
        return not self._waits_for_room

    async def _start(self, spec: JobSpec, lane: str, most: int, now: float) -> None:
        rows = await self._store.write(
            lambda tx: self.queue.claim(tx, spec.kind, most, now, spec.lease, lane)
        )
        for row in rows:
            if row["id"] in self._running:  # its lease ran out under it, as when a laptop slept
                continue
            self._busy[spec.kind] += 1
            self._busy_lanes[spec.kind, lane] += 1
            self._running[row["id"]] = (spec, asyncio.create_task(self._run(spec, row)))
        if len(rows) == most:
            self._awake.set()

    async def _run(self, spec: JobSpec, row: Row) -> None:
        try:
            await self._attempt(spec, row)
        except Exception:
            log.exception("work.job_lost", kind=spec.kind, job=row["id"])
            await self._free(row)
        finally:
            self._running.pop(row["id"], None)
            self._busy[spec.kind] -= 1
            self._busy_lanes[spec.kind, row["lane"]] -= 1
            self._busy_lanes = +self._busy_lanes  # without those that are at nought
            self._awake.set()

    async def _free(self, row: Row) -> None:
        """Lets a job run again whose end could not be written, once something can be."""
        while True:
            await asyncio.sleep(self._pause)
            try:
                await self._store.write(
                    lambda tx: self.queue.retry(
                        tx, row["id"], due=row["due"], attempts=row["attempts"], error=LOST
                    )
                )
            except Exception as error:
                log.warning("work.job_not_freed", job=row["id"], reason=str(error))
            else:
                return

    async def _attempt(self, spec: JobSpec, row: Row) -> None:
        _, handler, dead = self._handlers[spec.kind]
        payload = orjson.loads(row["payload"])
        call = self._call(Principal.from_row(orjson.loads(row["principal"])), spec, row)
        try:
            await handler(call, payload)
        except Retry as retry:
            await self._again(row, retry.delay, row["attempts"] - 1, str(retry))
        except Bury as bury:
            await self._dead(call, dead, spec, row, payload, str(bury))
        except Exception as error:
            await self._failed(call, dead, spec, row, payload, error)
        else:
            await self._store.write(lambda tx: self.queue.finish(tx, row["id"]))

    async def _failed(
        self, call: Call, dead: Dead | None, spec: JobSpec, row: Row, payload: Any, error: Exception
    ) -> None:
        reason = f"{type(error).__name__}: {error}"
        if row["attempts"] >= spec.attempts:
            await self._dead(call, dead, spec, row, payload, reason)
            return
        delay = spec.backoff(row["attempts"])
        log.warning(
            "work.job_failed",
            kind=spec.kind,
            job=row["id"],
            attempt=row["attempts"],
            again_in=delay,
            reason=reason,
            exc_info=error,
        )
        await self._again(row, delay, row["attempts"], reason)

    async def _again(self, row: Row, delay: float, attempts: int, reason: str) -> None:
        due = self._clock.steady() + delay
        await self._store.write(
            lambda tx: self.queue.retry(tx, row["id"], due=due, attempts=attempts, error=reason)
        )

    async def _dead(
        self, call: Call, dead: Dead | None, spec: JobSpec, row: Row, payload: Any, reason: str
    ) -> None:
        log.error("work.job_dead", kind=row["kind"], job=row["id"], reason=reason)
        if dead is not None:
            try:
                await dead(call, payload, reason)
            except Exception as error:  # who had to be told was not, so the job is not over
                wanted = error.delay if isinstance(error, Retry) else None
                delay = spec.backoff(row["attempts"]) if wanted is None else wanted
                log.warning("work.dead_untold", kind=row["kind"], job=row["id"], exc_info=error)
                await self._again(row, delay, row["attempts"], reason)
                return
        await self._store.write(lambda tx: self.queue.bury(tx, row["id"], reason))

    def _keep_time(self) -> None:
        try:
            self._clock.keep()
        except OSError as error:
            log.warning("work.time_not_kept", reason=str(error))

    async def _renew_forever(self) -> None:
        """Keeps the leases of running jobs, so that long work is not taken for lost, and frees
        the jobs that were."""
        while True:
            await asyncio.sleep(self._renewal)
            now = self._clock.steady()
            self._keep_time()
            until = {job: now + spec.lease for job, (spec, _) in self._running.items()}

            def renew(tx: Any, until: dict[int, float] = until, now: float = now) -> int:
                for job, moment in until.items():
                    self.queue.renew(tx, job, moment)
                return self.queue.release_lost(tx, now)

            try:
                if await self._store.write(renew):
                    self._awake.set()
            except Exception:
                log.exception("work.renew_failed")


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
