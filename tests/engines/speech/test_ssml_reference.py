"""docs/reference/ssml.md says what the parser does."""

import re

import pytest

from inhouse.engines.speech import InvalidSsml, SpeechRequest, VoiceTable
from inhouse.engines.speech.ssml import parse
from inhouse.engines.speech.ssml.reference import SECTIONS, Row
from inhouse.engines.speech.ssml.rules import INTERPRETATIONS, REFUSED, RULES
from inhouse.engines.speech.synthesis import ToneSynthesizer

ROWS = [row for rows in SECTIONS.values() for row in rows]
PAGE = " ".join(row.example + row.remark for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.example)
def test_every_example_meets_the_fate_that_the_page_tells(row: Row, table: VoiceTable) -> None:
    document = f"<speak>{row.example} and more.</speak>"
    if row.honoured:
        spoken = ToneSynthesizer(table).synthesize(SpeechRequest(document, "Tone", "ssml", "pcm"))
        assert any(piece.pcm for piece in spoken)
        return
    with pytest.raises(InvalidSsml):
        parse(document)


def test_no_tag_and_no_attribute_is_left_out() -> None:
    for tag in [*RULES, *REFUSED]:
        assert tag == "speak" or f"<{tag}" in PAGE, tag
    for tag in ("prosody", "amazon:effect", "break", "amazon:auto-breaths"):
        for attribute in RULES[tag].attributes:
            if tag != "amazon:auto-breaths" or attribute == "frequency":
                assert re.search(f"<{tag}[^>]* {attribute}=", PAGE), (tag, attribute)
    for kind in INTERPRETATIONS:
        assert kind in PAGE
