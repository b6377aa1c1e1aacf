"""Worker processes, killed and left idle for real."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator

import pytest

from inhouse.engines.speech import (
    InvalidSsml,
    SpeechFailed,
    SpeechPool,
    SpeechRequest,
    UnknownVoice,
)
from inhouse.engines.speech.requests import Format
from tests.waiting import eventually

from .conftest import needs_speech

pytestmark = needs_speech

HELLO = SpeechRequest("Hello.", "Matthew")
LONG = SpeechRequest("The committee met again and agreed on nothing at all. " * 200, "Matthew")


@pytest.fixture
async def pool() -> AsyncIterator[SpeechPool]:
    pool = SpeechPool(2, idle_seconds=60)
    yield pool
    await pool.close()


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_one_worker_serves_many_requests(pool: SpeechPool) -> None:
    assert pool.pids == ()
    first = await pool.speak(HELLO)
    (pid,) = pool.pids
    again = await pool.speak(HELLO)
    assert pool.pids == (pid,)
    assert first == again
    assert (first.content_type, first.sample_rate, first.billed) == ("audio/mpeg", 24000, 6)
    assert 300 < first.milliseconds < 2000


async def test_requests_run_side_by_side_and_say_the_same(pool: SpeechPool) -> None:
    results = await asyncio.gather(*(pool.speak(HELLO) for _ in range(4)))
    assert len(pool.pids) == 2
    assert len(set(results)) == 1


@pytest.mark.parametrize("form", ["mp3", "ogg_vorbis", "ogg_opus"])
async def test_real_speech_decodes_to_its_length(pool: SpeechPool, form: Format) -> None:
    import av

    result = await pool.speak(SpeechRequest("Hello there, listeners.", "Joanna", format=form))
    container = av.open(io.BytesIO(result.audio))
    samples = sum(frame.samples for frame in container.decode(audio=0))
    assert container.streams.audio[0].rate == result.sample_rate
    seconds = samples / result.sample_rate
    assert seconds == pytest.approx(result.milliseconds / 1000, abs=0.05)


async def test_pieces_come_while_it_speaks(pool: SpeechPool) -> None:
    request = SpeechRequest("One. Two. Three.", "Joe", format="json", mark_types=("word",))
    parts = [part async for part in pool.stream(request)]
    assert [part.done for part in parts] == sorted(part.done for part in parts)
    assert parts[-1].done == 1.0
    assert [len(part.marks) for part in parts[:3]] == [1, 1, 1]


async def test_a_killed_worker_fails_its_request_only(pool: SpeechPool) -> None:
    doomed = pool.stream(LONG)
    await anext(doomed)
    (pid,) = pool.pids
    spared = asyncio.ensure_future(pool.speak(HELLO))
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(SpeechFailed, match="SIGKILL"):
        async for _ in doomed:
            pass
    assert (await spared).milliseconds > 300
    assert (await pool.speak(HELLO)).milliseconds > 300
    assert pid not in pool.pids


async def test_idle_workers_end() -> None:
    pool = SpeechPool(2, idle_seconds=0.1)
    await asyncio.gather(pool.speak(HELLO), pool.speak(HELLO))
    pids = pool.pids
    await eventually(lambda: pool.pids == ())
    await eventually(lambda: all(gone(pid) for pid in pids))
    assert (await pool.speak(HELLO)).milliseconds > 300
    await pool.close()


async def test_a_cancelled_request_ends_its_worker(pool: SpeechPool) -> None:
    speaking = asyncio.ensure_future(pool.speak(LONG))
    await eventually(lambda: bool(pool.pids))
    (pid,) = pool.pids
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    await eventually(lambda: gone(pid))
    assert pool.pids == ()
    assert (await pool.speak(HELLO)).milliseconds > 300


async def test_a_silent_worker_is_given_up() -> None:
    pool = SpeechPool(1, timeout=0.5)
    with pytest.raises(SpeechFailed, match="said nothing"):
        stream = pool.stream(LONG)
        stopped = False
        async for _ in stream:
            if not stopped:
                os.kill(pool.pids[0], signal.SIGSTOP)
                stopped = True
    assert pool.pids == ()
    await pool.close()


async def test_wrong_requests_leave_the_worker(pool: SpeechPool) -> None:
    await pool.speak(HELLO)
    pids = pool.pids
    with pytest.raises(InvalidSsml) as caught:
        await pool.speak(SpeechRequest("<speak>\n<blink/></speak>", "Joe", "ssml"))
    assert (caught.value.line, caught.value.column) == (2, 1)
    with pytest.raises(UnknownVoice):
        await pool.speak(SpeechRequest("Hi.", "Nobody"))
    assert pool.pids == pids


async def test_closing_ends_everything() -> None:
    pool = SpeechPool(1)
    speaking = asyncio.ensure_future(pool.speak(LONG))
    await eventually(lambda: bool(pool.pids))
    (pid,) = pool.pids
    await pool.close()
    with pytest.raises(SpeechFailed):
        await speaking
    assert gone(pid)
    with pytest.raises(SpeechFailed, match="closed"):
        await pool.speak(HELLO)


async def test_closing_refuses_those_that_wait() -> None:
    pool = SpeechPool(1)
    speaking = [asyncio.ensure_future(pool.speak(HELLO)) for _ in range(3)]
    await eventually(lambda: bool(pool.pids))
    await pool.close()
    results = await asyncio.gather(*speaking, return_exceptions=True)
    assert all(isinstance(result, SpeechFailed) for result in results)
    assert pool.pids == ()


async def test_tone_starts_no_worker(pool: SpeechPool) -> None:
    result = await pool.speak(SpeechRequest("Hello there.", "Tone"))
    assert result.audio[0] == 0xFF
    assert pool.pids == ()


async def test_workers_see_none_of_the_servers_environment(
    pool: SpeechPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-workers")
    await pool.speak(HELLO)
    with open(f"/proc/{pool.pids[0]}/environ", "rb") as environment:
        assert b"not-for-workers" not in environment.read()


async def test_long_texts_leave_a_worker_to_short_ones(pool: SpeechPool) -> None:
    long = [asyncio.ensure_future(pool.speak(LONG)) for _ in range(3)]
    await eventually(lambda: bool(pool.pids))
    assert (await pool.speak(HELLO)).milliseconds > 300
    assert not any(task.done() for task in long)
    for task in long:
        task.cancel()
    await asyncio.gather(*long, return_exceptions=True)
