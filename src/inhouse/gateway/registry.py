"""Which services there are, and which of their methods are operations."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.loaders import Loader

import inhouse.services
from inhouse.core.errors import ServiceError, not_implemented
from inhouse.wire.models import facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from inhouse.core.operations import JobSpec, Operation
    from inhouse.core.ports import Service


@dataclass(frozen=True, slots=True)
class Bound:
    """An operation of a service that stands ready to be run."""

    service: str
    method: str
    operation: Operation
    run: Callable[..., Any]


def discover() -> list[type[Any]]:
    """The service classes of every folder in `inhouse.services`, by folder name."""
    return [
        import_module(f"inhouse.services.{module.name}").SERVICE
        for module in iter_modules(inhouse.services.__path__)
    ]


class Registry:
    """The services of one server, by botocore's names."""

    def __init__(self, services: Iterable[Service]) -> None:
        self.services: dict[str, Any] = {service.name: service for service in services}
        self._operations = {
            (name, bound.method): bound
            for name, service in self.services.items()
            for bound in _operations(name, service)
        }
        self._keepers = [each for each in self.services.values() if hasattr(each, "keeps")]
        self._by_name: dict[tuple[str, str], Bound] = {}
        self._wire_names: dict[str, dict[str, str]] = {}

    def operation(self, service: str, name: str) -> Bound:
        """By botocore's name (`PutParameter`). Raises NotImplemented, 501."""
        try:
            return self._by_name[service, name]
        except KeyError:
            bound = self._operations.get((service, xform_name(name)))
            if bound is None:
                raise not_implemented(service, name) from None
            self._by_name[service, name] = bound
            return bound

    def method(self, service: str, method: str) -> Bound:
        """By boto3's name (`put_parameter`). Raises NotImplemented, 501."""
        bound = self._operations.get((service, method))
        if bound is None:
            raise not_implemented(service, method)
        return bound

    def wire_name(self, bound: Bound) -> str:
        """botocore's name of an operation (`PutParameter`)."""
        names = self._wire_names.get(bound.service)
        if names is None:
            model = Loader().load_service_model(bound.service, "service-2")
            names = {xform_name(name): name for name in model["operations"]}
            self._wire_names[bound.service] = names
        return names[bound.method]

    def implemented(self) -> dict[str, list[str]]:
        """The methods of every service, sorted: what docs and `inhouse doctor` list."""
        found: dict[str, list[str]] = {name: [] for name in sorted(self.services)}
        for service, method in sorted(self._operations):
            found[service].append(method)
        return found

    def full_names(self) -> dict[str, str]:
        """What the services are called in full, by the prefix of their actions."""
        actions = (bound.operation.action or "" for bound in self._operations.values())
        prefixes = {action.partition(":")[0] for action in actions}
        return {name: facts(name).full_name for name in sorted(prefixes & set(self.services))}

    def jobs(self) -> Iterator[tuple[JobSpec, Callable[..., Any], Callable[..., Any] | None]]:
        """Every job a service runs: its spec, its handler, and who is told when one dies."""
        for service in self.services.values():
            for name, method in _methods(service):
                spec = getattr(method, "__job__", None)
                if spec is not None:
                    yield spec, method, getattr(service, f"{name}_dead", None)

    def owner(self, arn: str) -> Any:
        """The service that keeps the resource `arn`, None when it is not one of ours."""
        for service in self._keepers:
            if service.keeps(arn):
                return service
        parts = arn.split(":", 3)
        return self.services.get(parts[2]) if len(parts) == 4 else None

    def each(self, member: str) -> Iterator[Any]:
        """The optional `member` of every service that has it."""
        for service in self.services.values():
            found = getattr(service, member, None)
            if found is not None:
                yield found


def _methods(service: object) -> Iterator[tuple[str, Any]]:
    for name in dir(type(service)):
        if not name.startswith("__") and callable(getattr(type(service), name)):
            yield name, getattr(service, name)


def _operations(service_name: str, service: object) -> Iterator[Bound]:
    for name, method in _methods(service):
        operation = getattr(method, "__operation__", None)
        if operation is not None:
            yield Bound(service_name, name, operation, method)


def unknown_service(name: str) -> ServiceError:
    return ServiceError(
        "UnknownService", f"Inhouse does not know the service {name[:64]!r}.", status=404
    )
