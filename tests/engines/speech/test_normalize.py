import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.engines.speech import normalize
from inhouse.engines.speech.normalize import de, en


@pytest.mark.parametrize(
    ("kind", "form", "written", "said"),
    [
        ("cardinal", None, "12345", "twelve thousand three hundred forty-five"),
        ("number", None, "1,000,001", "one million one"),
        ("number", None, "-3.14", "minus three point one four"),
        ("ordinal", None, "1234", "one thousand two hundred thirty-fourth"),
        ("ordinal", None, "112th", "one hundred twelfth"),
        ("digits", None, "1234", "one two three four"),
        ("fraction", None, "3/20", "three twentieths"),
        ("fraction", None, "1+1/2", "one and a half"),
        ("fraction", None, "2 3/4", "two and three quarters"),
        ("unit", None, "5ft", "five feet"),
        ("unit", None, "1mi", "one mile"),
        ("date", "mdy", "12/25/2024", "December twenty-fifth, twenty twenty-four"),
        ("date", "dmy", "25-12-1999", "December twenty-fifth, nineteen ninety-nine"),
        ("date", "ymd", "2001.02.03", "February third, two thousand one"),
        ("date", "md", "7/4", "July fourth"),
        ("date", "dm", "4/7", "July fourth"),
        ("date", "ym", "2024/05", "May twenty twenty-four"),
        ("date", "my", "05/2024", "May twenty twenty-four"),
        ("date", "d", "12", "twelfth"),
        ("date", "m", "12", "December"),
        ("date", "y", "1905", "nineteen oh five"),
        ("date", "yyyymmdd", "20241225", "December twenty-fifth, twenty twenty-four"),
        ("date", "yyyymmdd", "????1225", "December twenty-fifth"),
        ("date", None, "3 May 2021", "May third, twenty twenty-one"),
        ("time", None, "1'21\"", "one minute and twenty-one seconds"),
        ("time", None, "2:30pm", "two thirty P M"),
        ("time", None, "9:05", "nine oh five"),
        ("telephone", None, "(206) 555-0100", "two zero six, five five five, zero one zero zero"),
        ("characters", None, "a1b", "ay, one, B"),
        ("spell-out", None, "hello", "H E L L O"),
        ("address", None, "221 Baker St.", "two twenty-one Baker street"),
    ],
)
def test_say_as_in_english(kind: str, form: str | None, written: str, said: str) -> None:
    assert normalize.say_as(written, kind, form, "en-US") == said


@pytest.mark.parametrize(
    ("kind", "form", "written", "said"),
    [
        ("cardinal", None, "1.000.001", "eine Million eins"),
        ("number", None, "21", "einundzwanzig"),
        ("number", None, "-2,5", "minus zwei Komma fünf"),
        ("ordinal", None, "3.", "dritte"),
        ("ordinal", None, "101", "einhunderterste"),
        ("fraction", None, "3/8", "drei Achtel"),
        ("unit", None, "1h", "eine Stunde"),
        ("unit", None, "3,50 €", "drei Euro fünfzig"),
        ("date", "dmy", "25.12.1984", "fünfundzwanzigster Dezember neunzehnhundertvierundachtzig"),
        ("date", None, "3. Mai 2021", "dritter Mai zweitausendeinundzwanzig"),
        ("time", None, "14:30", "vierzehn Uhr dreißig"),
        ("digits", None, "107", "eins null sieben"),
        ("telephone", None, "+49 30", "plus vier neun, drei null"),
        ("characters", None, "EU-7", "E U Strich sieben"),
    ],
)
def test_say_as_in_german(kind: str, form: str | None, written: str, said: str) -> None:
    assert normalize.say_as(written, kind, form, "de-DE") == said


def test_what_is_not_of_the_kind_is_read_as_written() -> None:
    assert normalize.say_as("soon", "date", "mdy", "en-US") == "soon"
    assert normalize.say_as("13/32/2024", "date", "mdy", "en-US") == "13/32/2024"
    assert normalize.say_as("1/0", "fraction", None, "en-US") == "1/0"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("$5.30", "five dollars and thirty cents"),
        ("$1", "one dollar"),
        ("€3.4bn", "three point four billion euros"),
        ("1990", "nineteen ninety"),
        ("1990s", "nineteen nineties"),
        ("2nd", "second"),
        ("10:30", "ten thirty"),
        ("50%", "fifty percent"),
        ("007", "zero zero seven"),
        ("2024-12-25", "December twenty-fifth, twenty twenty-four"),
        ("Dr", "doctor"),
        ("&", "and"),
        ("bridge", None),
        ("A4", None),
    ],
)
def test_plain_words_in_english(written: str, said: str | None) -> None:
    assert normalize.word(written, "en-GB") == said


def test_pairs_are_read_together() -> None:
    assert normalize.pair("$5", "", "million", "en-US") == ("five", "million dollars")
    assert normalize.pair("May", "", "3", "en-US") == ("May", "third")
    assert normalize.pair("3", ".", "Mai", "de-DE") == ("dritten", "Mai")
    assert normalize.pair("5", "", "km", "en-US") == ("five", "kilometers")
    assert normalize.pair("3,50", "", "€", "de-DE") == ("drei", "Euro fünfzig")
    assert normalize.pair("we", "", "came", "en-US") is None


@given(st.integers(min_value=-(10**24), max_value=10**24))
def test_every_number_has_words(number: int) -> None:
    for words in (en.cardinal(number), de.cardinal(number)):
        assert words
        assert not any(c.isdigit() for c in words)


@given(st.integers(min_value=0, max_value=10**9))
def test_ordinals_keep_apart_what_differs(number: int) -> None:
    assert en.ordinal(number) != en.ordinal(number + 1)
    assert de.ordinal(number) != de.ordinal(number + 1)


@given(st.text(max_size=40), st.sampled_from(["en-US", "de-DE", "fr-FR"]))
def test_any_text_can_be_said(written: str, language: str) -> None:
    normalize.word(written, language)
    normalize.pair(written, "", written, language)
    for kind in ("cardinal", "ordinal", "digits", "fraction", "unit", "date", "time", "address",
                 "telephone", "characters", "expletive"):  # fmt: skip
        assert isinstance(normalize.say_as(written, kind, None, language), str)
