"""FFmpeg's own meter of loudness, to check ours against."""

import math
from typing import Any

import pytest

from inhouse.engines.speech import Speech


def measured(pieces: list[Speech]) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP of mono speech (filter ebur128)."""
    av: Any = pytest.importorskip("av")
    pcm = b"".join(piece.pcm for piece in pieces)
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.sample_rate = rate = pieces[0].sample_rate
    frame.planes[0].update(pcm + bytes(frame.planes[0].buffer_size - len(pcm)))
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="s16", sample_rate=rate, layout="mono")
    meter = graph.add("ebur128", "metadata=1:peak=true")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    graph.push(frame)
    graph.push(None)
    lufs, peak = math.nan, 0.0
    while True:
        try:
            told = graph.pull().metadata
        except av.EOFError:
            return lufs, 20 * math.log10(max(peak, 1e-9))
        # Of a last piece of less than 100 ms it tells nothing.
        if "lavfi.r128.I" in told:
            lufs = float(told["lavfi.r128.I"])
            peak = max(peak, float(told["lavfi.r128.true_peak"]))
