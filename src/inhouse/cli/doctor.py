"""`inhouse doctor`."""

from __future__ import annotations

import importlib.util
import json
import platform
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from inhouse.cli.env import Data
from inhouse.cli.failures import FAILED
from inhouse.cli.keys import KeyFile


def doctor(
    data: Data = Path("inhouse-data"),
    key_file: KeyFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell what this machine offers Inhouse, and what is missing for which service.

    Exits with 1 when something that every installation needs is wrong.
    """
    findings = [
        _python(),
        _disk(data),
        _keys(key_file or data / "master-keys.json", data),
        _speech(),
        _isolation(),
        _bubblewrap(),
        _server(data),
    ]
    if as_json:
        typer.echo(
            json.dumps([{"what": w, "state": s, "note": n} for w, s, n in findings], indent=2)
        )
    else:
        table = Table(box=None, show_header=False)
        marks = {"ok": "[green]ok[/]", "missing": "[yellow]missing[/]", "wrong": "[red]wrong[/]"}
        for what, state, note in findings:
            table.add_row(marks[state], what, note)
        Console().print(table)
    if any(state == "wrong" for _, state, _ in findings):
        raise typer.Exit(FAILED)


Finding = tuple[str, str, str]


def _python() -> Finding:
    good = sys.version_info >= (3, 11)
    return "Python", "ok" if good else "wrong", f"{platform.python_version()}; 3.11 or newer"


def _disk(data: Path) -> Finding:
    folder = next(p for p in (data.resolve(), *data.resolve().parents) if p.exists())
    free = shutil.disk_usage(folder).free / (1 << 30)
    return "Disk", "ok" if free > 1 else "wrong", f"{free:.1f} GiB free under {folder}"


def _keys(path: Path, data: Path) -> Finding:
    """Where the master keys are, and who may read them."""
    from inhouse.compute import check_unseen
    from inhouse.core.errors import SettingError
    from inhouse.store import key_file

    if not path.exists():
        return "Keys", "missing", f"no key file {path}; the first start makes it"
    try:
        check_unseen(path, data)
        keys = key_file.read(path)
    except SettingError as error:
        return "Keys", "wrong", str(error)
    mode = f"{path}, mode {path.stat().st_mode & 0o777:04o}, keys: {len(keys)}"
    if not key_file.is_private(path):
        return "Keys", "wrong", f"{mode}; others may read it: chmod 600 {path}"
    return "Keys", "ok", f"{mode}; back it up apart from the data, which is lost without it"


def _speech() -> Finding:
    missing = [m for m in ("piper", "av", "numpy") if importlib.util.find_spec(m) is None]
    if missing:
        return "Speech", "missing", 'neural voices need: pip install "inhouse[speech]"'
    return "Speech", "ok", "neural voice and encoders are installed"


def _isolation() -> Finding:
    from inhouse.compute import isolation

    found = isolation()
    egress = "egress rules are kept" if found.own_network else "egress rules cannot be kept"
    egress += "; with `any` functions reach all that this machine does, a cloud's metadata included"
    state = "ok" if found.kind != "weak" and found.own_network else "missing"
    return "Isolation", state, f"{found.kind}: {found.why}; {egress}"


def _bubblewrap() -> Finding:
    from inhouse.compute import bubblewrap, isolation

    kind, program = isolation().kind, bubblewrap.program()
    if kind == "bubblewrap":
        return "Bubblewrap", "ok", f"used, from {program}"
    if kind in ("namespaces", "user-namespaces"):
        there = f"{program} is installed" if program else "not installed"
        return "Bubblewrap", "ok", f"{there}, and not needed: this machine grants namespaces itself"
    if program is None:
        return "Bubblewrap", "missing", "might isolate functions: apt install bubblewrap, or alike"
    return "Bubblewrap", "missing", f"{program} is installed and does not work here"


def _server(data: Path) -> Finding:
    from inhouse.local_session import NotRunning, facts

    try:
        return "Server", "ok", f"{facts(data)['endpoint']} on {data}"
    except (NotRunning, PermissionError) as error:
        return "Server", "missing", str(error)
