"""German inflection: what the words before demand of an ordinal or a one in figures."""

import re

_WEAK_OBLIQUE = frozenset(
    ["am", "im", "zum", "vom", "beim", "zur", "dem", "den", "des", "einem", "einer", "eines",
     "einen", "diesem", "diesen", "jedem", "jeden", "keinem", "keinen", "meinem", "meinen",
     "seinem", "seinen", "ihrem", "ihren", "unserem", "unseren", "ab", "bis", "seit"]
)  # fmt: skip
"""After these an ordinal ends in -en: am dritten, des dritten, bis dritten Mai."""

_WEAK_NOMINATIVE = frozenset(
    ["der", "die", "das", "dieser", "diese", "dieses", "jeder", "jede", "jedes", "eine", "keine",
     "meine", "seine", "ihre", "unsere"]
)  # fmt: skip
"""After these it ends in -e: der dritte, eine dritte."""

_STRONG_MASCULINE = frozenset(["ein", "kein", "mein", "sein", "ihr", "unser"])
"""After these it ends in -er where the noun is masculine: ein dritter."""

_PREPOSITIONS = frozenset(
    ["in", "an", "auf", "aus", "bei", "mit", "nach", "seit", "von", "vor", "zu", "während",
     "unter", "über", "hinter", "neben", "zwischen", "wegen", "trotz", "innerhalb"]
)  # fmt: skip
"""Before "der" these make it dative or genitive: in der dritten Woche."""

_DATIVE = frozenset(["aus", "bei", "in", "mit", "nach", "seit", "von", "vor", "zu"])
"""Before an amount these make it dative: vor einer Woche."""


def agreed(before: tuple[str, ...], said: str) -> str:
    """An ordinal, a date that begins with one, or a one, inflected as the words before demand.

    "am" makes "dritter Mai" to "dritten Mai", "vor" makes "eine" to "einer".
    """
    last, earlier = ([word.lower() for word in before[::-1]] + ["", ""])[:2]
    if said in ("ein", "eine") and last in _DATIVE:
        return {"ein": "einem", "eine": "einer"}[said]
    head, space, rest = said.partition(" ")
    match = re.fullmatch(r"(\w+t)(?:e|en|er)", head)
    if match is None:
        return said
    if last in _WEAK_OBLIQUE or (last == "der" and earlier in _PREPOSITIONS):
        ending = "en"
    elif last in _WEAK_NOMINATIVE:
        ending = "e"
    elif last in _STRONG_MASCULINE or (not last and not head.endswith("te")):
        ending = "er"
    else:
        return said
    return match[1] + ending + space + rest
