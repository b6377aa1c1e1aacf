from hypothesis import given
from hypothesis import strategies as st

from inhouse.engines.speech import phonemes
from inhouse.engines.speech.alignment import owners


def test_x_sampa() -> None:
    assert phonemes.ipa('"tI.tS@`', "x-sampa") == "ˈtɪtʃɚ"
    assert phonemes.ipa("r\\`E~_<", "x-sampa") == "ɻɛ̃"
    assert phonemes.unknown("k{t", "x-sampa") is None
    assert phonemes.unknown("k§t", "x-sampa") == "§"


def test_ipa_loses_ties_and_dots() -> None:
    assert phonemes.ipa("ˈt͡ʃɪ.kən", "ipa") == "ˈtʃɪkən"
    assert phonemes.ipa("gʌm", "ipa") == "ɡʌm"
    assert phonemes.unknown("ˈtʃ7", "ipa") == "7"


@given(st.text(max_size=30), st.sampled_from(["ipa", "x-sampa"]))
def test_any_spelling_converts(spelled: str, alphabet: str) -> None:
    ipa = phonemes.ipa(spelled, alphabet)
    phonemes.espeak(ipa).encode("ascii")
    if phonemes.unknown(spelled, alphabet) is None:
        assert phonemes.unknown(ipa, "ipa") is None


def test_words_own_their_phonemes_when_spaces_tell() -> None:
    alone = ["həlˈoʊ", "wˈɜːld"]
    assert list(owners("həlˌoʊ wˈɜːld", 2, alone.__getitem__)) == ["həlˌoʊ", "wˈɜːld"]


def test_merged_words_are_parted() -> None:
    alone = ["wˈʌn", "ˈʌv", "ðˈə", "bɹˈɪdʒᵻz"]
    found = list(owners("wˈʌn ʌvðə bɹˈɪdʒᵻz", 4, alone.__getitem__))
    assert found == ["wˈʌn", "ʌv", "ðə", "bɹˈɪdʒᵻz"]


def test_a_number_of_many_words_stays_one() -> None:
    alone = ["ɪn", "nˈaɪntiːnhˈʌndɹɪd nˈaɪnti", "wˈiː"]
    clause = "ɪn nˈaɪntiːnhˈʌndɹɪd nˈaɪnti wiː"
    assert list(owners(clause, 3, alone.__getitem__)) == [
        "ɪn",
        "nˈaɪntiːnhˈʌndɹɪd nˈaɪnti",
        "wiː",
    ]


def test_a_merged_pair_and_a_split_word_do_not_even_out() -> None:
    alone = ["ɪn", "twˈɛnti fˈaɪv", "ˈɪn", "ðˈə", "fˈɔːɡ"]
    found = list(owners("ɪn twˈɛnti fˈaɪv ɪnðə fˈɔːɡ", 5, alone.__getitem__))
    assert found == ["ɪn", "twˈɛnti fˈaɪv", "ɪn", "ðə", "fˈɔːɡ"]


@given(
    st.text("abcˈ ", max_size=30),
    st.lists(st.text("abcˈ ", max_size=6), min_size=1, max_size=6),
)
def test_no_phoneme_is_lost(clause: str, alone: list[str]) -> None:
    found = list(owners(clause, len(alone), alone.__getitem__))
    assert len(found) == len(alone)
    if any(word.strip() for word in alone):
        assert "".join(found).replace(" ", "") == clause.replace(" ", "")
