"""MP3 by copying packets: joined without decoding, and measured by counting frames.

A file's own wrapping (ID3 tags, a Xing or Info frame) is left behind, so what comes out is the
frames of the fragments in order, byte for byte, behind one ID3 tag.
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from . import mpeg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Unjoinable(Exception):
    """Audio that is no MP3 of the expected parameters; the text says what it is."""


@dataclass(frozen=True, slots=True)
class Frames:
    """One fragment: its frames, one after the other, and what all fragments of a file must share.

    `bit_rate` in bits a second, 0 when its frames differ in it.
    """

    data: bytes
    count: int
    sample_rate: int
    channels: int
    bit_rate: int

    @property
    def samples(self) -> int:
        return self.count * samples_a_frame(self.sample_rate)

    @property
    def seconds(self) -> float:
        return self.samples / self.sample_rate

    @property
    def packets(self) -> tuple[bytes, ...]:
        """Each frame by itself."""
        found, at = [], 0
        while at < len(self.data):
            length = mpeg.header(self.data[at : at + 4]).length
            found.append(self.data[at : at + length])
            at += length
        return tuple(found)


def samples_a_frame(sample_rate: int) -> int:
    """1152 in MPEG-1 (32 kHz and above), 576 below."""
    return 1152 if sample_rate >= 32_000 else 576


def frames(data: bytes) -> Frames:
    """The frames of an MP3 file. Raises Unjoinable when it is none."""
    try:
        found = mpeg.find(data)
    except mpeg.Odd:
        found = _found_by_ffmpeg(data)
    return Frames(found.frames, found.count, found.sample_rate, found.channels, found.bit_rate)


def _found_by_ffmpeg(data: bytes) -> mpeg.Found:
    """FFmpeg finds frames in anything, also where bytes are missing or foreign."""
    import av

    try:
        with av.open(io.BytesIO(data), "r", format="mp3") as container:
            packets = [bytes(one) for one in container.demux(container.streams.audio[0])]
        return mpeg.find(b"".join(one for one in packets if mpeg.is_whole(one)))
    except (av.FFmpegError, IndexError, ValueError, mpeg.Odd) as error:
        raise Unjoinable(f"not an MP3 file: {error}") from None


def cut(whole: Frames, seconds: Sequence[float]) -> list[Frames]:
    """Pieces of such lengths, one after the other, as they were before they were joined.

    Raises Unjoinable when these are not the lengths of the pieces, or frames differ in bit rate,
    for then it is not known which pieces they make differ.
    """
    a_second = whole.sample_rate / samples_a_frame(whole.sample_rate)
    counts = [round(length * a_second) for length in seconds]
    if not whole.bit_rate or sum(counts) != whole.count:
        raise Unjoinable(f"{whole.count} frames are not the {sum(counts)} of the pieces")
    pieces, packets = [], iter(whole.packets)
    for count in counts:
        data = b"".join(itertools.islice(packets, count))
        pieces.append(replace(whole, data=data, count=count))
    return pieces


def join(pieces: Sequence[Frames], tags: Mapping[str, str]) -> bytes:
    """One MP3 file of all pieces in order, with ID3 tags such as `title` and `artist`.

    Raises Unjoinable when the pieces differ in sample rate or channels.
    """
    first = pieces[0]
    for piece in pieces:
        if (piece.sample_rate, piece.channels) != (first.sample_rate, first.channels):
            raise Unjoinable(
                f"{piece.sample_rate} Hz with {piece.channels} channel(s) cannot follow"
                f" {first.sample_rate} Hz with {first.channels}"
            )
    # A player reckons the length of constant bit rate from the file; any other needs a Xing frame.
    if any(piece.bit_rate != first.bit_rate or not piece.bit_rate for piece in pieces):
        return _joined_by_ffmpeg(pieces, tags)
    return b"".join((mpeg.tag(tags), *(piece.data for piece in pieces)))


def _joined_by_ffmpeg(pieces: Sequence[Frames], tags: Mapping[str, str]) -> bytes:
    """The same with a Xing frame in front."""
    import av

    first = pieces[0]
    out = io.BytesIO()
    options = {"id3v2_version": "3", "write_xing": "1"}
    with av.open(out, "w", format="mp3", options=options) as container:
        container.metadata.update({name: text for name, text in tags.items() if text})
        layout = "mono" if first.channels == 1 else "stereo"
        stream = container.add_stream("mp3", rate=first.sample_rate, layout=layout)
        container.start_encoding()
        packets = (packet for piece in pieces for packet in piece.packets)
        _copy(container, stream, packets, first.sample_rate)
    return out.getvalue()


def _copy(container: Any, stream: Any, packets: Iterable[bytes], sample_rate: int) -> None:
    import av

    step = samples_a_frame(sample_rate)
    base = Fraction(1, sample_rate)
    for number, data in enumerate(packets):
        packet = av.Packet(data)
        packet.stream = stream
        packet.time_base = base
        packet.pts = packet.dts = number * step
        packet.duration = step
        container.mux(packet)


def converted(data: bytes, sample_rate: int, longest: float) -> bytes:
    """Audio of any kind as mono MP3 frames at `sample_rate` Hz, for what is inserted.

    An MP3 that already fits is copied, anything else decoded and encoded once. Raises Unjoinable
    when there is no audio in it or it is longer than `longest` seconds.
    """
    try:
        found = frames(data)
        if (found.sample_rate, found.channels) == (sample_rate, 1):
            if found.seconds > longest:
                raise Unjoinable(f"longer than {longest:.0f} seconds")
            return found.data
    except Unjoinable as error:
        if "longer" in str(error):
            raise
    return _encoded(data, sample_rate, longest)


def _encoded(data: bytes, sample_rate: int, longest: float) -> bytes:
    import av

    encoder = _encoder(sample_rate)
    resampler = av.AudioResampler("s16p", "mono", sample_rate, encoder.frame_size)
    out: list[bytes] = []
    samples = 0
    try:
        with av.open(io.BytesIO(data), "r") as container:
            for frame in container.decode(audio=0):
                for piece in resampler.resample(frame):
                    samples += piece.samples
                    if samples > longest * sample_rate:
                        raise Unjoinable(f"longer than {longest:.0f} seconds")
                    out += [bytes(packet) for packet in encoder.encode(piece)]
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise Unjoinable(f"not audio that FFmpeg can read: {error}") from None
    for piece in resampler.resample(None):
        out += [bytes(packet) for packet in encoder.encode(piece)]
    out += [bytes(packet) for packet in encoder.encode(None)]
    if not samples:
        raise Unjoinable("without a single sample of sound")
    return b"".join(out)


def _encoder(sample_rate: int) -> Any:
    import av

    encoder = av.CodecContext.create("libmp3lame", "w")
    encoder.sample_rate = sample_rate
    encoder.layout = "mono"
    encoder.format = "s16p"
    encoder.bit_rate = 64_000
    # Frames that lean on earlier ones' bits cannot follow another fragment.
    encoder.options = {"reservoir": "0"}
    encoder.open()
    return encoder


def silence(sample_rate: int, seconds: float) -> bytes:
    """Silence as mono MP3 frames, to the nearest whole frame; it may stand anywhere."""
    import av

    step = samples_a_frame(sample_rate)
    wanted = round(seconds * sample_rate / step)
    encoder = _encoder(sample_rate)
    frame = av.AudioFrame(format="s16p", layout="mono", samples=encoder.frame_size)
    frame.planes[0].update(bytes(frame.planes[0].buffer_size))
    frame.sample_rate = sample_rate
    packets: list[bytes] = []
    while len(packets) < wanted:
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return b"".join(packets[:wanted])


def tone(sample_rate: int, notes: Sequence[tuple[float, float]]) -> bytes:
    """A soft chime as mono MP3 frames: (hertz, seconds) after another, each fading out."""
    import math
    from array import array

    import av

    samples = array("h")
    for hertz, seconds in notes:
        length = int(seconds * sample_rate)
        for at in range(length):
            fade = math.exp(-4.0 * at / length) * min(1.0, at / (0.01 * sample_rate))
            samples.append(int(9000 * fade * math.sin(2 * math.pi * hertz * at / sample_rate)))
    encoder = _encoder(sample_rate)
    frame = av.AudioFrame(format="s16p", layout="mono", samples=len(samples))
    frame.planes[0].update(samples.tobytes())
    frame.sample_rate = sample_rate
    resampler = av.AudioResampler("s16p", "mono", sample_rate, encoder.frame_size)
    packets: list[bytes] = []
    for piece in (*resampler.resample(frame), *resampler.resample(None)):
        packets += [bytes(packet) for packet in encoder.encode(piece)]
    packets += [bytes(packet) for packet in encoder.encode(None)]
    return b"".join(packets)
