"""One read through an access point: fetch, transform, answer. The same for every transform."""

from __future__ import annotations

import functools
import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import answer, ranges, source, writing
from .failures import Refusal, Unsuitable
from .request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .answer import Made
    from .source import Source

    Transform = Callable[[Source, Mapping[str, Any]], Made]

log = logging.getLogger(__package__)


@functools.cache
def _code() -> bytes:
    parts = (path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return hashlib.sha256(b"".join(parts)).digest()


def serve(event: Mapping[str, Any], transform: Transform) -> dict[str, Any]:
    """Answers the event. `transform` takes the stored object and the access point's options.

    It raises Refusal for objects that cannot be given, Unsuitable for options that cannot be.
    HeadObject is answered with what GetObject would say: the object is transformed and counted, for
    a length that does not fit breaks clients that fetch in parts.
    """
    request = Request.of(event)
    try:
        said = _answer(request, transform)
    except Refusal as error:
        log.info("refused: %s: %s", error.code, error)
        said = answer.refusal(error)
    except Unsuitable as error:
        log.error("the access point's options: %s", error)
        said = answer.refusal(Refusal("InvalidConfiguration", str(error)))
    if request.method == "HEAD":
        return answer.headed(said)
    writing.write(request, said)
    return {"status_code": said["StatusCode"]}


def _answer(request: Request, transform: Transform) -> dict[str, Any]:
    options = request.options()
    stored = source.ask(request)
    tag = etag(stored.headers.get("etag", ""), options)
    _preconditions(request.headers, tag)
    if request.method == "HEAD":
        # The caller may read it, as S3 has just said; the URL gives no body, so the role reads it.
        stored = source.own(request)
    made = transform(stored, options)
    return answer.members(stored.headers, made, tag) | answer.bodied(
        made, ranges.parse(request.range)
    )


def etag(stored: str, options: Mapping[str, Any]) -> str:
    """One for each object, set of options and version of this program, known before the work."""
    told = repr(sorted(options.items())).encode()
    return f'"{hashlib.sha256(stored.encode() + told + _code()).hexdigest()[:32]}"'


def _preconditions(headers: Mapping[str, str], tag: str) -> None:
    if _matches(headers.get("if-none-match"), tag):
        raise Refusal("NotModified", "it is what the caller has", 304)
    if "if-match" in headers and not _matches(headers["if-match"], tag):
        raise Refusal("PreconditionFailed", "the object is another than If-Match names", 412)


def _matches(tags: str | None, tag: str) -> bool:
    return tags is not None and (
        tags.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in tags.split(","))
    )
