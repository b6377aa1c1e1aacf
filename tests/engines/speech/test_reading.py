from hypothesis import given
from hypothesis import strategies as st

from inhouse.engines.speech.lexicon import Lexicons
from inhouse.engines.speech.reading import read
from inhouse.engines.speech.requests import TextType
from inhouse.engines.speech.script import Pause, Point, Sentence, Style, Word


def sentences(text: str, kind: TextType = "text", language: str = "en-US") -> list[Sentence]:
    return list(read(text, kind, Style(language), Lexicons()))


def words(text: str, kind: TextType = "text", language: str = "en-US") -> list[Word]:
    return [word for sentence in sentences(text, kind, language) for word in sentence.words]


def test_sentences_end_where_readers_stop() -> None:
    text = 'Dr. Smith paid $5.30. "Really?" he asked. It was 3 p.m. in the U.S. capital… Yes! No?'
    assert [s.written for s in sentences(text)] == [
        "Dr. Smith paid $5.30.",
        '"Really?" he asked.',
        "It was 3 p.m. in the U.S. capital…",
        "Yes!",
        "No?",
    ]


def test_german_ordinals_do_not_end_a_sentence() -> None:
    text = "Am 3. Mai kam z. B. Herr Dr. Otto. Danach war Ruhe."
    assert [s.written for s in sentences(text, language="de-DE")] == [
        "Am 3. Mai kam z. B. Herr Dr. Otto.",
        "Danach war Ruhe.",
    ]


def test_blank_lines_part_paragraphs() -> None:
    first, second = sentences("A headline\n\nThe text\nof the story.")
    assert (first.written, second.written) == ("A headline", "The text of the story.")
    assert first.gap > 500


def test_chinese_sentences_end_without_spaces() -> None:
    found = sentences("你好，世界。今天天气很好。", language="cmn-CN")
    assert [s.written for s in found] == ["你好，世界。", "今天天气很好。"]
    assert [w.written for w in found[0].words] == ["你", "好", "世", "界"]


def test_words_leave_punctuation_outside() -> None:
    found = words("“Well-known,” she said — isn't it? (AT&T)")
    assert [w.written for w in found] == ["Well-known", "she", "said", "isn't", "it", "AT&T"]
    assert [w.after for w in found] == [",", "", ",", "", "?", ","]


def test_offsets_are_bytes_of_the_ssml_input() -> None:
    document = "<speak>Grüße &amp; <prosody rate='slow'>Küsse</prosody> AT&amp;T</speak>"
    encoded = document.encode()
    found = words(document, "ssml")
    assert [encoded[w.start : w.end].decode() for w in found] == [
        "Grüße",
        "&amp;",
        "Küsse",
        "AT&amp;T",
    ]
    assert [w.said for w in found] == ["Grüße", "and", "Küsse", "AT&T"]
    assert found[2].style.rate == 0.75


def test_styles_nest_and_end() -> None:
    document = (
        "<speak><prosody rate='50%' volume='-6dB'>a <prosody rate='50%' pitch='+10%'>b</prosody>"
        "</prosody> <lang xml:lang='fr-FR'>c</lang> <emphasis level='strong'>d</emphasis></speak>"
    )
    a, b, c, d = (word.style for word in words(document, "ssml"))
    assert (a.rate, a.volume) == (0.5, -6.0)
    assert (b.rate, round(b.pitch, 3)) == (0.25, 1.1)
    assert (c.language, c.rate) == ("fr-FR", 1.0)
    assert d.rate < 1 < d.pitch


def test_pauses_and_marks_keep_their_order() -> None:
    document = (
        "<speak>a <break time='1.5s'/><mark name='here'/>b<break strength='x-strong'/></speak>"
    )
    (sentence,) = sentences(document, "ssml")
    assert sentence.items[1] == Pause(1500)
    mark = sentence.items[2]
    assert isinstance(mark, Point)
    assert document.encode()[mark.start : mark.end] == b"<mark name='here'/>"
    assert sentence.items[4] == Pause(700)


def test_a_break_of_no_strength_takes_the_pause_away() -> None:
    first, _ = sentences("<speak>One.<break strength='none'/> Two.</speak>", "ssml")
    assert first.gap == 0


def test_say_as_sub_phoneme_and_w_are_one_word() -> None:
    document = (
        "<speak><say-as interpret-as='date' format='md'> 7/4 </say-as> <sub alias='World Wide Web'>"
        "WWW</sub> <phoneme alphabet='x-sampa' ph='pI&quot;kA:n'>pecan</phoneme> "
        "<w role='amazon:VBD'>read</w> <say-as interpret-as='expletive'>damn</say-as>.</speak>"
    )
    encoded = document.encode()
    date, web, pecan, past, bleep = words(document, "ssml")
    assert (date.said, encoded[date.start : date.end]) == ("July fourth", b"7/4")
    assert (web.written, web.said) == ("WWW", "World Wide Web")
    assert pecan.ipa == "pɪˈkɑːn"
    assert past.ipa == "ɹˈɛd"
    assert bleep.bleep
    assert bleep.after == "."


def test_adjacent_tags_stay_one_word_apart() -> None:
    found = words("<speak>un<emphasis>believ</emphasis>able stuff</speak>", "ssml")
    assert [w.written for w in found] == ["unbelievable", "stuff"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_every_word_of_plain_text_stands_where_it_says(text: str) -> None:
    encoded = text.encode()
    last = 0
    for sentence in sentences(text):
        assert 0 <= sentence.start <= sentence.end <= len(encoded)
        for word in sentence.words:
            assert last <= word.start < word.end <= len(encoded)
            assert encoded[word.start : word.end].decode() == word.written.replace("\ufffc", "")
            assert sentence.start <= word.start
            assert word.end <= sentence.end
            last = word.end


@given(st.lists(st.sampled_from(["One", "two.", "Dr.", "3.", "…", "—", "\n\n", "U.S.", "?!", "é"])))
def test_no_letter_is_lost(pieces: list[str]) -> None:
    text = " ".join(pieces)
    spoken = "".join(w.written for w in words(text))
    assert [c for c in spoken if c.isalnum()] == [c for c in text if c.isalnum()]
