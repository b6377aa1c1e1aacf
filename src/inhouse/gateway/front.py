"""One request, from the wire to its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import structlog

from inhouse.core.call import Call, Origin
from inhouse.core.errors import ServiceError
from inhouse.core.principal import ANONYMOUS
from inhouse.gateway import form_upload, integrity
from inhouse.gateway.authenticate import check_signature, check_token
from inhouse.gateway.body import Body, Disconnected, PayloadStream
from inhouse.gateway.cors import Cors
from inhouse.wire import form_signature, post_policy, sigv2
from inhouse.wire.errors import serialize_error
from inhouse.wire.form_data import FormData, is_form
from inhouse.wire.hoisted import hoisted, with_headers
from inhouse.wire.http import HttpResponse
from inhouse.wire.post_policy import Sizes
from inhouse.wire.sigv4 import parse_authorization, unknown_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from inhouse.core.ports import House, Key
    from inhouse.core.principal import Principal
    from inhouse.gateway.dispatch import Dispatcher
    from inhouse.gateway.points import Points
    from inhouse.gateway.registry import Bound, Registry
    from inhouse.wire.http import HttpRequest
    from inhouse.wire.router import Router, Target
    from inhouse.wire.sigv4 import Signature, SigningContext

log = structlog.get_logger()
_SECRET_HEADERS = frozenset({"authorization", "x-amz-security-token", "cookie"})


@dataclass(slots=True)
class Exchange:
    """What is known of one request; each step adds to it."""

    request: HttpRequest
    body: Body
    request_id: str
    signature: Signature | None = None
    hoisted: dict[str, str] = field(default_factory=dict)
    """Headers in the query of a presigned URL."""
    key: Key | None = None
    target: Target | None = None
    bound: Bound | None = None
    context: SigningContext | None = None
    principal: Principal = ANONYMOUS
    call: Call | None = None
    parsed: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    """Code of the error answered, for the access log."""


class Gateway:
    """Answers AWS requests. The steps of `answer` are the whole request path."""

    def __init__(
        self,
        house: House,
        router: Router,
        registry: Registry,
        dispatcher: Dispatcher,
        points: Points,
    ) -> None:
        self._house = house
        self._router = router
        self._registry = registry
        self._dispatcher = dispatcher
        self._cors = Cors(registry, router, points)

    async def handle(self, exchange: Exchange) -> HttpResponse:
        """The answer to a request; errors become answers in its protocol, never exceptions."""
        if exchange.request.method == "OPTIONS":
            return await self._answered(exchange, self.preflight)
        answer = await self._answered(exchange, self.answer)
        target = exchange.target
        if "origin" in exchange.request.headers and (target is None or target.service == "s3"):
            self._cors.mark(self._dispatcher.reader(), exchange.request, answer)
        return answer

    async def _answered(
        self, exchange: Exchange, steps: Callable[[Exchange], Awaitable[HttpResponse]]
    ) -> HttpResponse:
        try:
            return await steps(exchange)
        except ServiceError as error:
            return self._refusal(exchange, error)
        except Disconnected:
            exchange.error = "ClientDisconnected"
            return HttpResponse(499, [("connection", "close")])
        except Exception:
            log.exception("gateway.failed", request_id=exchange.request_id)
            return self._refusal(exchange, _internal_failure())

    async def preflight(self, exchange: Exchange) -> HttpResponse:
        """What a browser asks before it lets a page use a bucket; nobody signs it."""
        answer = self._cors.preflight(self._dispatcher.reader(), exchange.request)
        answer.headers.append(("x-amz-request-id", exchange.request_id))
        return answer

    async def answer(self, exchange: Exchange) -> HttpResponse:
        if exchange.request.method == "POST" and is_form(exchange.request):
            return await self.upload(exchange)
        self.identify(exchange)
        await self.route(exchange)
        await self.authenticate(exchange)
        self.parse(exchange)
        self.authorize(exchange)
        await self.dispatch(exchange)
        return self.serialize(exchange)

    async def upload(self, exchange: Exchange) -> HttpResponse:
        """A browser's upload: a PutObject by whoever signed the policy among its fields."""
        request = exchange.request
        self._router.upload(request, "")
        form = FormData(aiter(exchange.body), request.headers["content-type"])
        fields = await form_upload.opened(form)
        exchange.target = target = self._router.upload(request, fields["key"])
        exchange.bound = self._registry.operation("s3", "PutObject")
        bucket = target.labels["Bucket"]
        sizes = self._signer(exchange, fields, bucket)
        put = form_upload.put_request(self._router, target, request, fields)
        exchange.parsed = target.operation.parse(target, put)
        exchange.parsed["Body"] = form_upload.SizedFile(form, sizes)
        self.authorize(exchange, put)
        await self.dispatch(exchange)
        location = f"{self._house.endpoint}/{bucket}/{quote(fields['key'], safe='')}"
        return form_upload.answered(fields, location, bucket, self.serialize(exchange))

    def _signer(self, exchange: Exchange, fields: Mapping[str, str], bucket: str) -> Sizes:
        """Checks who signed a form's policy, if anybody did, and that it allows the fields."""
        exchange.signature = signature = form_signature.claimed(exchange.request, fields)
        if signature is None:
            return Sizes()
        request, now = exchange.request, self._house.clock.now()
        reader = self._dispatcher.reader()
        exchange.key = key = self._house.identities.key(reader, signature.access_key_id)
        if key is None:
            raise unknown_key(request, signature)
        form_signature.verify(request, signature, key.secret, fields)
        check_token(request, signature, key, now)
        exchange.principal = key.principal
        self._house.identities.used(signature.access_key_id, "s3", signature.region)
        return post_policy.check(fields["policy"], {**fields, "bucket": bucket}, now)

    def identify(self, exchange: Exchange) -> None:
        """Finds the access key, so that nobody unknown makes us read a long body."""
        exchange.signature = signature = parse_authorization(exchange.request)
        if signature is not None:
            reader = self._dispatcher.reader()
            exchange.key = self._house.identities.key(reader, signature.access_key_id)
            if exchange.key is None:
                raise unknown_key(exchange.request, signature)

    async def route(self, exchange: Exchange) -> None:
        """Finds the operation: from the head alone, but for the query protocol."""
        scope = exchange.signature.service if exchange.signature else None
        request = exchange.request
        exchange.hoisted = hoisted(request, exchange.signature)
        target = self._router.route_head(with_headers(request, exchange.hoisted), scope)
        if target is None:
            await self._read(exchange)
            target = self._router.resolve(request, scope)
        exchange.target = target
        exchange.bound = self._registry.operation(target.service, target.operation.name)

    async def authenticate(self, exchange: Exchange) -> None:
        """Checks signature, token and age. Bodies that are not streamed are read for it."""
        request, target = exchange.request, exchange.target
        assert target is not None
        if request.body is None and not target.operation.streams_in:
            await self._read(exchange)
        signature, key = exchange.signature, exchange.key
        if signature is None or key is None:
            return
        now = self._house.clock.now()
        exchange.context = check_signature(request, signature, key, now, bucket=target.bucket)
        check_token(request, signature, key, now)
        if signature.kind == "query-v2":
            sigv2.check_coverage(target.arguments)
        if target.service == "s3":  # what nobody signed counts for nothing
            exchange.request = with_headers(request, exchange.hoisted)
        exchange.principal = key.principal
        self._house.identities.used(signature.access_key_id, target.service, signature.region)

    def parse(self, exchange: Exchange) -> None:
        """Makes the boto3-shaped request, its streamed payload still unread."""
        request, target = exchange.request, exchange.target
        assert target is not None
        integrity.check(request, target.operation.checksum)
        exchange.parsed = target.operation.parse(target, request)
        if target.operation.streams_in and target.operation.payload_in:
            if target.service == "s3":
                integrity.check_length(request)
            exchange.parsed[target.operation.payload_in] = PayloadStream(
                exchange.body, request, exchange.signature, exchange.context
            )

    def authorize(self, exchange: Exchange, meant: HttpRequest | None = None) -> None:
        """Asks the policies. Nothing has been done and no payload read before they agree.

        `meant` is the request that a form stands for.
        """
        assert exchange.target is not None
        assert exchange.bound is not None
        signature, principal = exchange.signature, exchange.principal
        exchange.call = self._dispatcher.call(
            principal,
            exchange.target.service,
            exchange.target.operation.name if meant is None else form_upload.OPERATION,
            account=principal.account,
            region=(signature.region if signature else "") or self._house.region,
            request_id=exchange.request_id,
            origin=_origin(meant or exchange.request, signature),
        )
        exchange.parsed = self._dispatcher.admit(
            exchange.call,
            exchange.bound,
            exchange.parsed,
            host=exchange.target.bucket,
            scope=signature.service if signature else "",
        )

    async def dispatch(self, exchange: Exchange) -> None:
        assert exchange.call is not None
        assert exchange.bound is not None
        exchange.result = await self._dispatcher.run(exchange.call, exchange.bound, exchange.parsed)

    def serialize(self, exchange: Exchange) -> HttpResponse:
        target = exchange.target
        assert target is not None
        return target.operation.serialize(target, exchange.result, exchange.request_id)

    async def _read(self, exchange: Exchange) -> None:
        settings = self._house.settings
        known = exchange.key is not None
        limit = settings.max_body_bytes if known else settings.max_anonymous_body_bytes
        exchange.request.body = await exchange.body.read(limit)

    def _refusal(self, exchange: Exchange, error: ServiceError) -> HttpResponse:
        exchange.error = error.code
        try:
            return serialize_error(exchange.target, exchange.request, error, exchange.request_id)
        except Exception:
            log.exception("gateway.refusal_failed", request_id=exchange.request_id)
            return HttpResponse(500, [("connection", "close")])


_AUTH_TYPES = {
    "header": ("REST-HEADER", "AWS4-HMAC-SHA256"),
    "query": ("REST-QUERY-STRING", "AWS4-HMAC-SHA256"),
    "header-v2": ("REST-HEADER", "AWS"),
    "query-v2": ("REST-QUERY-STRING", "AWS"),
    "form": ("POST", "AWS4-HMAC-SHA256"),
    "form-v2": ("POST", "AWS"),
}


def _origin(request: HttpRequest, signature: Signature | None) -> Origin:
    headers = request.headers
    auth_type, version = _AUTH_TYPES[signature.kind] if signature else ("", "")
    return Origin(
        source_ip=request.client or "",
        user_agent=headers.get("user-agent", ""),
        secure=request.scheme == "https",
        auth_type=auth_type,
        signature_version=version,
        headers={k: v for k, v in headers.items() if k not in _SECRET_HEADERS},
        query=request.query,
    )


def _internal_failure() -> ServiceError:
    return ServiceError(
        "InternalFailure", "The request failed inside the server; its log says why.", status=500
    )
