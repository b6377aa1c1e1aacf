"""Pronunciation lexicons (PLS 1.0)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.engines.speech import parse_lexicon
from inhouse.services.polly import rows
from inhouse.services.polly.faults import as_polly
from inhouse.services.polly.speaking import refuse_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

STORED = 100
_NAME = re.compile(r"[0-9A-Za-z]{1,20}").fullmatch


def _arn(call: Call, req: Mapping[str, Any]) -> str:
    return call.arn(f"lexicon/{req['Name']}", service="polly")


class Lexicons:
    """Put, get, list and delete lexicons of an account and region."""

    @writes("polly:PutLexicon", _arn)
    def put_lexicon(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        name = req["Name"]
        if not _NAME(name):
            raise ServiceError(
                "ValidationException",
                f"Name {name[:40]!r}: a lexicon's name is 1 to 20 letters and digits.",
            )
        if req.get("Tags"):
            raise ServiceError(
                "InvalidTagParameterException", "Tags: lexicons have none here; leave them out."
            )
        with as_polly():
            parsed = parse_lexicon(req["Content"])
        if rows.lexicon(call, name) is None and len(rows.all_lexicons(call)) >= STORED:
            raise ServiceError(
                "MaxLexiconsNumberExceededException", f"At most {STORED} lexicons can be stored."
            )
        rows.put_lexicon(
            call,
            name=name,
            content=req["Content"],
            alphabet=parsed.alphabet,
            language=parsed.language,
            lexemes=len(parsed.lexemes),
            modified=call.now.timestamp(),
        )
        return {}

    @reads("polly:GetLexicon", _arn)
    def get_lexicon(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = rows.lexicon(call, req["Name"])
        if row is None:
            raise _missing(req["Name"])
        return {
            "Lexicon": {"Name": row["name"], "Content": row["content"]},
            "LexiconAttributes": _attributes(call, row),
        }

    @reads("polly:ListLexicons")
    def list_lexicons(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        refuse_token(req)
        found = rows.all_lexicons(call)
        return {
            "Lexicons": [
                {"Name": row["name"], "Attributes": _attributes(call, row)} for row in found
            ]
        }

    @writes("polly:DeleteLexicon", _arn)
    def delete_lexicon(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        if not rows.drop_lexicon(call, req["Name"]):
            raise _missing(req["Name"])
        return {}


def _attributes(call: Call, row: Row) -> dict[str, Any]:
    return {
        "Alphabet": row["alphabet"],
        "LanguageCode": row["language"],
        "LastModified": datetime.fromtimestamp(row["modified"], UTC),
        "LexiconArn": _arn(call, {"Name": row["name"]}),
        "LexemesCount": row["lexemes"],
        "Size": len(row["content"].encode()),
    }


def _missing(name: str) -> ServiceError:
    return ServiceError("LexiconNotFoundException", f"There is no lexicon {name[:40]!r} here.")
