"""Whether workers could read a secret file, because all of them are shown the folder it is in.

A folder that must not be seen is covered in a worker's root; a file is not: what later replaces it,
as a rotation of keys does, would show through, and Landlock hides nothing in what it shows.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path

from inhouse.compute import launcher
from inhouse.compute.isolation import interpreter, isolation
from inhouse.core.errors import SettingError


def check_unseen(file: Path, covered: Path) -> None:
    """Raises SettingError for a file that workers with the server's user could read.

    `covered` is a folder that is hidden from them. Workers with users of their own are kept out by
    the file's mode.
    """
    folder = _shown(file.resolve())
    if folder is None:
        return
    found = isolation()
    hidden = found.own_root and file.resolve().is_relative_to(covered.resolve())
    if hidden or found.kind in ("namespaces", "users"):
        return
    raise SettingError(
        f"the key file {file} is in {folder}, which functions are shown, and here they have the "
        f"server's user (isolation: {found.kind}): move it to a folder of its own, for example "
        "below /etc or your home, and set INHOUSE_KEY_FILE to it"
    )


def _shown(file: Path) -> Path | None:
    """The folder with `file` that workers see: the system's, the interpreter's, its packages'."""
    packages = (sysconfig.get_path(name) for name in ("purelib", "platlib"))
    folders = (
        *(Path("/", name) for name in launcher.SYSTEM),
        *interpreter()[1],
        *map(Path, packages),
    )
    return next((each for each in folders if file.is_relative_to(each.resolve())), None)
