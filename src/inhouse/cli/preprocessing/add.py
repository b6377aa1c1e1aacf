"""`inhouse preprocessing add`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from inhouse.cli.clients import aws_session
from inhouse.cli.env import Data
from inhouse.cli.failures import Failure
from inhouse.cli.preprocessing import options as told
from inhouse.solutions import preprocessing
from inhouse.solutions.preprocessing.deployment import MEMORY_MIB


def add(
    name: told.Name,
    bucket: told.Bucket,
    transform: told.Transform,
    size: told.Size = None,
    interpolation: told.Interpolation = None,
    crop: told.Crop = False,
    gray: told.Gray = False,
    normalize: told.Normalize = None,
    format: told.Format = None,
    quality: told.Quality = None,
    reduced: told.Reduced = False,
    kinds: told.Kinds = None,
    fields: told.Fields = None,
    member: told.Member = None,
    max_bytes: told.MaxBytes = None,
    columns: told.Columns = None,
    where: told.Where = None,
    delimiter: told.Delimiter = None,
    memory: told.Memory = MEMORY_MIB,
    layer: told.Layer = None,
    data: Data = Path("inhouse-data"),
) -> None:
    """Make a function, access points, role and policies; print their names as JSON.

    Run again, it changes only what differs, and says what that was.
    """
    options = _given(
        size=size, interpolation=interpolation, crop=crop, gray=gray, normalize=normalize,
        format=format, quality=quality, reduced=reduced, kinds=kinds, fields=fields,
        member=member, max_bytes=max_bytes, columns=columns, where=where, delimiter=delimiter,
    )  # fmt: skip
    try:
        made = preprocessing.add(
            aws_session(data), name, bucket, transform, options, memory=memory,
            layers=layer or (),
        )  # fmt: skip
    except ValueError as error:
        raise Failure(str(error)) from None
    typer.echo(made.to_json())


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value not in (None, False, [])}
