"""The paths of one REST service, as a tree of segments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from inhouse.wire.query_string import label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Answers remembered per path pattern: enough for every sensible set of arguments.
_REMEMBERED = 512


class Route(NamedTuple):
    """One operation: what its URI asks for beyond the path.

    `arguments` maps query keys that must be there to the value they must have ("" for any).
    """

    operation: str
    labels: tuple[str, ...]
    arguments: Mapping[str, str]
    headers: tuple[str, ...]

    def fits(self, args: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        """Whether a request has the arguments and headers that the operation needs."""
        return all(
            key in args and (not value or args[key] == value)
            for key, value in self.arguments.items()
        ) and all(name in headers for name in self.headers)


class Ending:
    """The routes that share a method and a path pattern, the most demanding first."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self._keys: dict[str, bool] = {}
        self._headers: set[str] = set()
        self._known: dict[tuple[str, ...], Route | None] = {}

    def add(self, route: Route) -> None:
        """Add a route and keep the order."""
        self.routes.append(route)
        self.routes.sort(key=lambda one: len(one.arguments) + len(one.headers), reverse=True)
        for key, value in route.arguments.items():
            self._keys[key] = self._keys.get(key, False) or bool(value)
        self._headers.update(route.headers)

    def choose(self, args: Mapping[str, str], headers: Mapping[str, str]) -> Route | None:
        """The route for these arguments; it depends on the keys that some route names."""
        if len(self.routes) == 1:
            return self.routes[0]
        keys = self._keys
        known = tuple([f"{k}={args[k]}" if keys[k] else k for k in args if k in keys])
        if self._headers:
            known += tuple([name for name in self._headers if name in headers])
        if known in self._known:
            return self._known[known]
        route = next((one for one in self.routes if one.fits(args, headers)), None)
        if len(self._known) < _REMEMBERED:
            self._known[known] = route
        return route


@dataclass(slots=True)
class _Node:
    """A segment. `greedy` takes all further segments but a literal tail, the empty one last."""

    literal: dict[str, _Node] = field(default_factory=dict)
    label: _Node | None = None
    greedy: dict[tuple[str, ...], dict[str, Ending]] = field(default_factory=dict)
    endings: dict[str, Ending] = field(default_factory=dict)


class Routes:
    """Finds operations by method and path.

    `operations` are botocore operation models; `hidden` are left out (older names of the same
    route); `needed_headers` tell operations apart that differ in nothing else.
    """

    def __init__(
        self,
        operations: Iterable[Any],
        *,
        hidden: Iterable[str] = (),
        needed_headers: Mapping[str, list[str]] | None = None,
    ) -> None:
        self._root = _Node()
        self.methods: set[str] = set()
        for operation in operations:
            if operation.name not in hidden:
                self._add(operation, (needed_headers or {}).get(operation.name, []))

    def _add(self, operation: Any, headers: list[str]) -> None:
        path, _, query = operation.http["requestUri"].partition("?")
        arguments = dict(parse_qsl(query, keep_blank_values=True))
        shape = operation.input_shape
        for name in shape.required_members if shape is not None else ():
            traits = shape.members[name].serialization
            if traits.get("location") == "querystring":
                arguments.setdefault(traits.get("name", name), "")
        node, labels, method = self._root, [], operation.http["method"]
        tail: tuple[str, ...] | None = None
        for segment in path.strip("/").split("/") if path != "/" else ():
            if segment.startswith("{") and segment.endswith("+}"):
                labels.append(segment[1:-2])
                tail = ()
            elif tail is not None:
                tail += (segment,)
            elif segment.startswith("{"):
                labels.append(segment[1:-1])
                node.label = node.label or _Node()
                node = node.label
            else:
                node = node.literal.setdefault(segment, _Node())
        endings = node.endings if tail is None else node.greedy.setdefault(tail, {})
        route = Route(operation.name, tuple(labels), arguments, tuple(headers))
        endings.setdefault(method, Ending()).add(route)
        node.greedy = dict(sorted(node.greedy.items(), key=lambda one: -len(one[0])))
        self.methods.add(method)

    def find(
        self, method: str, path: str, args: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[Route | None, dict[str, str], bool]:
        """The route, its decoded labels, and whether the path is known at all (404 or 405).

        `path` is raw. Raises `ServiceError` InvalidURI for labels that are not UTF-8.
        """
        segments = path[1:].split("/")
        endings, values = _walk(self._root, segments, 0)
        if endings is None:
            return None, {}, False
        ending = endings.get(method)
        route = ending.choose(args, headers) if ending is not None else None
        if route is None:
            return None, {}, True
        return route, {n: label(v) for n, v in zip(route.labels, values, strict=True)}, True


def _walk(
    node: _Node, segments: list[str], place: int
) -> tuple[dict[str, Ending] | None, list[str]]:
    """The endings for the rest of a path and the raw labels on the way."""
    if place == len(segments) or (place == len(segments) - 1 and segments[place] == ""):
        return node.endings or None, []
    segment = segments[place]
    child = node.literal.get(segment)
    if child is not None:
        endings, values = _walk(child, segments, place + 1)
        if endings is not None:
            return endings, values
    if node.label is not None and segment:
        endings, values = _walk(node.label, segments, place + 1)
        if endings is not None:
            return endings, [segment, *values]
    for tail, endings in node.greedy.items():
        stop = len(segments) - len(tail)
        if stop > place and tuple(segments[stop:]) == tail:
            return endings, ["/".join(segments[place:stop])]
    return None, []
