"""`inhouse keys`: the master keys that what is stored is encrypted under."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from inhouse.cli.env import Data
from inhouse.cli.failures import Failure

if TYPE_CHECKING:
    from inhouse.store.key_file import MasterKey

app = typer.Typer(
    help="The master keys that S3's objects are encrypted under.", no_args_is_help=True
)
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        envvar="INHOUSE_KEY_FILE",
        help="The key file, if it is not master-keys.json in the data directory.",
    ),
]


@app.command("list")
def listed(data: Data = Path("inhouse-data"), path: KeyFile = None) -> None:
    """Tell which master keys there are, oldest first, and where; never the keys themselves."""
    path, keys = _read(data, path)
    table = Table(box=None)
    for name in ("id", "made", ""):
        table.add_column(name)
    for one in keys:
        table.add_row(one.id, one.made, "seals what is new" if one is keys[-1] else "opens")
    Console().print(table)
    typer.echo(f"in {path}")


@app.command()
def rotate(data: Data = Path("inhouse-data"), path: KeyFile = None) -> None:
    """Add a new master key. From its next start on, the server seals what is new under it.

    The others stay, and open what they sealed: never take one out. Back the file up again.
    """
    from inhouse.core.errors import SettingError
    from inhouse.store import key_file

    path, keys = _read(data, path)
    added = key_file.MasterKey.new()
    try:
        key_file.write(path, [*keys, added])
    except SettingError as error:
        raise Failure(str(error)) from None
    typer.echo(f"{added.id} is in {path}; restart the server to use it, and back the file up.")


def _read(data: Path, path: Path | None) -> tuple[Path, list[MasterKey]]:
    """The key file and its keys."""
    from inhouse.core.errors import SettingError
    from inhouse.store import key_file

    path = path or data / key_file.NAME
    if not path.exists():
        raise Failure(f"there is no key file {path}; the first start of the server makes it")
    try:
        return path, key_file.read(path)
    except SettingError as error:
        raise Failure(str(error)) from None
