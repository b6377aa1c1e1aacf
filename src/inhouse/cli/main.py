"""All commands, gathered; each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

import inhouse

NAMES = (
    "serve", "env", "doctor", "logs", "demo", "access", "keys", "narration", "preprocessing",
    "voices",
)  # fmt: skip
"""The module `inhouse.cli.NAME` has a function of that name, or `app` with further commands."""


class _Commands(Mapping[str, Any]):
    """By name. `inhouse env` shall not wait until the speech engines are imported."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in NAMES:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = _made(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


class _Group(TyperGroup):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Commands()  # type: ignore[assignment]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(inhouse.__version__)
        raise typer.Exit


def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Runs AWS's managed AI services on your own machines, for real."""


def _app(kind: type[TyperGroup]) -> typer.Typer:
    made = typer.Typer(
        name="inhouse",
        cls=kind,
        help="Runs AWS's managed AI services on your own machines, for real.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    made.callback()(root)
    return made


def _made(name: str) -> Any:
    module, parent = import_module(f"inhouse.cli.{name}"), _app(TyperGroup)
    if hasattr(module, "app"):
        parent.add_typer(module.app, name=name)
    else:
        parent.command(name)(getattr(module, name))
    return get_command(parent).commands[name]  # type: ignore[attr-defined]


app = _app(_Group)
