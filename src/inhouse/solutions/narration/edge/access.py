"""Who asks: a reader with a valid token, or anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from inhouse.solutions.narration.edge.tokens import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from inhouse.solutions.narration.edge.tokens import Tokens

COOKIE = "inhouse_token"
QUERY = "token"


@dataclass(frozen=True, slots=True)
class Reader:
    """`query` keeps a valid token for the addresses in an answer, if it came in one."""

    entitled: bool
    problem: str | None = None
    query: str = ""

    def challenge(self, realm: str) -> dict[str, str]:
        """Tells who gets less than there is that a token would help, or why theirs did not."""
        told = f'Bearer realm="{realm}"'
        if self.problem:
            told += f', error="invalid_token", error_description="{self.problem}"'
        return {"WWW-Authenticate": told}


def reader(request: Request, tokens: Tokens) -> Reader:
    """The first valid token of header, cookie and query opens; others are as good as none."""
    problem = None
    for token, place in _tokens(request):
        try:
            tokens.verify(token)
        except Invalid as reason:
            problem = problem or str(reason)
        else:
            return Reader(True, query=quote(token, safe="") if place == QUERY else "")
    return Reader(False, problem)


def _tokens(request: Request) -> Iterator[tuple[str, str]]:
    scheme, _, credentials = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        yield credentials.strip(), "authorization"
    if token := request.cookies.get(COOKIE):
        yield token, COOKIE
    if token := request.query_params.get(QUERY):
        yield token, QUERY
