"""Foreign words in a narrator's own voice, proved on the phonemes that its model is given."""

import json
import subprocess
import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.engines.speech import SpeechRequest, VoiceTable, onnx_patch
from inhouse.engines.speech.foreign import Accent, inventory
from inhouse.engines.speech.pronunciation import Pronunciation
from inhouse.engines.speech.script import Style, Word
from inhouse.engines.speech.synthesis import VoiceSynthesizer
from inhouse.engines.speech.voices import joe

from .conftest import needs_speech

ENGLISH = Accent("en-us", inventory("en-us"))
GERMAN = Accent("de", inventory("de"))
FRENCH = Accent("fr", inventory("fr"))
MARKS = "ˈˌ "


def _said_by(accent_of: str) -> str:
    """All characters that the phonemes of a language are made of."""
    return "".join(inventory(accent_of)) + MARKS


@pytest.mark.parametrize(
    ("source", "ipa", "said"),
    [
        ("de", "diː tsˈaɪt", "diː tsˈaɪt"),
        ("de", "frˈaŋkfʊɐtɜ", "fɹˈɑːŋkfʊɹtɐ"),
        ("de", "zˈʏdɔøtʃə", "zˈʊdɔɪtʃə"),
        ("de", "mˈʏnçən", "mˈʊnʃən"),
        ("de", "kˈœln ʃˈøːn bˈax pfˈʊnt", "kˈɜːln ʃˈɜːn bˈɑːk pfˈʊnt"),
        ("fr", "lə- mˈɔ̃d", "lə mˈɔːnd"),
        ("fr", "tˈuʁ də- fˈɔʁs", "tˈʊɹ də fˈɔːɹs"),
        ("fr", "le- mizeʁˈabl", "leɪ miːzeɪɹˈɑːbəl"),
        ("fr", "ʃɑ̃pˈaɲ", "ʃɑːmpˈɑːnjə"),
        ("fr", "œ̃ bˈɔ̃ vˈɛ̃ blˈɑ̃", "ʌn bˈɔːn vˈæn blˈɑːn"),
        ("es", "espˈaɲa", "ɛspˈɑːnjɑː"),
        ("es", "tˈoɾo amˈoɾ", "tˈoʊɾoʊ ɑːmˈɔːɹ"),
        ("es", "ʎamˈaɾ", "ljɑːmˈɑːɹ"),
        ("cmn", "pˈei2 tɕˈi5ŋ", "bˈeɪ dʒˈiːŋ"),
        ("ru", "pˈutʲin", "pˈuːtiːn"),
        ("cs", "dvˈor̝aːk", "dvˈɔːɹʒɑːk"),
    ],
)
def test_a_phonetician_would_write_the_same_for_english(source: str, ipa: str, said: str) -> None:
    assert ENGLISH.say(ipa, source) == said


def test_nasal_vowels_end_where_the_next_consonant_is_made() -> None:
    assert ENGLISH.say("ɑ̃p ɑ̃t ɑ̃k ɑ̃", "fr") == "ɑːmp ɑːnt ɑːŋk ɑːn"


def test_a_german_voice_says_english_in_german_sounds() -> None:
    said = GERMAN.say("ðə wˈɑːʃɪŋtən pˈoʊst θˈæŋks bˈɛɾɚ dʒˈɑːb", "en-US")
    assert said == "zə vˈɑːʃɪŋtən pˈoːst sˈɛŋks bˈɛtɜ dʒˈɑːb"
    assert GERMAN.say("bɹˈaʊzə fˈɔːɹm", "en") == "brˈaʊzə fˈɔɾm"


def test_a_french_voice_keeps_the_nasals_it_has() -> None:
    assert FRENCH.say("lə- mˈɔ̃d") == "lə mˈɔ̃d"
    assert FRENCH.say("hˈaʊs", "de") == "ˈaus"


def test_english_itself_stays_as_it_is() -> None:
    for ipa in ("wˈɜːld", "ˈpiːkæn", "bˈʌʔn̩", "tʃˈɔɪs", "ðɛɹ fˈaɪɚ", "ˈæpəl"):
        assert ENGLISH.say(ipa) == ipa


def test_switches_tones_and_odd_letters_are_no_sounds() -> None:
    assert ENGLISH.say("(en)tˈiːm(de)", "de") == "tˈiːm"
    assert ENGLISH.say("ni2") == "niː"
    assert ENGLISH.say("t\u20e3k") == "tk"
    assert ENGLISH.say("жk") == "ək"


@pytest.mark.parametrize("accent_of", ["en-us", "de", "fr", "es", "ru", "cmn", "ar", "ja"])
@given(
    ipa=st.text(
        alphabet="abdefhijklmnopqrstuvwxyzæçðøħŋœɐɑɒɔɕɖəɛɜɟɡɣɥɨɪɬɯɲɵɸɹɾʁʂʃʈʉʊʋʌʎʏʒʔʕʘβθχǀː̩̃ˈˌʲʰ "
    )
)
def test_only_trained_phonemes_are_ever_said(accent_of: str, ipa: str) -> None:
    said = Accent(accent_of, inventory(accent_of)).say(ipa)
    assert set(said) <= set(_said_by(accent_of))


