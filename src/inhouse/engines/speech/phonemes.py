"""Phonemes between alphabets: X-SAMPA and IPA in, espeak mnemonics out.

X-SAMPA after J. C. Wells, "Computer-coding the IPA" (1995).
"""

import unicodedata
from functools import lru_cache

_XSAMPA = dict(
    pair.split("=", 1)
    for pair in [
        "a=a",
        "b=b",
        "c=c",
        "d=d",
        "e=e",
        "f=f",
        "g=ɡ",
        "h=h",
        "i=i",
        "j=j",
        "k=k",
        "l=l",
        "m=m",
        "n=n",
        "o=o",
        "p=p",
        "q=q",
        "r=r",
        "s=s",
        "t=t",
        "u=u",
        "v=v",
        "w=w",
        "x=x",
        "y=y",
        "z=z",
        "A=ɑ",
        "B=β",
        "C=ç",
        "D=ð",
        "E=ɛ",
        "F=ɱ",
        "G=ɣ",
        "H=ɥ",
        "I=ɪ",
        "J=ɲ",
        "K=ɬ",
        "L=ʎ",
        "M=ɯ",
        "N=ŋ",
        "O=ɔ",
        "P=ʋ",
        "Q=ɒ",
        "R=ʁ",
        "S=ʃ",
        "T=θ",
        "U=ʊ",
        "V=ʌ",
        "W=ʍ",
        "X=χ",
        "Y=ʏ",
        "Z=ʒ",
        "1=ɨ",
        "2=ø",
        "3=ɜ",
        "4=ɾ",
        "5=ɫ",
        "6=ɐ",
        "7=ɤ",
        "8=ɵ",
        "9=œ",
        "@=ə",
        "{=æ",
        "}=ʉ",
        "?=ʔ",
        '"=ˈ',
        "%=ˌ",
        ":=ː",
        "b_<=ɓ",
        "d_<=ɗ",
        "g_<=ɠ",
        "J_<=ʄ",
        "G_<=ʛ",
        "d`=ɖ",
        "t`=ʈ",
        "n`=ɳ",
        "s`=ʂ",
        "z`=ʐ",
        "l`=ɭ",
        "r`=ɽ",
        "h\\=ɦ",
        "j\\=ʝ",
        "p\\=ɸ",
        "r\\=ɹ",
        "s\\=ɕ",
        "z\\=ʑ",
        "x\\=ɧ",
        "v\\=ʋ",
        "l\\=ɺ",
        "K\\=ɮ",
        "N\\=ɴ",
        "R\\=ʀ",
        "B\\=ʙ",
        "G\\=ɢ",
        "H\\=ʜ",
        "L\\=ʟ",
        "M\\=ɰ",
        "X\\=ħ",
        "?\\=ʕ",
        "J\\=ɟ",
        "@\\=ɘ",
        "@`=ɚ",
        "3\\=ɞ",
        "3`=ɝ",
        "U\\=ʊ",
        "I\\=ᵻ",
        "r\\`=ɻ",
        ":\\=ˑ",
        "&=ɶ",
        "_h=ʰ",
        "_w=ʷ",
        "_j='=ʲ",
        "'=ʲ",
        "_~=̃",
        "~=̃",
        "_0=̥",
        "_d=̪",
        "_^=̯",
        "`=˞",
    ]
    if "=" in pair
)
_XSAMPA["="] = "̩"
_XSAMPA["_j"] = "ʲ"
_LONGEST = max(map(len, _XSAMPA))
_SEPARATORS = {"-": "", "|": "", ".": "", " ": " ", "_": "", "$": ""}

_IPA = set("".join(_XSAMPA.values())) | set(
    "abcdefhijklmnopqrstuvwxyzgɡæçðøħŋœǀǁǂǃɐɑɒɓɔɕɖɗɘəɚɛɜɝɞɟɠɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏ"
    "ʐʑʒʔʕʘʙʛʜʝʟʡʢʣʤʥʦʧʨʰʲʷˈˌːˑ˞β‿θχᵻⱱ̧̪̯̩̥̬̃̆̈̊̍̚˺͜͡ .|'ʼ-"
)


def unknown(spelled: str, alphabet: str) -> str | None:
    """The first symbol that `alphabet` ("ipa" or "x-sampa") doesn't have; None when all are right."""
    if alphabet == "ipa":
        return next((c for c in unicodedata.normalize("NFD", spelled) if c not in _IPA), None)
    at = 0
    while at < len(spelled):
        width = _match(spelled, at)
        if not width:
            return spelled[at]
        at += width
    return None


def ipa(spelled: str, alphabet: str) -> str:
    """IPA without ties and syllable marks; symbols that the alphabet doesn't have are dropped."""
    if alphabet == "ipa":
        plain = unicodedata.normalize("NFD", spelled).replace("'", "ˈ").replace("ʧ", "tʃ")
        plain = plain.replace("ʤ", "dʒ").replace("ʦ", "ts").replace("ʣ", "dz").replace("g", "ɡ")
        return "".join(c for c in plain if c in _IPA and c not in "‿͜͡.|-ʼ")
    out = []
    at = 0
    while at < len(spelled):
        width = _match(spelled, at)
        piece = spelled[at : at + max(1, width)]
        out.append(_XSAMPA.get(piece, _SEPARATORS.get(piece, "")))
        at += max(1, width)
    return "".join(out)


def _match(spelled: str, at: int) -> int:
    for width in range(min(_LONGEST, len(spelled) - at), 0, -1):
        if spelled[at : at + width] in _XSAMPA:
            return width
    return 1 if spelled[at] in _SEPARATORS else 0


# espeak's mnemonics follow Kirshenbaum; these are the ones most of its languages define.
_ESPEAK = {
    "ˈ": "'", "ˌ": ",", "ː": ":", "ə": "@", "ɚ": "3", "ɝ": "3:", "ɐ": "a#", "æ": "a", "ɑ": "A",
    "ɒ": "0", "ɔ": "O", "ɛ": "E", "ɜ": "3", "ɪ": "I", "ʊ": "U", "ʌ": "V", "ʏ": "Y", "ø": "Y",
    "œ": "W", "ŋ": "N", "ɲ": "n^", "ʎ": "l^", "θ": "T", "ð": "D", "ʃ": "S", "ʒ": "Z", "ç": "C",
    "ɹ": "r", "ʁ": "r", "ʀ": "r", "ɾ": "*", "ɣ": "Q", "β": "B", "ɡ": "g", "ʔ": "?", "ɥ": "w",
    "ɨ": "I2", "ɫ": "l", "χ": "x", "ɕ": "S;", "ʑ": "Z;", "ɬ": "L", "̃": "~", "ᵻ": "I2",
    "ʂ": "s.", "ʐ": "z.", "ʍ": "w", "ʲ": ";", " ": "||",
}  # fmt: skip


@lru_cache(maxsize=1024)
def espeak(spelled: str) -> str:
    """Espeak mnemonics of IPA, for [[…]]; marks without a mnemonic are left out."""
    spelled = spelled.replace("oʊ", "o\u0001").replace("tʃ", "t\u0002").replace("dʒ", "d\u0003")
    table = _ESPEAK | {"\u0001": "U", "\u0002": "S", "\u0003": "Z"}
    out = (table.get(c, c if c.isascii() and c.isalpha() else "") for c in spelled)
    return "".join(out)
