"""Which operation a request means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from inhouse.core.errors import ServiceError
from inhouse.wire import models
from inhouse.wire.form_data import not_a_form
from inhouse.wire.guess import FORM, S3_SCOPES
from inhouse.wire.hosts import Hosts
from inhouse.wire.query_string import label, pairs
from inhouse.wire.routes import Routes
from inhouse.wire.service import ServiceWire

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from inhouse.wire.http import HttpRequest
    from inhouse.wire.operation import OperationWire
    from inhouse.wire.protocol import Protocol

_S3CONTROL_PATH = "/v20180820/"


class Target(NamedTuple):
    """Where a request goes.

    `labels` are the decoded labels of the path by their name in the model's URI (`Bucket`, `Key`,
    `FunctionName`); `bucket` is the bucket when it came in the host name; `path` is the raw path
    with a virtual host's bucket put back in front; `form` the decoded fields of a query request;
    `arguments` the query keys without which it would be another operation.
    """

    service: str
    operation: OperationWire
    protocol: Protocol
    labels: Mapping[str, str]
    path: str
    bucket: str | None = None
    form: tuple[tuple[str, str], ...] | None = None
    arguments: Collection[str] = ()


class Router:
    """Finds the target of a request among `services` (botocore's names).

    Models are read on the first request for their service. `hosts` are the base host names under
    which `bucket.HOST`, `bucket.s3.HOST` are virtual-hosted buckets.
    """

    def __init__(
        self, services: Iterable[str], *, hosts: Iterable[str] = ("localhost", "127.0.0.1")
    ) -> None:
        self._services = {name: ServiceWire(name) for name in services}
        self._hosts = Hosts(hosts)
        self._routes: dict[str, Routes] = {}
        self._by_target: dict[str, ServiceWire] = {}
        self._by_scope: dict[str, list[ServiceWire]] = {}
        self._by_version: dict[str, ServiceWire] = {}
        for service in self._services.values():
            facts = service.facts
            if facts.target_prefix:
                self._by_target[facts.target_prefix] = service
            if "query" in facts.protocols:
                self._by_version[facts.api_version] = service
            self._by_scope.setdefault(facts.signing_name, []).append(service)

    @property
    def services(self) -> Mapping[str, ServiceWire]:
        """The services by botocore's name."""
        return self._services

    def operation(self, service: str, name: str) -> OperationWire:
        """An operation by botocore's names. Raises KeyError when there is none."""
        return self._services[service].operation(name)

    def bucket(self, request: HttpRequest) -> tuple[str, bool]:
        """What a request for S3 names in the place of a bucket, and whether its host does."""
        host = self._hosts.bucket(request.headers.get("host", ""))
        return host or label(request.path.partition("/")[2].partition("/")[0]), bool(host)

    def resolve(self, request: HttpRequest, scope_service: str | None) -> Target:
        """As `route_head`, with `request.body` at hand: always a target or a `ServiceError`."""
        target = self.route_head(request, scope_service)
        if target is not None:
            return target
        try:
            text = request.content().decode("utf-8")
        except UnicodeDecodeError:
            raise ServiceError("MalformedQueryString", "The form is not UTF-8.") from None
        return self._query(request, tuple(pairs(text)), scope_service)

    def route_head(self, request: HttpRequest, scope_service: str | None) -> Target | None:
        """The target, from method, path, query and headers alone.

        `scope_service` is the service of the signature's credential scope, None when anonymous.
        None is returned for query requests whose `Action` is in the body: read it into
        `request.body` (bounded), then call `resolve`. Raises `ServiceError` when nothing fits.
        """
        headers = request.headers
        name = headers.get("x-amz-target")
        if name is not None:
            return self._json(request, name, scope_service)
        if headers.get("smithy-protocol") is not None:
            return self._cbor(request, scope_service)
        if self._speaks_query(scope_service):
            if request.query and "Action=" in request.query and "Action" in request.args:
                version = request.args.get("Version")
                if scope_service is not None or version in self._by_version:
                    return self._query(request, tuple(pairs(request.query)), scope_service)
            if request.method == "POST" and headers.get("content-type", "").startswith(FORM):
                return None
        return self._rest(request, scope_service)

    def upload(self, request: HttpRequest, key: str) -> Target:
        """PutObject of `key` into the bucket that a form is sent to."""
        host = self._hosts.bucket(request.headers.get("host", ""))
        path = request.path if host is None else f"/{host}{request.path}"
        bucket, _, rest = path[1:].partition("/")
        if rest or not bucket or "s3" not in self._services:
            raise ServiceError(
                "MethodNotAllowed",
                "The specified method is not allowed against this resource: forms are sent to"
                " buckets.",
                status=405,
                Method="POST",
                ResourceType="OBJECT" if rest else "SERVICE",
            )
        labels = {"Bucket": label(bucket), "Key": key}
        operation = self.operation("s3", "PutObject")
        return Target("s3", operation, "rest-xml", labels, path, host)

    def _speaks_query(self, scope: str | None) -> bool:
        return scope is None or any(
            "query" in one.facts.protocols for one in self._by_scope.get(scope, ())
        )

    def _json(self, request: HttpRequest, name: str, scope: str | None) -> Target:
        prefix, _, operation = name.rpartition(".")
        service = self._by_target.get(prefix)
        if service is None or "json" not in service.facts.protocols:
            raise ServiceError(
                "UnknownOperationException", f"There is no service for X-Amz-Target {name[:100]!r}."
            )
        return self._target(request, service, operation, "json", scope)

    def _cbor(self, request: HttpRequest, scope: str | None) -> Target:
        parts = request.path.split("/")
        if request.headers["smithy-protocol"] != "rpc-v2-cbor" or request.method != "POST":
            raise ServiceError(
                "UnknownOperationException", "Only POST and Smithy-Protocol rpc-v2-cbor are known."
            )
        if len(parts) < 5 or parts[-4] != "service" or parts[-2] != "operation":
            raise ServiceError(
                "UnknownOperationException",
                f"The path {request.path[:100]!r} is not /service/NAME/operation/NAME.",
                status=404,
            )
        service = self._by_target.get(parts[-3])
        if service is None or "cbor" not in service.facts.protocols:
            raise ServiceError(
                "UnknownOperationException", f"There is no service {parts[-3][:100]!r}.", status=404
            )
        return self._target(request, service, parts[-1], "cbor", scope)

    def _query(
        self, request: HttpRequest, form: tuple[tuple[str, str], ...], scope: str | None
    ) -> Target:
        action = version = None
        for name, value in form:
            if name == "Action" and action is None:
                action = value
            elif name == "Version" and version is None:
                version = value
        if action is None:
            raise ServiceError("MissingAction", "The request has no Action.")
        speakers = [s for s in self._by_scope.get(scope or "", ()) if "query" in s.facts.protocols]
        service = speakers[0] if speakers else self._by_version.get(version or "")
        if service is None or version not in (None, service.facts.api_version):
            raise ServiceError(
                "InvalidAction",
                f"Could not find operation {action[:100]} for version {(version or '')[:20]}.",
            )
        return self._target(request, service, action, "query", scope, form)

    def _target(
        self,
        request: HttpRequest,
        service: ServiceWire,
        operation: str,
        protocol: Protocol,
        scope: str | None,
        form: tuple[tuple[str, str], ...] | None = None,
    ) -> Target:
        """The target of a request that names its operation."""
        if scope is not None and scope != service.facts.signing_name:
            raise ServiceError(
                "SignatureDoesNotMatch",
                f"Credential should be scoped to correct service: {service.facts.signing_name!r},"
                f" not {scope[:40]!r}.",
                status=403,
            )
        try:
            found = service.operation(operation)
        except KeyError:
            raise ServiceError(
                service.code(protocol, "unknown"),
                f"{service.name} has no operation {operation[:100]!r}.",
                status=400,
            ) from None
        return Target(service.name, found, protocol, {}, request.path, None, form)

    def _rest(self, request: HttpRequest, scope: str | None) -> Target:
        if scope is None:
            return self._anonymous(request)
        if scope in S3_SCOPES:
            return self._s3(request)
        for service in self._by_scope.get(scope, ()):
            protocol = service.facts.rest
            if protocol is not None:
                return self._path(request, service, protocol, request.path, None)
        known = ", ".join(sorted(self._by_scope))
        raise ServiceError(
            "UnknownOperationException",
            f"{request.method} {request.path[:100]} fits no operation of the service"
            f" {scope[:40]!r} that signed it; services here sign as {known}.",
            status=404,
        )

    def _anonymous(self, request: HttpRequest) -> Target:
        """S3, unless the path is another service's: without a scope nothing else tells them."""
        if self._hosts.bucket(request.headers.get("host", "")) is None:
            for service in self._services.values():
                if service.facts.rest != "rest-json":
                    continue
                routes = self._routes.get(service.name) or self._compile_routes(service)
                if routes.find(request.method, request.path, request.args, request.headers)[0]:
                    return self._path(request, service, "rest-json", request.path, None)
        return self._s3(request)

    def _s3(self, request: HttpRequest) -> Target:
        control = self._services.get("s3control")
        if control is not None and request.path.startswith(_S3CONTROL_PATH):
            return self._path(request, control, "rest-xml", request.path, None)
        service = self._services.get("s3")
        if service is None:
            raise ServiceError(
                "UnknownOperationException",
                f"{request.method} {request.path[:100]} fits no service here.",
                status=404,
            )
        bucket = self._hosts.bucket(request.headers.get("host", ""))
        path = request.path
        if bucket is not None and path != "/WriteGetObjectResponse":
            path = f"/{bucket}{path}"
        return self._path(request, service, "rest-xml", path, bucket)

    def _path(
        self,
        request: HttpRequest,
        service: ServiceWire,
        protocol: Protocol,
        path: str,
        bucket: str | None,
    ) -> Target:
        """The target of a request that tells its operation by method and path."""
        routes = self._routes.get(service.name) or self._compile_routes(service)
        route, labels, known = routes.find(request.method, path, request.args, request.headers)
        if route is not None:
            operation = service.operation(route.operation)
            arguments = route.arguments
            return Target(
                service.name, operation, protocol, labels, path, bucket, arguments=arguments
            )
        if known and protocol == "rest-xml":
            if request.method == "POST" and path.count("/") == 1 and not request.query:
                raise not_a_form()
            raise ServiceError(
                "MethodNotAllowed",
                "The specified method is not allowed against this resource.",
                status=405,
                Method=request.method,
                ResourceType="SERVICE" if path == "/" else "OBJECT",
            )
        raise ServiceError(
            "UnknownOperationException",
            f"{service.name} has no operation at {request.method} {path[:100]}.",
            status=404,
        )

    def _compile_routes(self, service: ServiceWire) -> Routes:
        model = models.model(service.name)
        routes = self._routes[service.name] = Routes(
            (model.operation_model(name) for name in model.operation_names),
            hidden=service.patches.get("hiddenRoutes", ()),
            needed_headers=service.patches.get("neededHeaders"),
        )
        return routes