# espeak-ng is only ever loaded in processes of its own.
ASK = """
import json, sys
from inhouse.engines.speech.espeak import Espeak
from inhouse.engines.speech.voices import espeak_code, espeak_languages
library = Espeak()
texts = json.load(sys.stdin)
spelled = {}
for name in sorted({espeak_code(code) for code in espeak_languages()}):
    spelled[name] = [library.phonemes(text, name) for text in texts]
print(json.dumps(spelled))
"""
SCRIPTS = [
    "abcdefghijklmnopqrstuvwxyzäöüßçéèêëîïôûùœæøåñąćęłńóśźżčďěňřšťůžğışăâîșțőűđ",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґљњџћђ", "αβγδεζηθικλμνξοπρστυφχψω",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگ", "אבגדהוזחטיכלמנסעפצקרשת",
    "अआइईउऊएऐओऔकखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह", "অআইঈকখগঘচছজঝটঠডঢতথদধনপফবভমযরলশষসহ",
    "அஆஇஈகஙசஞடணதநபமயரலவழளறன", "กขคงจฉชซญดตทนบปผฝพฟมยรลวสหอ", "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ", "ሀለሐመሠረሰሸቀበተቸኀነኘአከወዘዠየደጀገጠጨጰጸፈፐ",
    "가나다라마바사아자차카타파하", "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほ", "你好世界中国北京上海",
]  # fmt: skip


