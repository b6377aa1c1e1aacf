"""Voices for the shelf that are made of Joe's model, since no other is at hand where tests run.

They prove the way a voice takes, not how its language sounds: the "German" one is Joe's network
with a configuration that says German, so German phonemes reach a voice trained on English.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from inhouse.engines.speech import onnx_patch
from inhouse.engines.speech.shelf import CONFIG, FACTS, MODEL
from inhouse.engines.speech.voices import joe


def configuration(**changes: Any) -> dict[str, Any]:
    """Joe's configuration with other values in its groups, as `espeak={"voice": "de"}`."""
    told: dict[str, Any] = json.loads(Path(f"{joe()}.json").read_text(encoding="utf-8"))
    for group, values in changes.items():
        told[group] = {**told[group], **values} if isinstance(values, dict) else values
    return told


GERMAN = {
    "espeak": {"voice": "de"},
    "language": {"code": "de_DE", "name_english": "German", "family": "de", "region": "DE"},
}


def shelve(shelf: Path, voice_id: str, told: dict[str, Any], **facts: Any) -> Path:
    """Puts Joe's model on a shelf under another name, without trying it."""
    folder = shelf / f".{voice_id}"
    folder.mkdir(parents=True)
    (folder / MODEL).symlink_to(facts.pop("model", joe()))
    (folder / CONFIG).write_text(json.dumps(told), encoding="utf-8")
    voice = {
        "id": voice_id,
        "key": f"{told['language']['code']}-{voice_id.lower()}-medium",
        "language": told["language"]["code"].replace("_", "-"),
        "language_name": told["language"]["name_english"],
        "gender": "Male",
        "quality": "medium",
        "sample_rate": told["audio"]["sample_rate"],
        "bytes": 63_201_294,
        "source": "a test",
    }
    (folder / FACTS).write_text(json.dumps(voice | facts), encoding="utf-8")
    return folder.rename(shelf / voice_id)


def take_down(shelf: Path, voice_id: str) -> None:
    (shelf / voice_id).rename(shelf / ".gone")
    shutil.rmtree(shelf / ".gone")


def with_speakers(target: Path) -> Path:
    """Joe's model with an input `sid`; the second speaker takes twice as long as the first.

    Piper's models of several speakers look up a vector by `sid`. Here it scales `scales`, which
    is enough to tell which speaker reached the network.
    """
    data = joe().read_bytes()
    ((_, at, start, end),) = onnx_patch._fields(data, 0, len(data), 7)
    nodes = [
        onnx_patch._make("Constant", [], "one_more", {"value_int": 1}),
        onnx_patch._make("Add", ["sid", "one_more"], "sid_count", {}),
        onnx_patch._make("Cast", ["sid_count"], "sid_factor", {"to": 1}),
        onnx_patch._make("Mul", ["scales", "sid_factor"], "scaleZ", {}),
    ]
    rest = []
    for number, _, begin, stop in onnx_patch._fields(data, start, end):
        content = data[begin:stop]
        if number == 1:
            content = content.replace(b"\x0a\x06scales", b"\x0a\x06scaleZ")
            content = content.replace(b"\x0a\x03sid", b"\x0a\x03emb")
            nodes.append(onnx_patch._bytes(1, content))
        else:
            # The exporter gave the weights of the first layer the name of the input that is unused.
            rest.append(onnx_patch._bytes(number, content.replace(b"\x42\x03sid", b"\x42\x03emb")))
    dimension = onnx_patch._bytes(1, onnx_patch._number(1, 1))
    tensor = onnx_patch._number(1, 7) + onnx_patch._bytes(2, dimension)
    sid = onnx_patch._bytes(1, b"sid") + onnx_patch._bytes(2, onnx_patch._bytes(1, tensor))
    graph = b"".join([*nodes, *rest, onnx_patch._bytes(11, sid)])
    target.write_bytes(data[:at] + onnx_patch._bytes(7, graph) + data[end:])
    return target
