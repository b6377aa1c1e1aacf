"""PCM to mp3, Ogg Vorbis, Ogg Opus, PCM, µ-law and A-law, piece by piece in memory.

The same samples give the same bytes. An mp3 is a bare run of frames: constant bit rate, no
bit reservoir and no Xing header, so that files of one sample rate join by copying packets. Its
first sample is the first sample that went in: the encoder's delay is cut off in whole frames, so
marks hold in the file too.
"""

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from io import BytesIO
from types import ModuleType
from typing import Any, Protocol

from inhouse.engines.speech.errors import SpeechUnavailable
from inhouse.engines.speech.requests import Format

MP3_BITS_A_SECOND = {8000: 24_000, 16000: 48_000, 22050: 64_000, 24000: 64_000}
_MP3_ABOVE = 96_000
_LAME_QUALITY = "7"
"""No noise shaping: at these rates speech has bits to spare, and it halves what an mp3 costs. By
the noise that stays above a masking threshold it is no worse than LAME's own choice, 3."""


class Encoder(Protocol):
    """Takes mono 16-bit samples at the rate it was made for; yields bytes as they are ready."""

    def add(self, pcm: bytes) -> bytes: ...

    def finish(self) -> bytes:
        """What is left. Nothing may be added afterwards."""
        ...


def encoder(form: Format, source_rate: int, sample_rate: int, *, repeats: bool = False) -> Encoder:
    """An encoder for `form` at `sample_rate` Hz of samples at `source_rate` Hz.

    `repeats` tells that the sound is made of few different pieces, as a tone is: an mp3 of it
    costs next to nothing then. Raises SpeechUnavailable where the codec needs the extra; PCM at
    its own rate never does.
    """
    if form == "json":
        return _Nothing()
    if form == "pcm" and source_rate == sample_rate:
        return _Pcm()
    if form == "pcm":
        return _Resampled(_Pcm(), source_rate, sample_rate)
    make: dict[str, Callable[[int], Encoder]] = {
        "mp3": _RememberedMp3 if repeats else _Mp3,
        "ogg_vorbis": lambda rate: _Ogg("vorbis", rate, "stereo", {"strict": "-2"}),
        "ogg_opus": lambda rate: _Ogg("libopus", rate, "mono", {"application": "voip"}),
        "mulaw": lambda rate: _Companded("pcm_mulaw", rate),
        "alaw": lambda rate: _Companded("pcm_alaw", rate),
    }
    inner = make[form](sample_rate)
    return inner if source_rate == sample_rate else _Resampled(inner, source_rate, sample_rate)


def _av() -> ModuleType:
    try:
        import av
    except ImportError:
        raise SpeechUnavailable("Encoding audio") from None
    return av


class _Nothing:
    def add(self, pcm: bytes) -> bytes:
        return b""

    def finish(self) -> bytes:
        return b""


class _Pcm:
    def add(self, pcm: bytes) -> bytes:
        return pcm

    def finish(self) -> bytes:
        return b""


class _Resampled:
    """Another encoder behind a change of sample rate."""

    def __init__(self, inner: Encoder, source_rate: int, sample_rate: int) -> None:
        av = _av()
        self._inner = inner
        self._source_rate = source_rate
        self._ratio = sample_rate / source_rate
        self._taken = 0
        self._given = 0
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=sample_rate)

    def add(self, pcm: bytes) -> bytes:
        if not pcm:
            return b""
        self._taken += len(pcm) // 2
        return self._inner.add(self._pass(self._resampler.resample(_frame(pcm, self._source_rate))))

    def finish(self) -> bytes:
        if not self._taken:
            return self._inner.finish()
        # Silence pushes the filter's tail out; what is more than the input's length is cut.
        tail = bytes(2 * 64)
        late = self._resampler.resample(_frame(tail, self._source_rate))
        late += self._resampler.resample(None)
        wanted = round(self._taken * self._ratio) - self._given
        pcm = self._pass(late)[: max(0, wanted) * 2]
        return self._inner.add(pcm) + self._inner.finish()

    def _pass(self, frames: list[Any]) -> bytes:
        pcm = b"".join(_samples(frame) for frame in frames)
        self._given += len(pcm) // 2
        return pcm


