"""Frames found without a decoder are those that FFmpeg finds."""

from __future__ import annotations

import io
import math
from array import array
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

av = pytest.importorskip("av")

from inhouse.solutions.narration.functions import mp3, mpeg  # noqa: E402


def encoded(rate: int, channels: int, options: dict[str, str], kbits: int = 0) -> bytes:
    """An MP3 file as FFmpeg writes it, with an ID3 tag and as told with a Xing frame."""
    out = io.BytesIO()
    xing = {"write_xing": options.pop("xing", "1")}
    with av.open(out, "w", format="mp3", options=xing) as container:
        container.metadata["title"] = "A file"
        layout = "mono" if channels == 1 else "stereo"
        stream = container.add_stream("mp3", rate=rate, layout=layout, options=options)
        if kbits:
            stream.bit_rate = kbits * 1000
        samples = array("h")
        for at in range(rate // 2):
            samples.extend([int(9000 * math.sin(at / 9) * math.sin(at / 900))] * channels)
        frame = av.AudioFrame(format="s16", layout=layout, samples=rate // 2)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate = rate
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return out.getvalue()


def by_ffmpeg(data: bytes) -> tuple[bytes, ...]:
    with av.open(io.BytesIO(data), "r", format="mp3") as container:
        stream = container.streams.audio[0]
        return tuple(bytes(packet) for packet in container.demux(stream) if packet.size)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000])
@pytest.mark.parametrize(
    "options", [{}, {"xing": "0"}, {"reservoir": "0"}, {"joint_stereo": "0"}, {"compression_level": "9"}]
)  # fmt: skip
def test_frames_are_what_ffmpeg_finds(rate: int, channels: int, options: dict[str, str]) -> None:
    data = encoded(rate, channels, dict(options), kbits=64 if rate > 8_000 else 32)
    found = mpeg.find(data)
    packets = by_ffmpeg(data)
    assert found.frames == b"".join(packets)
    assert (found.count, found.sample_rate, found.channels) == (len(packets), rate, channels)
    assert found.bit_rate == (64_000 if rate > 8_000 else 32_000)
    assert mp3.frames(data).packets == packets


def test_a_variable_bit_rate_is_noticed_and_joined_with_its_length() -> None:
    data = encoded(24_000, 1, {"qscale": "5", "flags": "+qscale"}, 0)
    found = mp3.frames(data)
    assert found.packets == by_ffmpeg(data)
    constant = mp3.frames(encoded(24_000, 1, {}, 64))
    for pieces in ([found, constant], [constant, mp3.frames(encoded(24_000, 1, {}, 48))]):
        joined = mp3.join(pieces, {"title": "Both"})
        assert b"Xing" in joined[:400]
        assert mp3.frames(joined).packets == pieces[0].packets + pieces[1].packets


def test_tags_before_and_behind() -> None:
    bare = mp3.tone(24_000, [(440, 0.2)])
    old_tag = b"TAG" + bytes(125)
    footed = b"ID3\x04\x00\x10" + bytes([0, 0, 1, 2]) + bytes(130) + b"3DI\x04\x00\x10\0\0\1\2"
    for wrapped in (mpeg.tag({"title": "x" * 900}) + bare, bare + old_tag, footed + bare):
        assert mpeg.find(wrapped).frames == bare


def test_what_is_foreign_or_missing_is_left_to_ffmpeg() -> None:
    bare = mp3.tone(24_000, [(440, 0.3)])
    whole = mp3.frames(bare)
    for odd in (bare[:-7], bare + bytes(300), bytes(50) + bare):
        with pytest.raises(mpeg.Odd):
            mpeg.find(odd)
        found = mp3.frames(odd)
        assert found.count >= whole.count - 1
        assert set(found.packets) <= set(whole.packets)


def test_tags_are_read_by_others() -> None:
    piece = mp3.frames(mp3.tone(24_000, [(440, 0.2)]))
    told = {"title": "Grüße, 世界 🎧 " * 20, "artist": "", "album": "News"}
    with av.open(io.BytesIO(mp3.join([piece], told))) as container:
        assert container.metadata["title"] == told["title"]
        assert container.metadata["album"] == "News"
        assert "artist" not in container.metadata


SOUND = mp3.tone(24_000, [(440, 0.2)])


@settings(deadline=None)
@given(st.data())
def test_broken_files_end_in_frames_or_in_a_reason(data: Any) -> None:
    broken = bytearray(SOUND)
    for at in data.draw(st.lists(st.integers(0, len(SOUND) - 1), max_size=6)):
        broken[at] = data.draw(st.integers(0, 255))
    cut = bytes(broken[data.draw(st.integers(0, 40)) : data.draw(st.integers(60, len(SOUND)))])
    try:
        found = mp3.frames(cut)
    except mp3.Unjoinable:
        return
    assert b"".join(found.packets) == found.data
    assert all(mpeg.is_whole(packet) for packet in found.packets)
    assert found.count == len(found.packets) > 0


@given(st.binary(max_size=400))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    try:
        found = mpeg.find(data)
    except mpeg.Odd:
        return
    assert found.frames in data
