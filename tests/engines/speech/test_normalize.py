import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.engines.speech import normalize
from inhouse.engines.speech.lexicon import Lexicons
from inhouse.engines.speech.normalize import de, en
from inhouse.engines.speech.reading import read
from inhouse.engines.speech.script import Style


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
        ("telephone", None, "2025551212", "two zero two, five five five, one two one two"),
        ("telephone", None, "5551212x34", "five five five, one two one two, extension three four"),
        ("telephone", None, "+44 20 7946", "plus four four, two zero, seven nine four six"),
        ("characters", None, "a1b", "ay, one, B"),
        ("characters", None, "x,y!", "X comma Y exclamation mark"),
        ("cardinal", None, "0", "zero"),
        ("ordinal", None, "21", "twenty-first"),
        ("ordinal", None, "1,000,000", "one millionth"),
        ("fraction", None, "2½", "two and a half"),
        ("fraction", None, "2 ½", "two and a half"),
        ("fraction", None, "7/100", "seven hundredths"),
        ("fraction", None, "1/4", "one quarter"),
        ("unit", None, "1/2inch", "half an inch"),
        ("unit", None, "1meter", "one meter"),
        ("unit", None, "3/4mi", "three quarters of a mile"),
        ("unit", None, "2+1/2 hours", "two and a half hours"),
        ("unit", None, "60mph", "sixty miles per hour"),
        ("unit", None, "-5°C", "minus five degrees Celsius"),
        ("unit", None, "km", "kilometers"),
        ("date", "y", "1066", "ten sixty-six"),
        ("date", "y", "2009", "two thousand nine"),
        ("date", "yyyymmdd", "2015????", "twenty fifteen"),
        ("date", None, "????0922", "September twenty-second"),
        ("time", None, '30"', "thirty seconds"),
        ("time", None, "5'", "five minutes"),
        ("time", None, "9:00", "nine o'clock"),
        ("address", None, "St. Louis, MO 63101", "saint Louis, Missouri six three one zero one"),
        ("address", None, "45 N 5th St", "forty-five north fifth street"),
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
        ("telephone", None, "12345678", "eins zwei, drei vier, fünf sechs, sieben acht"),
        ("telephone", None, "0800/12x22", "null acht null null, eins zwei, Durchwahl zwei zwei"),
        ("characters", None, "EU-7", "E U Strich sieben"),
        ("characters", None, "Maß", "M A Eszett"),
        ("spell-out", None, "y.de", "Ypsilon Punkt D E"),
        ("cardinal", None, "1995", "eintausendneunhundertfünfundneunzig"),
        ("cardinal", None, "1", "eins"),
        ("ordinal", None, "1", "erste"),
        ("ordinal", None, "7", "siebte"),
        ("ordinal", None, "16", "sechzehnte"),
        ("ordinal", None, "21.", "einundzwanzigste"),
        ("ordinal", None, "1000000", "einmillionste"),
        ("fraction", None, "1/2", "ein halb"),
        ("fraction", None, "2½", "zweieinhalb"),
        ("fraction", None, "2/3", "zwei Drittel"),
        ("fraction", None, "7/100", "sieben Hundertstel"),
        ("fraction", None, "1/101", "ein Einhunderteintel"),
        ("unit", None, "1kg", "ein Kilogramm"),
        ("unit", None, "1/2h", "eine halbe Stunde"),
        ("unit", None, "1/2 l", "ein halber Liter"),
        ("unit", None, "1/2kg", "ein halbes Kilogramm"),
        ("unit", None, "1/4h", "eine Viertelstunde"),
        ("unit", None, "3/4h", "eine Dreiviertelstunde"),
        ("unit", None, "1+1/2 h", "eineinhalb Stunden"),
        ("unit", None, "1,5 t", "eins Komma fünf Tonnen"),
        ("unit", None, "-5 °C", "minus fünf Grad Celsius"),
        ("unit", None, "0,99 €", "neunundneunzig Cent"),
        ("unit", None, "1.234,56 €", "eintausendzweihundertvierunddreißig Euro sechsundfünfzig"),
        ("unit", None, "1meter", "ein Meter"),
        ("unit", None, "2 Wochen", "zwei Wochen"),
        ("date", "ymd", "1995-12-25", "fünfundzwanzigster Dezember neunzehnhundertfünfundneunzig"),
        ("date", "mdy", "3/1/2024", "erster März zweitausendvierundzwanzig"),
        ("date", "md", "12-25", "fünfundzwanzigster Dezember"),
        ("date", "dm", "25.12.", "fünfundzwanzigster Dezember"),
        ("date", "ym", "1995-12", "Dezember neunzehnhundertfünfundneunzig"),
        ("date", "my", "12.1800", "Dezember achtzehnhundert"),
        ("date", "d", "1", "erster"),
        ("date", "m", "3", "März"),
        ("date", "y", "1995", "neunzehnhundertfünfundneunzig"),
        ("date", "yyyymmdd", "????1225", "fünfundzwanzigster Dezember"),
        ("time", None, "1'21\"", "eine Minute und einundzwanzig Sekunden"),
        ("time", None, "0:00", "null Uhr"),
        ("time", None, "1:00", "ein Uhr"),
        ("time", None, "8.05 Uhr", "acht Uhr fünf"),
        ("time", None, "14:30:15", "vierzehn Uhr dreißig und fünfzehn Sekunden"),
        (
            "address",
            None,
            "Hauptstr. 12a, 10115 Bonn",
            "Hauptstraße zwölf a, eins null eins eins fünf Bonn",
        ),
    ],
)
def test_say_as_in_german(kind: str, form: str | None, written: str, said: str) -> None:
    assert normalize.say_as(written, kind, form, "de-DE") == said


