import pytest

from inhouse.engines.speech.onnx_patch import NotVits, patch


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def node(kind: str, source: str, result: str) -> bytes:
    return field(1, field(1, source.encode()) + field(2, result.encode()) + field(4, kind.encode()))


GRAPH = node("Relu", "a", "b") + node("Ceil", "b", "c") + node("RandomNormalLike", "c", "d")


def test_durations_come_out_and_noise_goes_in() -> None:
    model = field(7, GRAPH) + field(8, b"\x10\x0f")
    patched = patch(model)
    assert patched.durations == "c"
    assert patched.noises == ("noise_0",)
    assert b"RandomNormalLike" not in patched.model
    assert patched.model.endswith(field(8, b"\x10\x0f"))
    assert node("Relu", "a", "b") in patched.model


@pytest.mark.parametrize(
    "model",
    [
        b"",
        b"not a model",
        field(8, b"\x10\x0f"),
        field(7, node("Relu", "a", "b")),
        field(7, GRAPH + node("Ceil", "x", "y")),
        field(7, GRAPH) + field(7, GRAPH),
        b"\xff" * 40,
    ],
)
def test_other_graphs_are_refused(model: bytes) -> None:
    with pytest.raises(NotVits):
        patch(model)
