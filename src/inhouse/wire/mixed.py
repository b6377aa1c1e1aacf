"""Results whose lists AWS writes mixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Mixed(dict[str, Any]):
    """A result with lists that stand mixed in its XML, as versions and delete markers do.

    It is boto3's dict, whole lists by name. But `items`, by which XML is written, gives `runs` in
    their stead: parts of the lists, each under its list's name.
    """

    def __init__(
        self, members: Mapping[str, Any], runs: Sequence[tuple[str, Sequence[Any]]]
    ) -> None:
        super().__init__(members)
        self._runs = runs

    def items(self) -> Any:
        mixed = {name for name, _ in self._runs}
        return [*((name, item) for name, item in super().items() if name not in mixed), *self._runs]
