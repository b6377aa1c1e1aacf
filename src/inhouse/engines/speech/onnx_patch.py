"""Three changes to a VITS graph, made in memory: durations come out, noise and tempo go in.

Piper's models keep the number of frames of each phoneme to themselves and draw their noise from
a generator that moves on with every call. We need the durations for speech marks and the same
sound for the same text; and one word of a sentence may be slower than the next. All are small
edits of the serialized graph (onnx.proto3, whose field numbers stand below), so the onnx package
isn't needed:

- the output of the only Ceil node (frames per phoneme, [batch, 1, phonemes]) becomes a graph output;
- before that, it is multiplied by the new graph input `stretch`, [batch, 1, phonemes];
- each RandomNormalLike node, [batch, channels, time], becomes a look-up in a noise table given as
  graph input [batch, at least as many channels, period], repeating in time after `period` frames.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_GRAPH, _NODE, _INPUT, _OUTPUT = 7, 1, 11, 12
_FLOAT, _INT_ATTRIBUTE = 1, 2
PERIOD = 2048
STRETCH = "stretch"


@dataclass(frozen=True, slots=True)
class Patched:
    """The new model, the name of the durations output and the names of the noise inputs."""

    model: bytes
    durations: str
    noises: tuple[str, ...]


class NotVits(ValueError):
    """The graph isn't shaped like a Piper voice."""


def patch(model: bytes) -> Patched:
    """Expose durations and take noise as input. Raises NotVits for any other kind of graph."""
    graphs = [place[1:] for place in _fields(model, 0, len(model), _GRAPH)]
    if len(graphs) != 1:
        raise NotVits(f"expected one graph, found {len(graphs)}")
    at, start, end = graphs[0]
    pieces: list[bytes] = []
    ceilings: list[str] = []
    noises: list[str] = []
    copied = start
    for _, node_at, node_start, node_end in _fields(model, start, end, _NODE):
        kind, sources, results = _node(model, node_start, node_end)
        if kind == "Ceil":
            ceilings.append(results[0])
            pieces.append(model[copied:node_at])
            pieces.append(b"".join(_stretched(sources[0], results[0])))
            copied = node_end
        elif kind == "RandomNormalLike":
            name = f"noise_{len(noises)}"
            noises.append(name)
            pieces.append(model[copied:node_at])
            pieces.append(b"".join(_lookup(name, sources[0], results[0])))
            copied = node_end
    if len(ceilings) != 1 or not noises:
        raise NotVits(f"expected one Ceil and some noise, found {len(ceilings)} and {len(noises)}")
    pieces.append(model[copied:end])
    pieces.extend(_bytes(_INPUT, _value(name)) for name in (STRETCH, *noises))
    pieces.append(_bytes(_OUTPUT, _bytes(1, ceilings[0].encode())))
    graph = b"".join(pieces)
    return Patched(
        model=b"".join((model[:at], _bytes(_GRAPH, graph), model[end:])),
        durations=ceilings[0],
        noises=tuple(noises),
    )


def _stretched(frames: str, result: str) -> Iterator[bytes]:
    """Nodes for whole frames whose sum never strays from that of ceil(frames) * stretch.

    Each phoneme ends at the rounded end of its place in time, so rounding doesn't add up.
    """
    yield _make("Ceil", [frames], "natural_frames", {})
    yield _make("Mul", ["natural_frames", STRETCH], "stretched_frames", {})
    yield _make("Constant", [], "time_axis", {"value_int": 2})
    for name, exclusive in (("start", 1), ("end", 0)):
        attributes = {"exclusive": exclusive}
        yield _make("CumSum", ["stretched_frames", "time_axis"], f"exact_{name}", attributes)
        yield _make("Round", [f"exact_{name}"], f"whole_{name}", {})
    yield _make("Sub", ["whole_end", "whole_start"], result, {})


def _lookup(noise: str, like: str, result: str) -> Iterator[bytes]:
    """Nodes for result = noise[:, :like.shape[1], arange(like.shape[2]) % PERIOD]."""

    def name(part: str) -> str:
        return f"{noise}_{part}"

    def constant(part: str, value: int) -> bytes:
        return _make("Constant", [], name(part), {"value_int": value})

    yield constant("zero", 0)
    yield constant("one", 1)
    yield constant("period", PERIOD)
    for axis, part in ((1, "channels"), (2, "times")):
        yield _make("Shape", [like], name(f"{part}_shape"), {"start": axis, "end": axis + 1})
        yield _make("Squeeze", [name(f"{part}_shape")], name(f"{part}_count"), {})
        ends = [name("zero"), name(f"{part}_count"), name("one")]
        yield _make("Range", ends, name(part), {})
    yield _make("Mod", [name("times"), name("period")], name("index"), {})
    yield _make("Gather", [noise, name("channels")], name("wide"), {"axis": 1})
    yield _make("Gather", [name("wide"), name("index")], result, {"axis": 2})


def _make(kind: str, sources: Iterable[str], result: str, attributes: Mapping[str, int]) -> bytes:
    fields = [_bytes(1, source.encode()) for source in sources]
    fields += [_bytes(2, result.encode()), _bytes(3, f"{kind}:{result}".encode())]
    fields.append(_bytes(4, kind.encode()))
    for name, value in attributes.items():
        content = _number(3, value) + _number(20, _INT_ATTRIBUTE)
        fields.append(_bytes(5, _bytes(1, name.encode()) + content))
    return _bytes(_NODE, b"".join(fields))


def _value(name: str) -> bytes:
    dimensions = b"".join(_bytes(1, _bytes(2, f"{name}_{axis}".encode())) for axis in "bct")
    tensor = _number(1, _FLOAT) + _bytes(2, dimensions)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, tensor))


def _node(data: bytes, start: int, end: int) -> tuple[str, list[str], list[str]]:
    kind, sources, results = "", [], []
    for number, _, begin, stop in _fields(data, start, end):
        if number == 1:
            sources.append(data[begin:stop].decode())
        elif number == 2:
            results.append(data[begin:stop].decode())
        elif number == 4:
            kind = data[begin:stop].decode()
    return kind, sources, results


def _fields(
    data: bytes, start: int, end: int, only: int | None = None
) -> Iterator[tuple[int, int, int, int]]:
    """Fields of a protobuf message: number, where the field starts, where its content starts and ends."""
    at = start
    while at < end:
        key, content = _read(data, at)
        number, kind = key >> 3, key & 7
        if kind == 2:
            length, content = _read(data, content)
            stop = content + length
        elif kind == 0:
            _, stop = _read(data, content)
        elif kind in (1, 5):
            stop = content + (8 if kind == 1 else 4)
        else:
            raise NotVits(f"unknown wire type {kind}")
        if stop > end:
            raise NotVits("the model is cut off")
        if only is None or number == only:
            yield number, at, content, stop
        at = stop


def _read(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data):
            raise NotVits("the model is cut off")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _bytes(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)
