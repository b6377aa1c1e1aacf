from dataclasses import replace

import pytest

from inhouse.engines.speech import (
    SYNCHRONOUS,
    TASK,
    InvalidRequest,
    InvalidSsml,
    Lengths,
    SpeechRequest,
    VoiceTable,
    check,
    count,
)

PLAIN = SpeechRequest("Hello.", "Tone")


def test_tags_are_not_billed() -> None:
    document = "<speak>Grüße <break time='1s'/>&amp; mehr</speak>"
    assert count(document, "ssml") == Lengths(len(document), len("Grüße & mehr"))
    assert count("<b>", "text") == Lengths(3, 3)


def test_lengths_are_limited(table: VoiceTable) -> None:
    assert check(replace(PLAIN, text="x" * 3000), table, SYNCHRONOUS).billed == 3000
    padded = "<speak>" + "<mark name='n'/>" * 100 + "x" * 2900 + "</speak>"
    assert check(replace(PLAIN, text=padded, text_type="ssml"), table, SYNCHRONOUS).billed == 2900
    for text in ("x" * 3001, "x" * 6001):
        with pytest.raises(InvalidRequest, match="the most is") as caught:
            check(replace(PLAIN, text=text), table, SYNCHRONOUS)
        assert caught.value.kind == "text-length"
    assert check(replace(PLAIN, text="x" * 100_000), table, TASK).billed == 100_000


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"sample_rate": 11025}, "sample-rate"),
        ({"format": "pcm", "sample_rate": 1}, "sample-rate"),
        ({"format": "mulaw", "sample_rate": 16000}, "sample-rate"),
        ({"format": "wav"}, "format"),
        ({"format": "json"}, "marks"),
        ({"format": "json", "mark_types": ("letter",)}, "marks"),
        ({"mark_types": ("word",)}, "marks-for-format"),
        ({"format": "json", "mark_types": ("ssml",)}, "ssml-marks-for-text"),
        ({"voice": "Joanna", "language": "tlh"}, "language"),
        ({"text": "\ud800"}, "text"),
    ],
)
def test_refusals_have_a_kind(table: VoiceTable, changes: dict[str, object], kind: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check(replace(PLAIN, **changes), table, SYNCHRONOUS)  # type: ignore[arg-type]
    assert caught.value.kind == kind


def test_ssml_is_parsed(table: VoiceTable) -> None:
    with pytest.raises(InvalidSsml):
        check(replace(PLAIN, text="<speak>", text_type="ssml"), table, SYNCHRONOUS)
