"""Cross-origin resource sharing: which web pages may use a bucket from a browser.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.s3 import rows
from inhouse.services.s3.authority import the_bucket
from inhouse.wire.malformed import malformed_xml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inhouse.core.call import Call
    from inhouse.core.ports import Tx

MAX_RULES = 100
_METHODS = ("GET", "PUT", "HEAD", "POST", "DELETE")
_VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
_ACTION = "s3:PutBucketCORS"


@dataclass(frozen=True, slots=True)
class Rule:
    """One CORSRule."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: int | None

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Rule:
        return cls(
            tuple(members["AllowedOrigins"]),
            tuple(members["AllowedMethods"]),
            tuple(each.lower() for each in members.get("AllowedHeaders") or ()),
            tuple(members.get("ExposeHeaders") or ()),
            members.get("MaxAgeSeconds"),
        )

    def answer(self, origin: str, method: str, wanted: Sequence[str]) -> dict[str, str] | None:
        """The headers that let a page of `origin` go on; None when this rule does not."""
        fitting = next((each for each in self.origins if _fits(each, origin)), None)
        if fitting is None or method not in self.methods:
            return None
        if not all(any(_fits(each, name) for each in self.headers) for name in wanted):
            return None
        anybody = fitting == "*"
        found = {
            "access-control-allow-origin": "*" if anybody else origin,
            "access-control-allow-methods": ", ".join(self.methods),
        }
        if not anybody:
            found["access-control-allow-credentials"] = "true"
        if wanted:
            found["access-control-allow-headers"] = ", ".join(wanted)
        if self.exposed:
            found["access-control-expose-headers"] = ", ".join(self.exposed)
        if self.max_age is not None:
            found["access-control-max-age"] = str(self.max_age)
        found["vary"] = _VARY
        return found


class Cors:
    """The CORS configuration of buckets, and what it answers to browsers."""

    @writes(_ACTION, the_bucket)
    def put_bucket_cors(self, call: Call, req: Mapping[str, Any]) -> None:
        """Replaces the rules."""
        rules = req["CORSConfiguration"].get("CORSRules") or []
        _check(rules)
        rows.change_bucket(call.tx, req["Bucket"], cors=orjson.dumps(rules).decode())

    @reads("s3:GetBucketCORS", the_bucket)
    def get_bucket_cors(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        text = rows.bucket(call.tx, req["Bucket"])["cors"]
        if text is None:
            raise ServiceError(
                "NoSuchCORSConfiguration",
                "The CORS configuration does not exist",
                status=404,
                BucketName=req["Bucket"],
            )
        return {"CORSRules": orjson.loads(text)}

    @writes(_ACTION, the_bucket)
    def delete_bucket_cors(self, call: Call, req: Mapping[str, Any]) -> None:
        rows.change_bucket(call.tx, req["Bucket"], cors=None)

    def cors(
        self, tx: Tx, bucket: str, origin: str, method: str, wanted: Sequence[str] = ()
    ) -> dict[str, str] | None:
        """The headers by the first rule that fits, empty when none does.

        `wanted` are the headers, in lower case, that a page asks to send. None when the bucket has
        no rules.
        """
        row = rows.find_bucket(tx, bucket)
        if row is None or row["cors"] is None:
            return None
        answers = (rule.answer(origin, method, wanted) for rule in _rules(row["cors"]))
        return next((each for each in answers if each is not None), {})


@lru_cache(maxsize=256)
def _rules(text: str) -> tuple[Rule, ...]:
    return tuple(Rule.of(each) for each in orjson.loads(text))


def _fits(pattern: str, text: str) -> bool:
    head, star, tail = pattern.partition("*")
    if not star:
        return pattern == text
    long_enough = len(text) >= len(head) + len(tail)
    return long_enough and text.startswith(head) and text.endswith(tail)


def _check(rules: Sequence[Mapping[str, Any]]) -> None:
    if not rules:
        raise malformed_xml("CORSConfiguration has no CORSRule")
    if len(rules) > MAX_RULES:
        raise _invalid(
            f"The number of CORS rules should not exceed allowed limit of {MAX_RULES} rules."
        )
    for rule in rules:
        for member in ("AllowedOrigins", "AllowedMethods"):
            if not rule.get(member):
                raise malformed_xml(f"a CORSRule has no {member.removesuffix('s')}")
        for method in rule["AllowedMethods"]:
            if method not in _METHODS:
                raise _invalid(
                    "Found unsupported HTTP method in CORS config. Unsupported method is "
                    f"{method[:40]}"
                )
        for member in ("AllowedOrigins", "AllowedHeaders"):
            for value in rule.get(member) or ():
                if value.count("*") > 1:
                    name = member.removesuffix("s")
                    raise _invalid(f'{name} "{value[:100]}" can not have more than one wildcard.')
        for value in rule.get("ExposeHeaders") or ():
            if "*" in value:
                raise _invalid(
                    f'ExposeHeader "{value[:100]}" contains wildcard. We currently do not support '
                    "wildcard for ExposeHeader."
                )
        if rule.get("MaxAgeSeconds") is not None and rule["MaxAgeSeconds"] < 0:
            raise malformed_xml(f"MaxAgeSeconds is {rule['MaxAgeSeconds']}; it is 0 or more")


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidRequest", message, status=400)
