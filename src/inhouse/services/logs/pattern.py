"""Filter patterns over unstructured text.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inhouse.services.logs.names import invalid

_TERM = re.compile(r'\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))')


@dataclass(frozen=True, slots=True)
class Pattern:
    """`every` term must be in a message, at least one of `either` if there are any, `none` of the
    others. Case matters."""

    every: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Raises InvalidParameterException; JSON and space-delimited patterns are not supported."""
        text = text.strip()
        if text.startswith(("{", "[", "%")):
            raise invalid(
                f"filterPattern: {text[:100]!r}: JSON, field and regular expression patterns are "
                'not supported; give terms, as in: ERROR "timed out" -DEBUG ?this ?that'
            )
        terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
        position = 0
        while position < len(text):
            found = _TERM.match(text, position)
            if found is None:
                raise invalid(f"filterPattern: there is a quote without end in {text[:100]!r}.")
            quoted = found[2]
            terms[found[1]].append(found[3] if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
            position = found.end()
        return cls(tuple(terms[""]), tuple(terms["?"]), tuple(terms["-"]))

    def matches(self, message: str) -> bool:
        return (
            all(term in message for term in self.every)
            and (not self.either or any(term in message for term in self.either))
            and not any(term in message for term in self.none)
        )
