"""What becomes of each of Polly's SSML tags here: the table behind docs/reference/ssml.md.

Every row has an example that a test gives to the parser, so the page can't say anything else
than the engine does.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a document may ask for; `honoured` is whether it is accepted and heard."""

    example: str
    remark: str
    honoured: bool = True


def _said(kind: str, written: str, form: str = "") -> str:
    form = f' format="{form}"' if form else ""
    return f'<say-as interpret-as="{kind}"{form}>{written}</say-as>'


STRUCTURE = (
    Row('<s xml:lang="de-DE">Guten Tag</s>', "A sentence: 350 ms of silence follow."),
    Row("<p>One paragraph.</p>", "A paragraph: 700 ms follow."),
    Row('Wait <break time="3s"/> here', "At most 10s. Takes the place of a shorter gap."),
    Row('Wait <break strength="x-strong"/> here', "none and x-weak take a gap away; weak and "
        "medium are 250 ms, strong 350 ms, x-strong 700 ms."),
    Row("Wait, <break/> here", "Without attributes: 250 ms; after a comma 350 ms, after a full "
        "stop 700 ms."),
    Row('<lang xml:lang="fr-FR">Bonjour</lang>', "The narrator's own voice where it can be mapped "
        "to the sounds of that language, else a voice of that language."),
    Row('<mark name="here"/>', "A speech mark of type ssml."),
    Row('<sub alias="Mercury">Hg</sub>', "The alias is said, the mark covers the text."),
    Row('<phoneme alphabet="ipa" ph="pɪˈkɑːn">pecan</phoneme>', "IPA and X-SAMPA."),
    Row('<phoneme alphabet="x-amazon-pinyin" ph="bo2">薄</phoneme>', "Pinyin isn't read.",
        honoured=False),
    Row('<w role="amazon:VBD">read</w>', "English words that are spelled alike and sound "
        "differently; roles of other words change nothing."),
    Row("<emphasis level=\"strong\">now</emphasis>", "Rate, pitch and volume: strong and moderate "
        "are slower, higher and louder, reduced the opposite."),
)  # fmt: skip

PROSODY = (
    Row('<prosody rate="slow">x</prosody>', "x-slow 50%, slow 75%, medium and default 100%, fast "
        "125%, x-fast 160% of the voice's rate."),
    Row('<prosody rate="85%">x</prosody>', "20% to 200%, of the rate around the tag."),
    Row('<prosody rate="-10%">x</prosody>', "The same as 90%."),
    Row('<prosody rate="250%">x</prosody>', "Beyond 20% to 200%.", honoured=False),
    Row('<prosody pitch="high">x</prosody>', "x-low -24%, low -12%, medium and default 0%, high "
        "+12%, x-high +26%."),
    Row('<prosody pitch="-10%">x</prosody>', "-33.3% to +50%, of the pitch around the tag."),
    Row('<prosody pitch="+60%">x</prosody>', "Beyond -33.3% to +50%.", honoured=False),
    Row('<prosody volume="loud">x</prosody>', "silent; x-soft -12 dB, soft -6 dB, medium and "
        "default 0 dB, loud +4 dB, x-loud +6 dB."),
    Row('<prosody volume="-6dB">x</prosody>', "Decibels from the volume around the tag, +20dB at "
        "most. Peaks stay below -1 dBTP."),
    Row('<prosody volume="+30dB">x</prosody>', "More than +20dB.", honoured=False),
    Row('<prosody amazon:max-duration="2s">x</prosody>', "Spoken faster if need be, 5 times at "
        "most, from the first word to the last; pauses keep their length and count. At most 1,500 "
        "characters."),
    Row('<prosody amazon:max-duration="9s">a <prosody amazon:max-duration="2s">b</prosody>'
        "</prosody>", "One inside another. Polly ignores the inner one.", honoured=False),
    Row('<prosody contour="(0%,+20Hz)">x</prosody>', "Not in Polly either.", honoured=False),
)  # fmt: skip

SAY_AS = (
    Row(_said("characters", "a1b"), "Also spell-out; any language."),
    Row(_said("cardinal", "1,234"), "Also number; German with 1.234,5."),
    Row(_said("ordinal", "3"), "English, and German as the words before demand."),
    Row(_said("digits", "1234"), "Any language."),
    Row(_said("fraction", "3+1/2"), "Also 2½ and 2 1/2. English and German."),
    Row(_said("unit", "1/2inch"), "Symbols and names of units, with a number, a fraction or "
        "alone. English and German."),
    Row(_said("date", "12-31-1900", "mdy"), "mdy, dmy, ymd, md, dm, ym, my, d, m, y. English and "
        "German."),
    Row(_said("date", "????0922", "yyyymmdd"), "Question marks leave a part out; the format may be "
        "left out too."),
    Row(_said("date", "1/2/2024"), "Without a format: the month first in American English, the day "
        "first elsewhere."),
    Row(_said("time", "1'21&quot;"), "Lengths of time, and times of day such as 2:30pm or 14:30 Uhr. "
        "English and German."),
    Row(_said("address", "221 Baker St."), "Streets, directions, states, postal codes. English and "
        "German."),
    Row(_said("telephone", "2025551212x345"), "In groups; double and triple in British English; "
        "pairs in German. Digit by digit in other languages."),
    Row(_said("expletive", "darn"), "Covered by a tone."),
    Row(_said("currency", "$5"), "Not in Polly either; money is read without a tag.", honoured=False),
)  # fmt: skip

EFFECTS = (
    Row('<amazon:effect name="whispered">x</amazon:effect>', "The voice's own formants with noise "
        "for a source, 8 LU below plain speech."),
    Row('<amazon:effect phonation="soft">x</amazon:effect>', "Breathier and darker, 4 LU below."),
    Row('<amazon:effect vocal-tract-length="+15%">x</amazon:effect>', "-50% to +100%, held within; "
        "formants move, pitch stays."),
    Row('<amazon:effect vocal-tract-length="85%">x</amazon:effect>', "The same as -15%."),
    Row('<amazon:effect name="drc">x</amazon:effect>', "Sounds of middle level are raised by up to "
        "9 dB, before the volume is changed."),
    Row('<amazon:effect name="DRC">x</amazon:effect>', "Names are in lower case, as in Polly.",
        honoured=False),
    Row('<amazon:breath duration="long" volume="x-loud"/>', "x-short to x-long are 200 to 900 ms; "
        "x-soft to x-loud are -34 to -12 dB from speech."),
    Row('<amazon:auto-breaths frequency="low">x</amazon:auto-breaths>', "A breath at the next stop "
        "after 45 (x-low), 30, 20, 12 or 6 (x-high) words."),
    Row('<amazon:domain name="news">x</amazon:domain>', "A style that the voice would have to have "
        "learned.", honoured=False),
    Row('<amazon:domain name="conversational">x</amazon:domain>', "Likewise.", honoured=False),
    Row('<amazon:emotion name="excited" intensity="low">x</amazon:emotion>', "Likewise.",
        honoured=False),
    Row('<audio src="https://example.com/a.mp3"/>', "Not in Polly either.", honoured=False),
    Row('<voice name="Amy">x</voice>', "Not in Polly either.", honoured=False),
)  # fmt: skip

SECTIONS = {
    "Structure and pronunciation": STRUCTURE,
    "Prosody": PROSODY,
    "Say-as": SAY_AS,
    "Effects": EFFECTS,
}