@pytest.fixture(scope="module")
def spelled() -> dict[str, list[str]]:
    """What espeak-ng makes of numbers, and of the letters of many scripts, in each language."""
    texts = [*map(str, range(0, 120, 3)), *(" ".join(script) for script in SCRIPTS)]
    texts += [" ".join(a + b for a, b in pairwise(script)) for script in SCRIPTS]
    asked = subprocess.run(
        [sys.executable, "-c", ASK], input=json.dumps(texts), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    found: dict[str, list[str]] = json.loads(asked.stdout)
    return found


@needs_speech
def test_whatever_espeak_says_in_any_language_has_trained_phonemes(
    spelled: dict[str, list[str]],
) -> None:
    assert len(spelled) > 120
    trained = set(_said_by("en-us"))
    for language, texts in spelled.items():
        for word in {word for text in texts for word in text.split()}:
            said = ENGLISH.say(word, language)
            assert set(said) <= trained, (language, word, said)
            if any(c in "aeiouɑɐɔəɛɪʊpbtdkɡmnfvszlr" for c in word.partition("(")[0]):
                assert said.strip(MARKS), (language, word)


@needs_speech
def test_no_consonant_or_vowel_is_lost(spelled: dict[str, list[str]]) -> None:
    """Each segment by itself, in all languages whose sounds English could leave out."""
    segments = set("".join("".join(texts) for texts in spelled.values()))
    letters = {c for c in segments if c.isalpha() and c not in "ˈˌːʲʰʷˤ" and not c.isnumeric()}
    assert len(letters) > 80
    modifiers = {c for c in letters if not ENGLISH.say(c).strip(MARKS)}
    assert all("MODIFIER" in unicodedata.name(c) for c in modifiers), modifiers


def test_every_language_of_the_hub_has_an_inventory() -> None:
    for voice in ("ar", "bg", "ca", "cs", "cy", "da", "de", "el", "en-gb-x-rp", "en-us", "es",
                  "es-419", "eu", "fa", "fi", "fr", "hi", "hu", "id", "is", "it", "ka", "kk", "lb",
                  "lv", "ml", "nb", "ne", "nl", "pl", "pt", "pt-br", "ro", "ru", "sk", "sl", "sq",
                  "sr", "sv", "sw", "te", "tr", "uk", "ur", "vi", "cmn"):  # fmt: skip
        assert len(inventory(voice)) >= 20, voice
    assert inventory("en-gb") == inventory("en")
    assert inventory("tlh") == ()


def _lengths_of_embeddings() -> dict[str, float]:
    """The length of the vector that Joe's model learned for each of its symbols."""
    numpy = pytest.importorskip("numpy")
    ids = json.loads(joe().with_suffix(".onnx.json").read_text())["phoneme_id_map"]
    data = joe().read_bytes()
    ((_, _, start, end),) = onnx_patch._fields(data, 0, len(data), 7)
    for _, _, begin, stop in onnx_patch._fields(data, start, end, 5):
        parts = [(n, data[b:e]) for n, _, b, e in onnx_patch._fields(data, begin, stop)]
        weights = next((content for number, content in parts if number == 9), b"")
        if len(weights) == 256 * 192 * 4:
            rows = numpy.linalg.norm(numpy.frombuffer(weights, "<f4").reshape(256, 192), axis=1)
            return {symbol: float(rows[id[0]]) for symbol, id in ids.items()}
    raise AssertionError("the model has no embeddings")


@needs_speech
def test_the_model_itself_tells_what_it_was_trained_on() -> None:
    """Weight decay wears away the vectors of symbols that training never met."""
    lengths = _lengths_of_embeddings()
    letters = {symbol for symbol in lengths if symbol.isalpha() or symbol in "ːˈˌ\u0329"}
    trained = {symbol for symbol in letters if lengths[symbol] > 0.5}
    ours = set(_said_by("en-us")) - {" "}
    assert max(lengths[symbol] for symbol in letters - trained) < 0.45
    assert ours <= trained
    assert trained - ours == {"x"}, "as in loch, too rare to rely on"


@needs_speech
@pytest.mark.parametrize(
    ("language", "title", "said"),
    [
        ("de-DE", "Die Zeit", "diː tsˈaɪt"),
        ("de-DE", "Frankfurter Allgemeine Zeitung", "fɹˈɑːŋkfʊɹtɐ ˈɑːlɡəmˌaɪnə tsˈaɪtˌʊŋ"),
        ("de-DE", "Süddeutsche", "zˈʊdɔɪtʃə"),
        ("fr-FR", "Le Monde", "lə mˈɔːnd"),
        ("fr-FR", "tour de force", "tˈʊɹ də fˈɔːɹs"),
        ("fr-FR", "Les Misérables", "leɪ miːzeɪɹˈɑːbəl"),
    ],
)
def test_titles_inside_an_english_sentence(
    voices: VoiceSynthesizer, language: str, title: str, said: str
) -> None:
    """The symbols that Joe's model is given, and that English rules would give others."""
    symbols = tuple(json.loads(joe().with_suffix(".onnx.json").read_text())["phoneme_id_map"])
    pronunciation = Pronunciation(voices._espeak, "en-us", symbols)

    def spelled_in(code: str) -> str:
        words = [Word(w, 0, 0, w, Style(code)) for w in title.split()]
        return " ".join(pronunciation.spelled(words))

    assert spelled_in(language) == said
    if title != "tour de force":  # an English word by now, and the rules of both agree on it
        assert spelled_in("en-US") != said
    assert set(said) <= set(_said_by("en-us")) & set(symbols)


@needs_speech
def test_a_german_text_with_english_words_stays_in_german_sounds(voices: VoiceSynthesizer) -> None:
    """Tagged ones, and those that espeak-ng takes for English by itself."""
    symbols = tuple(json.loads(joe().with_suffix(".onnx.json").read_text())["phoneme_id_map"])
    pronunciation = Pronunciation(voices._espeak, "de", symbols)

    def spelled(*words: tuple[str, str]) -> list[str]:
        return list(pronunciation.spelled([Word(w, 0, 0, w, Style(code)) for w, code in words]))

    assert spelled(("Das", "de-DE"), ("Team", "de-DE"), ("gewinnt", "de-DE"))[1] == "tˈiːm"
    tagged = spelled(("Die", "de-DE"), ("Washington", "en-US"), ("Post", "en-US"))
    assert tagged == ["diː", "vˈɑːʃɪŋtən", "pˈoːst"]
    # ç is two characters to Piper.
    assert spelled(("ich", "de-DE")) == ["ɪc\u0327"]
    assert list(pronunciation.spelled([Word("x", 0, 0, "x", Style("de-DE"), ipa="ɪç θɪŋk")])) == [
        "ɪc\u0327 sɪŋk"
    ]


@needs_speech
def test_one_voice_speaks_the_whole_sentence(voices: VoiceSynthesizer, table: VoiceTable) -> None:
    document = (
        "<speak>He reads <lang xml:lang='de-DE'>Die Zeit</lang> and "
        "<lang xml:lang='fr-FR'>Le Monde</lang> daily.</speak>"
    )
    speech = list(voices.synthesize(SpeechRequest(document, "Matthew", "ssml")))
    words = [mark for piece in speech for mark in piece.marks if mark.type == "word"]
    assert [w.value for w in words] == [
        "He", "reads", "Die", "Zeit", "and", "Le", "Monde", "daily",
    ]  # fmt: skip
    assert [w.time for w in words] == sorted({w.time for w in words})
    encoded = document.encode()
    assert [encoded[w.start : w.end].decode() for w in words] == [w.value for w in words]
    joe_voice = voices._voice(table.find("Matthew"), "de-DE")
    assert type(joe_voice) is type(voices._voice(table.find("Matthew"), "en-US"))


@needs_speech
def test_a_german_article_is_still_espeaks(voices: VoiceSynthesizer, table: VoiceTable) -> None:
    assert table.find("Vicki").speaks_with("de-DE") == "espeak"
    assert table.find("Vicki").speaks_with("en-US") == "espeak"
