"""Languages as Polly names them, a voice for each, and the note at the end of a teaser."""

from __future__ import annotations

import re

CODES = (
    "arb", "ar-AE", "ca-ES", "yue-CN", "cmn-CN", "cs-CZ", "da-DK", "nl-BE", "nl-NL", "en-AU",
    "en-GB", "en-GB-WLS", "en-IN", "en-IE", "en-NZ", "en-SG", "en-ZA", "en-US", "fi-FI", "fr-FR",
    "fr-BE", "fr-CA", "hi-IN", "de-DE", "de-AT", "de-CH", "is-IS", "it-IT", "ja-JP", "ko-KR",
    "nb-NO", "pl-PL", "pt-BR", "pt-PT", "ro-RO", "ru-RU", "es-ES", "es-MX", "es-US", "sv-SE",
    "tr-TR", "cy-GB",
)  # fmt: skip
_BY_FOLDED = {code.casefold(): code for code in CODES}
_USUAL = {"ar": "arb", "en": "en-US", "es": "es-ES", "fr": "fr-FR", "nl": "nl-NL", "no": "nb-NO",
          "nn": "nb-NO", "pt": "pt-PT", "zh": "cmn-CN", "cmn": "cmn-CN", "yue": "yue-CN",
          "de": "de-DE"}  # fmt: skip
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")

VOICES = {
    "arb": "Zeina", "ar-AE": "Hala", "ca-ES": "Arlet", "yue-CN": "Hiujin", "cmn-CN": "Zhiyu",
    "cs-CZ": "Jitka", "da-DK": "Sofie", "nl-BE": "Lisa", "nl-NL": "Laura", "en-AU": "Olivia",
    "en-GB": "Amy", "en-GB-WLS": "Geraint", "en-IN": "Kajal", "en-IE": "Niamh", "en-NZ": "Aria",
    "en-SG": "Jasmine", "en-ZA": "Ayanda", "en-US": "Joanna", "fi-FI": "Suvi", "fr-FR": "Lea",
    "fr-BE": "Isabelle", "fr-CA": "Gabrielle", "hi-IN": "Kajal", "de-DE": "Vicki",
    "de-AT": "Hannah", "de-CH": "Sabrina", "is-IS": "Dora", "it-IT": "Bianca", "ja-JP": "Kazuha",
    "ko-KR": "Seoyeon", "nb-NO": "Ida", "pl-PL": "Ola", "pt-BR": "Camila", "pt-PT": "Ines",
    "ro-RO": "Carmen", "ru-RU": "Tatyana", "es-ES": "Lucia", "es-MX": "Mia", "es-US": "Lupe",
    "sv-SE": "Elin", "tr-TR": "Burcu", "cy-GB": "Gwyneth",
}  # fmt: skip

NOTES = {
    "en": "The rest of this article is for subscribers.",
    "de": "Den ganzen Artikel hören Sie mit einem Abonnement.",
    "fr": "La suite de cet article est réservée aux abonnés.",
    "es": "El resto de este artículo es para suscriptores.",
    "it": "Il resto di questo articolo è riservato agli abbonati.",
    "nl": "De rest van dit artikel is voor abonnees.",
    "pt": "O resto deste artigo é para assinantes.",
    "ca": "La resta d’aquest article és per a subscriptors.",
    "da": "Resten af denne artikel er for abonnenter.",
    "sv": "Resten av artikeln är för prenumeranter.",
    "nb": "Resten av artikkelen er for abonnenter.",
    "fi": "Loput artikkelista on tilaajille.",
    "pl": "Dalsza część artykułu jest dostępna dla prenumeratorów.",
    "cs": "Zbytek článku je pro předplatitele.",
    "ro": "Restul articolului este pentru abonați.",
    "tr": "Yazının devamı abonelere özeldir.",
    "ru": "Продолжение статьи доступно подписчикам.",
    "is": "Afgangur greinarinnar er fyrir áskrifendur.",
    "cy": "Mae gweddill yr erthygl hon ar gyfer tanysgrifwyr.",
    "ja": "この記事の続きは会員限定です。",
    "ko": "기사의 나머지는 구독자를 위한 것입니다.",
    "cmn": "本文其余内容仅供订阅者收听。",
    "arb": "بقية هذا المقال للمشتركين.",
    "hi": "इस लेख का बाकी हिस्सा सदस्यों के लिए है।",
}
"""What a teaser ends with, by primary language."""


def is_tag(value: str) -> bool:
    """Whether `value` has the form of a language tag, such as `en` or `de-AT`."""
    return _TAG.fullmatch(value) is not None


def code(tag: str) -> str | None:
    """Polly's code for a language tag; None where Polly does not speak the language.

    A tag without a region, or with one that Polly does not know, takes the usual one.
    """
    folded = tag.strip().replace("_", "-").casefold()
    if folded in _BY_FOLDED:
        return _BY_FOLDED[folded]
    primary = folded.split("-")[0]
    if primary in _USUAL:
        return _USUAL[primary]
    return next((known for known in CODES if known.split("-")[0] == primary), None)


def primary(tag: str) -> str:
    """The language without its region, as in NOTES: `de-AT` is `de`, `zh` is `cmn`."""
    return (code(tag) or tag).split("-")[0].casefold()
