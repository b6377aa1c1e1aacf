import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.engines.speech import InvalidSsml
from inhouse.engines.speech.ssml import Element, Text, parse
from inhouse.engines.speech.ssml.rules import RULES


def test_every_character_keeps_its_place_in_the_input() -> None:
    document = '<?xml version="1.0"?>\r\n<speak>Hé &amp; &#x41;<![CDATA[a & <b>]]><p>ü</p></speak>'
    encoded = document.encode()
    found = [(t.value, encoded[t.start : t.end].decode()) for t in parse(document).texts()]
    assert found == [
        ("Hé ", "Hé "),
        ("&", "&amp;"),
        (" ", " "),
        ("A", "&#x41;"),
        ("a & <b>", "a & <b>"),
        ("ü", "ü"),
    ]


def test_elements_span_their_tags() -> None:
    document = "<speak>ä<mark name='x'/> <s>one</s></speak>"
    root = parse(document)
    encoded = document.encode()
    spans = [encoded[c.start : c.end].decode() for c in root.children if isinstance(c, Element)]
    assert spans == ["<mark name='x'/>", "<s>one</s>"]
    assert encoded[root.start : root.end].decode() == document


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "no element found"),
        ("Hello", "syntax error"),
        ("<a/>", "isn't a supported tag"),
        ("<p>x</p>", "must start with <speak>"),
        ("<speak>", "no element found"),
        ("<speak><speak/></speak>", "outermost"),
        ("<speak>a</speak>b", "junk after document element"),
        ("<speak>a & b</speak>", "not well-formed"),
        ("<speak>&nbsp;</speak>", "undefined entity"),
        ("<speak><break time='11s'/></speak>", "at most 10s"),
        ("<speak><break time='soon'/></speak>", "at most 10s"),
        ("<speak><break strength='huge'/></speak>", "one of none, x-weak"),
        ("<speak><break>x</break></speak>", "must be empty"),
        ("<speak><mark/></speak>", "needs the attribute 'name'"),
        ("<speak><p><p>x</p></p></speak>", "isn't allowed inside <p>"),
        ("<speak><s><p>x</p></s></speak>", "isn't allowed inside <s>"),
        ("<speak><p><prosody rate='slow'><p>x</p></prosody></p></speak>", "inside <p>"),
        ("<speak><sub alias='x'><s>y</s></sub></speak>", "may hold only text"),
        ("<speak><prosody>x</prosody></speak>", "at least one of rate, pitch, volume and"),
        ("<speak><prosody rate='10%'>x</prosody></speak>", "20% to 200%"),
        ("<speak><prosody rate='201%'>x</prosody></speak>", "20% to 200%"),
        ("<speak><prosody pitch='+51%'>x</prosody></speak>", "-33.3% to +50%"),
        ("<speak><prosody volume='6dB'>x</prosody></speak>", "+ndB or -ndB"),
        ("<speak><prosody amazon:max-duration='soon'>x</prosody></speak>", "such as 800ms"),
        (
            "<speak><prosody amazon:max-duration='2s'>a <prosody amazon:max-duration='1s'>b"
            "</prosody></prosody></speak>",
            "can't stand inside another",
        ),
        (
            f"<speak><prosody amazon:max-duration='2s'>{'x' * 1501}</prosody></speak>",
            "at most 1500 characters",
        ),
        ("<speak><prosody volume='+21dB'>x</prosody></speak>", "+20dB at most"),
        ("<speak><prosody rate='-81%'>x</prosody></speak>", "-80% to +100%"),
        ("<speak><amazon:effect>x</amazon:effect></speak>", "needs at least one of name"),
        ("<speak><amazon:effect name='echo'>x</amazon:effect></speak>", "one of whispered, drc"),
        ("<speak><amazon:effect vocal-tract-length='long'>x</amazon:effect></speak>", "percentage"),
        ("<speak><amazon:breath volume='11'/></speak>", "one of x-soft"),
        ("<speak><say-as interpret-as='poem'>x</say-as></speak>", "one of address"),
        ("<speak><lang xml:lang='?'>x</lang></speak>", "a language code such as"),
        ("<speak><phoneme ph='☃'>x</phoneme></speak>", "phonetic alphabet"),
        ("<speak><amazon:domain name='news'>x</amazon:domain></speak>", "no speaking styles"),
        ("<speak><amazon:emotion name='excited'>x</amazon:emotion></speak>", "no emotions"),
        ("<speak><voice name='x'>x</voice></speak>", "a document has one voice"),
        ("<speak><audio src='http://x/'/></speak>", "recorded audio"),
        ("<speak onclick='x'/>", "has no attribute 'onclick'"),
        ("\ud800", "UTF-8"),
        (b"<speak>\xff</speak>", "UTF-8"),
    ],
)
def test_wrong_documents_say_what_is_wrong(document: str | bytes, reason: str) -> None:
    with pytest.raises(InvalidSsml) as caught:
        parse(document)
    assert reason in caught.value.reason