def test_britons_double_figures_and_put_the_day_first() -> None:
    said = normalize.say_as("2122241555", "telephone", None, "en-GB")
    assert said == "two one two, double two four, one triple five"
    assert normalize.say_as("4/7/2021", "date", None, "en-GB") == "July fourth, twenty twenty-one"
    assert normalize.say_as("4/7/2021", "date", None, "en-US") == "April seventh, twenty twenty-one"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("am 3. Mai", "am dritten Mai"),
        ("Der 3. Mai", "Der dritte Mai"),
        ("3. Mai", "dritter Mai"),
        ("bis zum 25.12.2024", "bis zum fünfundzwanzigsten Dezember zweitausendvierundzwanzig"),
        ("In der 3. Woche", "In der dritten Woche"),
        ("Jede 3. Woche", "Jede dritte Woche"),
        ("Sein 2. Versuch", "Sein zweiter Versuch"),
        ("um 14:30 Uhr", "um vierzehn Uhr dreißig"),
        ("um 1 Uhr", "um ein Uhr"),
        ("2,5 Mio. Euro", "zwei Komma fünf Millionen Euro"),
        ("1 Mrd. Dollar", "eine Milliarde Dollar"),
        ("nach 1 km", "nach einem Kilometer"),
        ("vor 1 h", "vor einer Stunde"),
        ("10–12 km", "zehn bis zwölf Kilometer"),
        ("die 80er", "die achtziger"),
        ("1995 war", "neunzehnhundertfünfundneunzig war"),
    ],
)
def test_german_words_agree(text: str, said: str) -> None:
    (sentence,) = read(text, "text", Style("de-DE"), Lexicons())
    assert " ".join(word.said for word in sentence.words) == said


@pytest.mark.parametrize(
    ("kind", "written", "said"),
    [
        ("telephone", "01 42-68", "0 1, 4 2, 6 8"),
        ("digits", "1.234", "1 2 3 4"),
        ("ordinal", "3", "3"),
    ],
)
def test_other_languages_spell_and_leave_the_rest_to_the_voice(
    kind: str, written: str, said: str
) -> None:
    assert normalize.say_as(written, kind, None, "fr-FR") == said


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
    assert normalize.pair("10–12", "", "km", "en-US") == ("ten to twelve", "kilometers")
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
