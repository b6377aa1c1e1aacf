"""Speech at once, through boto3."""

from __future__ import annotations

import importlib.util
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

av = pytest.importorskip("av", reason="needs the speech extra: pip install 'inhouse[speech]'")
neural = pytest.mark.skipif(
    importlib.util.find_spec("piper") is None, reason="needs the speech extra"
)


@pytest.fixture
def polly(client: Callable[..., Any]) -> Any:
    return client("polly")


def seconds(audio: bytes) -> float:
    with av.open(io.BytesIO(audio)) as container:
        stream = container.streams.audio[0]
        samples = sum(frame.samples for frame in container.decode(stream))
        return samples / stream.rate


def speak(polly: Any, **arguments: Any) -> bytes:
    request = {"Text": "Good morning.", "VoiceId": "Tone", "OutputFormat": "mp3", **arguments}
    audio: bytes = polly.synthesize_speech(**request)["AudioStream"].read()
    return audio


@neural
def test_a_neural_voice_speaks(polly: Any) -> None:
    answer = polly.synthesize_speech(
        Text="The council approved the new library.", VoiceId="Joanna", OutputFormat="mp3"
    )
    assert answer["ContentType"] == "audio/mpeg"
    assert answer["RequestCharacters"] == 37
    assert 1 < seconds(answer["AudioStream"].read()) < 6


@neural
@pytest.mark.parametrize(("voice", "text"), [("Vicki", "Guten Morgen"), ("Celine", "Bonjour")])
def test_other_languages_speak_too(polly: Any, voice: str, text: str) -> None:
    assert 0.3 < seconds(speak(polly, VoiceId=voice, Text=text)) < 5


@pytest.mark.parametrize("encoding", ["mp3", "ogg_vorbis", "ogg_opus"])
def test_formats_last_as_long(polly: Any, encoding: str) -> None:
    text = "Ten words that last as long in any format here."
    reference = len(speak(polly, Text=text, OutputFormat="pcm")) / 2 / 16000
    assert seconds(speak(polly, Text=text, OutputFormat=encoding)) == pytest.approx(
        reference, abs=0.15
    )


def test_the_same_text_sounds_the_same(polly: Any) -> None:
    assert speak(polly) == speak(polly)


def test_marks_point_into_the_input(polly: Any) -> None:
    text = "<speak>Über <mark name='here'/>allem. Ruhe.</speak>"
    lines = speak(
        polly, Text=text, TextType="ssml", OutputFormat="json",
        SpeechMarkTypes=["sentence", "word", "ssml"],
    )  # fmt: skip
    marks = [json.loads(line) for line in lines.splitlines()]
    words = [mark for mark in marks if mark["type"] == "word"]
    raw = text.encode()
    assert [raw[m["start"] : m["end"]].decode() for m in words] == ["Über", "allem", "Ruhe"]
    times = [mark["time"] for mark in marks]
    assert times == sorted(times)
    assert [mark["value"] for mark in marks if mark["type"] == "ssml"] == ["here"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"Text": "<speak>open", "TextType": "ssml"}, "InvalidSsmlException"),
        ({"Text": "<speak><b>bold</b></speak>", "TextType": "ssml"}, "InvalidSsmlException"),
        ({"VoiceId": "Nobody"}, "ValidationException"),
        ({"OutputFormat": "flac"}, "ValidationException"),
        ({"SampleRate": "7"}, "InvalidSampleRateException"),
        ({"SampleRate": "many"}, "InvalidSampleRateException"),
        ({"SampleRate": "²"}, "InvalidSampleRateException"),
        ({"SampleRate": "9" * 5000}, "InvalidSampleRateException"),
        ({"Text": "x" * 3001}, "TextLengthExceededException"),
        ({"SpeechMarkTypes": ["word"]}, "MarksNotSupportedForFormatException"),
        (
            {"OutputFormat": "json", "SpeechMarkTypes": ["ssml"]},
            "SsmlMarksNotSupportedForTextTypeException",
        ),
        ({"Engine": "generative"}, "EngineNotSupportedException"),
        ({"LexiconNames": ["missing"]}, "LexiconNotFoundException"),
        ({"LanguageCode": "xx-XX", "VoiceId": "Joanna"}, "LanguageNotSupportedException"),
    ],
)
def test_bad_input_is_named(polly: Any, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as raised:
        speak(polly, **arguments)
    assert raised.value.response["Error"]["Code"] == code


def test_voices_by_language_and_engine(polly: Any) -> None:
    german = polly.describe_voices(LanguageCode="de-DE")["Voices"]
    assert "Vicki" in {voice["Id"] for voice in german}
    assert {voice["LanguageCode"] for voice in german} == {"de-DE"}
    standard = polly.describe_voices(Engine="standard")["Voices"]
    assert "Tone" in {voice["Id"] for voice in standard}
    for member, wanted in (
        ("languageCode", {"LanguageCode": "xx-YY"}),
        ("engine", {"Engine": "x"}),
    ):
        with pytest.raises(ClientError, match=f"at '{member}' failed to satisfy") as refused:
            polly.describe_voices(**wanted)
        assert refused.value.response["Error"]["Code"] == "ValidationException"


LEXICON = """<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon"
  alphabet="ipa" xml:lang="en-US">
  <lexeme><grapheme>W3C</grapheme><alias>World Wide Web Consortium</alias></lexeme>
</lexicon>"""


def test_lexicons_change_what_is_said(polly: Any) -> None:
    polly.put_lexicon(Name="w3c", Content=LEXICON)
    kept = polly.get_lexicon(Name="w3c")
    assert kept["Lexicon"]["Content"] == LEXICON
    assert kept["LexiconAttributes"]["LexemesCount"] == 1
    assert "w3c" in [one["Name"] for one in polly.list_lexicons()["Lexicons"]]
    plain = speak(polly, Text="The W3C", OutputFormat="pcm")
    assert len(speak(polly, Text="The W3C", OutputFormat="pcm", LexiconNames=["w3c"])) > len(plain)
    polly.delete_lexicon(Name="w3c")
    with pytest.raises(polly.exceptions.LexiconNotFoundException):
        polly.get_lexicon(Name="w3c")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<lexicon", "InvalidLexiconException"),
        (LEXICON.replace("ipa", "klingon"), "UnsupportedPlsAlphabetException"),
        (LEXICON.replace("W3C", "x" * 101), "MaxLexemeLengthExceededException"),
        (LEXICON + " " * 4000, "LexiconSizeExceededException"),
    ],
)
def test_bad_lexicons_are_named(polly: Any, content: str, code: str) -> None:
    with pytest.raises(ClientError) as raised:
        polly.put_lexicon(Name="bad", Content=content)
    assert raised.value.response["Error"]["Code"] == code


def test_what_lists_and_lexicons_do_not_take(polly: Any) -> None:
    for call in (polly.describe_voices, polly.list_lexicons):
        with pytest.raises(polly.exceptions.InvalidNextTokenException):
            call(NextToken="never given")
    with pytest.raises(polly.exceptions.InvalidTagParameterException):
        polly.put_lexicon(Name="tagged", Content=LEXICON, Tags={"desk": "news"})