def test_errors_say_where() -> None:
    with pytest.raises(InvalidSsml) as caught:
        parse("<speak>\n  <blink>x</blink></speak>")
    assert (caught.value.line, caught.value.column) == (2, 3)


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><speak>&b;</speak>',
        '<!DOCTYPE speak SYSTEM "http://127.0.0.1/x.dtd"><speak/>',
        '<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/passwd">]><speak>&f;</speak>',
        "<speak>" + "<prosody rate='slow'>" * 5000 + "x" + "</prosody>" * 5000 + "</speak>",
        f"<speak><sub alias='{'x' * 100_000}'>y</sub></speak>",
        "<speak " + " ".join(f"a{n}='1'" for n in range(10_000)) + "/>",
        "<speak>" + "x" * (5 << 20) + "</speak>",
    ],
    ids=["billion laughs", "remote dtd", "external entity", "deep", "huge", "many", "long"],
)
def test_hostile_documents_are_refused(document: str) -> None:
    with pytest.raises(InvalidSsml):
        parse(document)


@given(st.binary(max_size=400))
def test_any_bytes_parse_or_are_invalid(document: bytes) -> None:
    invalid = None
    try:
        assert parse(document).tag == "speak"
    except InvalidSsml as error:
        invalid = error
    assert invalid is None or (invalid.line >= 1 and invalid.column >= 1)


_VALUES = st.sampled_from(
    ["10s", "x-loud", "+5%", "120%", "-3dB", "en-US", "ipa", "a", "", "☃", "date"]
)
_NAMES = st.sampled_from([*RULES, "amazon:domain", "b"])
_KEYS = st.sampled_from(["time", "strength", "rate", "pitch", "volume", "ph", "xml:lang", "name",
                         "alias", "interpret-as", "format", "level", "role", "id"])  # fmt: skip
_LEAVES = st.text(max_size=8).map(lambda t: t.replace("&", "&amp;").replace("<", "&lt;"))
TREES = st.recursive(
    _LEAVES,
    lambda inner: st.builds(
        lambda tag, attributes, body: (
            f"<{tag}"
            + "".join(f' {key}="{value}"' for key, value in attributes.items())
            + f">{''.join(body)}</{tag}>"
        ),
        _NAMES,
        st.dictionaries(_KEYS, _VALUES, max_size=2),
        st.lists(inner, max_size=3),
    ),
    max_leaves=12,
)


@given(TREES)
def test_any_tree_of_tags_parses_or_is_invalid(body: str) -> None:
    document = f"<speak>{body}</speak>"
    try:
        root = parse(document)
    except InvalidSsml:
        return
    encoded = document.encode()
    for text in root.texts():
        assert 0 <= text.start < text.end <= len(encoded)
        if encoded[text.start : text.start + 1] != b"&" and text.value != "\n":
            assert encoded[text.start : text.end].decode() == text.value


def test_trees_are_immutable() -> None:
    root = parse("<speak>x</speak>")
    assert isinstance(root.children[0], Text)
    with pytest.raises(AttributeError):
        root.tag = "p"  # type: ignore[misc]
