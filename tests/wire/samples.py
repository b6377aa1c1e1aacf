"""Values for botocore's shapes, the same for the same seed."""

from __future__ import annotations

import random
import string
from datetime import UTC, datetime, timedelta
from typing import Any

BODY_TEXT = string.ascii_letters + string.digits + " -_.~/:+*'()&<>\"%=;?#é☃𝄞\n\r\t\u2028\x85"
HEADER_TEXT = string.ascii_letters + string.digits + "-_.~/:+*'()&<>%=?#"
LIMIT = {"integer": 2**31, "long": 2**53}
DEEPEST = 4


class Samples:
    """Draws parameters or results; `fullness` is the share of optional members drawn."""

    def __init__(self, seed: str, fullness: float = 1.0) -> None:
        self._random = random.Random(seed)
        self._fullness = fullness

    def structure(self, shape: Any, depth: int = 0) -> dict[str, Any]:
        names = list(shape.members)
        if shape.is_tagged_union:
            names = [self._random.choice(names)]
        value: dict[str, Any] = {}
        for name in names:
            member = shape.members[name]
            if member.serialization.get("eventstream"):
                continue
            optional = name not in shape.required_members and not shape.is_tagged_union
            if optional and (depth >= DEEPEST or self._random.random() > self._fullness):
                continue
            value[name] = self.value(member, depth + 1)
        if not value and names and depth:
            # Queries and XML cannot tell an empty structure from none.
            value[names[0]] = self.value(shape.members[names[0]], depth + 1)
        return value

    def value(self, shape: Any, depth: int = 0) -> Any:
        location = shape.serialization.get("location")
        if shape.type_name == "structure":
            if shape.is_document_type:
                return {"a": [1, 2.5, None, "b"], "c": {"d": True}}
            return self.structure(shape, depth)
        if shape.type_name == "list":
            return [self._item(shape.member, location, depth) for _ in range(self._count(depth))]
        if shape.type_name == "map":
            return self._map(shape, location, depth)
        return self._scalar(shape, location)

    def _count(self, depth: int) -> int:
        return self._random.randint(1, 3) if depth < DEEPEST else 1

    def _item(self, shape: Any, location: str | None, depth: int) -> Any:
        if shape.type_name in ("structure", "list", "map"):
            return self.value(shape, depth + 1)
        return self._scalar(shape, location)

    def _map(self, shape: Any, location: str | None, depth: int) -> dict[str, Any]:
        if location == "headers":
            return {f"key-{n}": self._text(HEADER_TEXT) for n in range(3)}
        keys = shape.key.enum or [self._text(BODY_TEXT) for _ in range(self._count(depth))]
        return {key: self.value(shape.value, depth + 1) for key in keys[:3]}

    def _scalar(self, shape: Any, location: str | None) -> Any:
        match shape.type_name:
            case "string" | "character" if shape.serialization.get("jsonvalue") and location:
                return {"a": [1, "é"]}
            case "string" | "character":
                if shape.enum:
                    return self._random.choice(shape.enum)
                if shape.serialization.get("hostLabel"):
                    return "123456789012"
                return self._text(HEADER_TEXT if location in ("header", "uri") else BODY_TEXT)
            case "boolean":
                return self._random.random() < 0.5
            case "integer" | "long":
                if location == "statusCode":
                    return self._random.choice([200, 201, 202])
                bound = LIMIT[shape.type_name]
                return self._random.randrange(-bound, bound)
            case "float" | "double":
                return self._random.choice([0.0, -1.5, 1e-7, 3.25e18, self._random.random()])
            case "blob":
                return self._random.randbytes(self._random.randint(1, 40))
            case "timestamp":
                rfc822 = shape.serialization.get("timestampFormat") == "rfc822"
                return self._time(whole_seconds=rfc822 or location is not None)
        raise AssertionError(shape.type_name)

    def _time(self, *, whole_seconds: bool) -> datetime:
        moment = datetime(2001, 1, 1, tzinfo=UTC) + timedelta(seconds=self._random.randrange(10**9))
        if not whole_seconds:
            return moment + timedelta(milliseconds=self._random.randrange(1000))
        return moment

    def _text(self, alphabet: str) -> str:
        return "".join(self._random.choices(alphabet, k=self._random.randint(1, 12)))
