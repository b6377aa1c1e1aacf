"""Lengths, ranges, patterns and enumerations of botocore's models, checked as AWS checks them.

All faults of a request are told at once, in AWS's words: `2 validation errors detected: Value at
'userName' failed to satisfy constraint: Member must have length less than or equal to 64; …`.

https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from botocore import xform_name

from inhouse.core.errors import ServiceError
from inhouse.wire import models

if TYPE_CHECKING:
    from botocore.model import Shape

C = TypeVar("C", bound=type)
Faults = Callable[[Any], Iterator[tuple[str, Any, str]]]
"""A value's faults: where inside it, the value there, and the constraint it fails."""

_TOLD = 10
_LETTERS_SPACES_NUMBERS = r"\w \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UNICODE = r"\p{L}\p{Z}\p{N}"


def constrained(
    service: str,
    sentences: Mapping[str, str] | None = None,
    *,
    code: str = "ValidationError",
    but: Collection[str] = (),
) -> Callable[[C], C]:
    """A class decorator: each operation checks its request first. Raises an error of `code`.

    `sentences` are those that AWS answers instead for some patterns, `{member}` in them. `but` are
    members that the service checks itself, as AWS names them in its sentences.
    """

    def decorate(owner: C) -> C:
        for method in dir(owner):
            run = getattr(owner, method)
            if hasattr(run, "__operation__"):
                setattr(owner, method, _checked(run, service, method, sentences or {}, code, but))
        return owner

    return decorate


def _checked(
    run: Callable[..., Any],
    service: str,
    method: str,
    sentences: Mapping[str, str],
    code: str,
    but: Collection[str],
) -> Callable[..., Any]:
    @wraps(run)
    def checked(self: Any, call: Any, req: Mapping[str, Any]) -> Any:
        check(service, _operations(service)[method], req, sentences, code, but)
        return run(self, call, req)

    return checked


@cache
def _operations(service: str) -> Mapping[str, str]:
    """Operations by boto3's names. Not before the first request: a model takes long to read."""
    return {xform_name(name): name for name in models.model(service).operation_names}


def check(
    service: str,
    operation: str,
    req: Mapping[str, Any],
    sentences: Mapping[str, str],
    code: str = "ValidationError",
    but: Collection[str] = (),
) -> None:
    """Raises ValidationError, or `code`, with all that is wrong with a request of `operation`."""
    found = [fault for fault in _request_faults(service, operation)(req) if fault[0] not in but]
    if not found:
        return
    if len(found) == 1:
        path, _, constraint = found[0]
        sentence = sentences.get(constraint.removeprefix(_PATTERN))
        if sentence is not None:
            raise ServiceError(code, sentence.format(member=path))
    told = "; ".join(
        f"Value {_shown(service, value)}at '{path}' failed to satisfy constraint: {constraint}"
        for path, value, constraint in found[:_TOLD]
    )
    errors = "error" if len(found) == 1 else "errors"
    raise ServiceError(code, f"{len(found)} validation {errors} detected: {told}")


def _shown(service: str, value: Any) -> str:
    """IAM does not repeat the value, others do unless it is secret; lists and maps read as in
    Java."""
    if isinstance(value, Mapping):
        value = "{" + ", ".join(f"{key}={one}" for key, one in value.items()) + "}"
    elif isinstance(value, list):
        value = f"[{', '.join(map(str, value))}]"
    told = service != "iam" and value is not None and len(str(value)) < 2048
    return f"'{value}' " if told else ""


@cache
def _request_faults(service: str, operation: str) -> Faults:
    shape = models.model(service).operation_model(operation).input_shape
    return _faults(shape) if shape is not None else _none


def _none(value: Any) -> Iterator[tuple[str, Any, str]]:
    return iter(())