class _RememberedMp3:
    """Frames of LAME for sounds that repeat: one encoded before is not encoded again.

    Without a bit reservoir a frame depends on little but the samples before and after it, so it
    is encoded between its neighbours alone, and remembered by them. A frame is given out when the
    one after it is known.
    """

    def __init__(self, sample_rate: int) -> None:
        _av()
        self._rate = sample_rate
        self._size = 2 * _frame_samples(sample_rate)
        self._before = bytes(self._size)
        self._pending = b""

    def add(self, pcm: bytes) -> bytes:
        self._pending += pcm
        size, pending = self._size, self._pending
        last = max(0, len(pending) // size - 1) * size
        frames = []
        for at in range(0, last, size):
            here, after = pending[at : at + size], pending[at + size : at + 2 * size]
            frames.append(_remembered(self._rate, self._before, here, after))
            self._before = here
        self._pending = pending[last:]
        return b"".join(frames)

    def finish(self) -> bytes:
        short = -len(self._pending) % self._size
        return self.add(bytes(short + self._size if self._pending else 0))


@lru_cache(maxsize=16_384)
def _remembered(rate: int, before: bytes, here: bytes, after: bytes) -> bytes:
    """The frame of `here` as it is between its neighbours."""
    lone = _Mp3(rate)
    data = lone.add(before + here + after) + lone.finish()
    starts = [*_mp3_frames(data), len(data)]
    return data[starts[1] : starts[2]]


def _frame_samples(sample_rate: int) -> int:
    """Samples of one mp3 frame: MPEG-1 has two granules in it, the lower rates of MPEG-2 one."""
    return 1152 if sample_rate >= 32_000 else 576


class _Mp3:
    """Frames of LAME, without the ones that only hold its delay."""

    def __init__(self, sample_rate: int) -> None:
        av = _av()
        codec = av.CodecContext.create("libmp3lame", "w")
        codec.sample_rate = sample_rate
        codec.layout = "mono"
        codec.format = "s16p"
        codec.bit_rate = MP3_BITS_A_SECOND.get(sample_rate, _MP3_ABOVE)
        codec.options = {"reservoir": "0", "compression_level": _LAME_QUALITY}
        codec.open()
        self._codec = codec
        self._sample_rate = sample_rate
        self._frame = _frame_samples(sample_rate)
        # 576 samples of the encoder and 529 of any decoder, filled up to whole frames.
        self._skip = math.ceil(1105 / self._frame)
        self._lead = self._skip * self._frame - 1105
        self._pending = bytes(2 * self._lead)
        self._samples = 0
        self._kept = 0

    def add(self, pcm: bytes) -> bytes:
        self._samples += len(pcm) // 2
        self._pending += pcm
        whole = len(self._pending) // (2 * self._frame) * 2 * self._frame
        ready, self._pending = self._pending[:whole], self._pending[whole:]
        size = 2 * self._frame
        packets = [self._encode(ready[at : at + size]) for at in range(0, whole, size)]
        return b"".join(packets)

    def finish(self) -> bytes:
        wanted = math.ceil(self._samples / self._frame)
        short = (wanted + self._skip + 2) * self._frame
        tail = self.add(bytes(2 * max(0, short - self._samples)))
        self._samples = 0
        tail += self._keep(self._codec.encode(None))
        surplus = self._kept - wanted
        return self._cut(tail, surplus)

    def _encode(self, pcm: bytes) -> bytes:
        frame = _frame(pcm, self._sample_rate, "s16p")
        return self._keep(self._codec.encode(frame))

    def _keep(self, packets: list[Any]) -> bytes:
        kept = packets[min(self._skip, len(packets)) :]
        self._skip -= len(packets) - len(kept)
        self._kept += len(kept)
        return b"".join(bytes(packet) for packet in kept)

    def _cut(self, tail: bytes, surplus: int) -> bytes:
        """`tail` without its last `surplus` frames."""
        starts = list(_mp3_frames(tail))
        return tail[: starts[-surplus]] if 0 < surplus <= len(starts) else tail


_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = ((11025, 12000, 8000), (0, 0, 0), (22050, 24000, 16000), (44100, 48000, 32000))


def _mp3_frames(data: bytes) -> Iterator[int]:
    """Where each frame of a run of layer III frames starts (ISO/IEC 11172-3, 2.4.1.3)."""
    at = 0
    while at + 4 <= len(data):
        version = data[at + 1] >> 3 & 3
        bits = (_MPEG1 if version == 3 else _MPEG2)[data[at + 2] >> 4] * 1000
        rate = _RATES[version][data[at + 2] >> 2 & 3]
        padding = data[at + 2] >> 1 & 1
        yield at
        at += (144 if version == 3 else 72) * bits // rate + padding


class _Companded:
    """G.711: one byte a sample."""

    def __init__(self, codec: str, sample_rate: int) -> None:
        self._codec = _av().CodecContext.create(codec, "w")
        self._codec.sample_rate = sample_rate
        self._codec.layout = "mono"
        self._codec.format = "s16"
        self._sample_rate = sample_rate

    def add(self, pcm: bytes) -> bytes:
        if not pcm:
            return b""
        packets = self._codec.encode(_frame(pcm, self._sample_rate))
        return b"".join(bytes(packet) for packet in packets)

    def finish(self) -> bytes:
        return b"".join(bytes(packet) for packet in self._codec.encode(None))


class _Ogg:
    """A codec in an Ogg stream, its serial number fixed so that the bytes repeat.

    FFmpeg's own Vorbis encoder knows two channels only, so Vorbis carries the voice twice.
    """

    def __init__(self, codec: str, sample_rate: int, layout: str, options: dict[str, str]) -> None:
        av = _av()
        self._sink = BytesIO()
        self._container = av.open(
            self._sink,
            "w",
            format="ogg",
            options={"fflags": "+bitexact", "page_duration": "200000"},
        )
        self._stream = self._container.add_stream(codec, rate=sample_rate)
        self._layout = layout
        context = self._stream.codec_context
        context.options = options
        context.layout = layout
        context.bit_rate = 48_000 if sample_rate > 16_000 else 32_000
        self._sample_rate = sample_rate
        self._fifo = av.AudioFifo()
        self._time = 0
        self._resampler: Any = None

    def add(self, pcm: bytes) -> bytes:
        if pcm:
            context = self._stream.codec_context
            if self._resampler is None:
                context.open(strict=False)
                self._resampler = _av().AudioResampler(
                    format=context.format, layout=self._layout, rate=self._sample_rate
                )
            for frame in self._resampler.resample(_frame(pcm, self._sample_rate)):
                frame.pts = None
                self._fifo.write(frame)
            self._write(self._fifo.read_many(context.frame_size or 1024))
        return self._drain()

    def finish(self) -> bytes:
        head = b""
        if self._resampler is None:
            head = self.add(bytes(2 * (self._sample_rate // 10)))
        rest = self._fifo.read(0, partial=True)
        self._write([rest] if rest is not None else [])
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return head + self._drain()

    def _write(self, frames: list[Any]) -> None:
        for frame in frames:
            frame.pts = self._time
            self._time += frame.samples
            self._container.mux(self._stream.encode(frame))

    def _drain(self) -> bytes:
        done = self._sink.getvalue()
        self._sink.seek(0)
        self._sink.truncate()
        return done


def _frame(pcm: bytes, sample_rate: int, form: str = "s16") -> Any:
    av = _av()
    frame = av.AudioFrame(format=form, layout="mono", samples=len(pcm) // 2)
    frame.sample_rate = sample_rate
    plane = frame.planes[0]
    plane.update(pcm + bytes(plane.buffer_size - len(pcm)))
    return frame


def _samples(frame: Any) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * 2]
