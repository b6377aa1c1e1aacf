"""What is wrong with a request, and where, before a protocol gives it a code."""

from __future__ import annotations

from inhouse.core.errors import ServiceError

_NAMES_TOLD = 20


class Malformed(Exception):
    """A member that is missing or cannot be read.

    `path` is collected on the way out, innermost name first. `missing` tells the two apart:
    services answer them with different codes. `in_body` tells XML bodies from headers and
    arguments, where S3 has different codes too.
    """

    def __init__(self, reason: str, *, missing: bool = False, in_body: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing
        self.in_body = in_body
        self.path: list[str] = []

    def inside(self, name: str) -> Malformed:
        """The same complaint, seen from the member that contains it."""
        self.path.append(name)
        return self

    @property
    def member(self) -> str:
        """The member as `Tags.1.Key`, indices from 1 as AWS counts them."""
        return ".".join(reversed(self.path[-_NAMES_TOLD:]))


def missing(name: str) -> Malformed:
    """A required member that is not there."""
    return Malformed("is required but missing", missing=True).inside(name)


def expected(what: str, got: object) -> Malformed:
    """A value of the wrong kind."""
    return Malformed(f"expected {what}, got {_kind(got)}")


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return f"the number {value!r}"[:60]
        case str():
            return f"the string {value[:40]!r}"
        case bytes():
            return "bytes"
        case dict():
            return "an object"
        case list() | tuple():
            return "a list"
    return f"a {type(value).__name__}"


def malformed_xml(detail: str, code: str = "MalformedXML") -> ServiceError:
    """S3's refusal of an XML body, in its own sentence; `detail` says where the fault is and what
    would be right."""
    return ServiceError(
        code,
        "The XML you provided was not well-formed or did not validate against our published schema",
        status=400,
        Detail=detail,
    )