def _faults(shape: Shape) -> Faults:
    if shape.type_name == "structure":
        return _structure(shape)
    if shape.type_name == "list":
        return _list(shape)
    if shape.type_name == "map":
        return _map(shape)
    tests = _tests(shape)

    def scalar(value: Any) -> Iterator[tuple[str, Any, str]]:
        for constraint, holds in tests:
            if not holds(value):
                yield "", value, constraint
                return

    return scalar if tests else _none


def _structure(shape: Any) -> Faults:
    members = [
        (name, _lower(name), faults)
        for name, member in shape.members.items()
        if (faults := _faults(member)) is not _none
    ]
    if not members:
        return _none

    def structure(value: Any) -> Iterator[tuple[str, Any, str]]:
        for name, lower, faults in members:
            if value.get(name) is not None:
                for path, wrong, constraint in faults(value[name]):
                    yield f"{lower}.{path}" if path else lower, wrong, constraint

    return structure


def _list(shape: Any) -> Faults:
    tests, inside = _tests(shape), _faults(shape.member)
    nested = shape.member.type_name in ("structure", "list")
    every = [constraint for constraint, _ in _tests(shape.member)]
    if shape.member.metadata.keys() & {"pattern", "enum"}:
        every.append("Member must not be null")

    def listed(value: Any) -> Iterator[tuple[str, Any, str]]:
        for constraint, holds in tests:
            if not holds(value):
                yield "", value, constraint
                return
        for number, one in enumerate(value, 1):
            for path, wrong, constraint in inside(one):
                if nested:
                    yield f"{number}.member.{path}", wrong, constraint
                else:
                    yield "", value, f"Member must satisfy constraint: [{', '.join(every)}]"
                    return

    return listed if tests or inside is not _none else _none


def _map(shape: Any) -> Faults:
    sides = [
        (side, [constraint for constraint, _ in tests], [holds for _, holds in tests])
        for side, of in (("keys", shape.key), ("value", shape.value))
        if (tests := _tests(of))
    ]
    hidden = "sensitive" in shape.metadata

    def mapped(value: Any) -> Iterator[tuple[str, Any, str]]:
        for side, every, holds in sides:
            for one in value if side == "keys" else value.values():
                if not all(test(one) for test in holds):
                    told = ", ".join((*every, "Member must not be null"))
                    shown = None if hidden else value
                    yield "", shown, f"Map {side} must satisfy constraint: [{told}]"
                    break

    return mapped if sides else _none


_PATTERN = "Member must satisfy regular expression pattern: "


def _tests(shape: Any) -> list[tuple[str, Callable[[Any], bool]]]:
    """A shape's own constraints, in the order in which AWS names them."""
    facts = shape.metadata
    least, most = facts.get("min"), facts.get("max")
    number = shape.type_name in ("integer", "long", "float", "double")
    tests: list[tuple[str, Callable[[Any], bool]]] = []
    what = "have value" if number else "have length"
    size: Callable[[Any], Any] = (lambda value: value) if number else len
    if most is not None:
        sentence = f"Member must {what} less than or equal to {most}"
        tests.append((sentence, lambda value: size(value) <= most))
    if least is not None:
        sentence = f"Member must {what} greater than or equal to {least}"
        tests.append((sentence, lambda value: size(value) >= least))
    if "pattern" in facts and shape.type_name == "string":
        matches = _compiled(facts["pattern"]).fullmatch
        tests.append((_PATTERN + facts["pattern"], lambda value: matches(value) is not None))
    if "enum" in facts:
        values = facts["enum"]
        sentence = f"Member must satisfy enum value set: [{', '.join(values)}]"
        tests.append((sentence, lambda value: value in values))
    return tests


def _compiled(pattern: str) -> re.Pattern[str]:
    """Java's pattern as Python's: `\\w` is ASCII there, and categories have names."""
    if _UNICODE in pattern:
        return re.compile(pattern.replace(_UNICODE, _LETTERS_SPACES_NUMBERS))
    return re.compile(pattern, re.ASCII)


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
