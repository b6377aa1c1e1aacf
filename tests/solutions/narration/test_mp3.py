"""Joining copies packets, byte for byte."""

from __future__ import annotations

import io
import wave

import pytest

av = pytest.importorskip("av")

from inhouse.solutions.narration.functions import mp3  # noqa: E402


def test_joined_packets_are_those_of_the_pieces() -> None:
    pieces = [mp3.frames(mp3.tone(24_000, [(hertz, 0.4)])) for hertz in (440, 550, 660)]
    joined = mp3.join(pieces, {"title": "Tést", "artist": "Zürich"})
    again = mp3.frames(joined)
    assert again.packets == sum((piece.packets for piece in pieces), ())
    assert joined.endswith(b"".join(again.packets))
    assert again.seconds == pytest.approx(sum(piece.seconds for piece in pieces))
    with av.open(io.BytesIO(joined)) as container:
        assert container.metadata["title"] == "Tést"
        assert container.metadata["artist"] == "Zürich"
        decoded = sum(frame.samples for frame in container.decode(audio=0))
    assert decoded == again.samples


def test_a_piece_with_its_own_wrapping_gives_only_its_frames() -> None:
    bare = mp3.frames(mp3.tone(22_050, [(440, 0.3)]))
    wrapped = mp3.join([bare], {"title": "Inner"})
    assert mp3.frames(wrapped).packets == bare.packets


@pytest.mark.parametrize("rate", [22_050, 24_000])
def test_what_was_joined_is_cut_into_the_same_pieces(rate: int) -> None:
    """At 22.05 kHz frames differ by a byte of padding."""
    pieces = [mp3.frames(mp3.tone(rate, [(hertz, 0.3 + hertz / 1000)])) for hertz in (440, 550)]
    joined = mp3.frames(mp3.join([*pieces, pieces[0]], {"title": "All"}))
    seconds = [piece.seconds for piece in (*pieces, pieces[0])]
    assert mp3.cut(joined, seconds) == [*pieces, pieces[0]]
    for wrong in (seconds[:-1], [*seconds, 0.2]):
        with pytest.raises(mp3.Unjoinable, match="frames"):
            mp3.cut(joined, wrong)


def test_other_parameters_are_not_joined() -> None:
    low, high = (mp3.frames(mp3.tone(rate, [(440, 0.1)])) for rate in (16_000, 24_000))
    with pytest.raises(mp3.Unjoinable, match="24000 Hz"):
        mp3.join([low, high], {})


def test_what_fits_is_inserted_unchanged() -> None:
    sound = mp3.tone(24_000, [(440, 0.3)])
    assert mp3.converted(sound, 24_000, 10) == sound


def test_another_format_is_encoded_once() -> None:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(bytes(4 * 44_100))
    fitted = mp3.frames(mp3.converted(out.getvalue(), 24_000, 10))
    assert (fitted.sample_rate, fitted.channels) == (24_000, 1)
    assert 1.0 <= fitted.seconds < 1.2


@pytest.mark.parametrize(
    "data", [b"", b"no audio" * 500, bytes(5000), b"ID3\x03\x00\x00\x00\x00\x0f\x7f"]
)
def test_what_is_no_audio(data: bytes) -> None:
    with pytest.raises(mp3.Unjoinable):
        mp3.converted(data, 24_000, 10)


def test_what_is_too_long() -> None:
    for rate in (24_000, 22_050):
        with pytest.raises(mp3.Unjoinable, match="longer than 1 second"):
            mp3.converted(mp3.tone(rate, [(440, 1.5)]), 24_000, 1)
