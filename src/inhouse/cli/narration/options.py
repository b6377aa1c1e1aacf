"""What every narration command asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Name = Annotated[str, typer.Option(help="Name of the deployment; several can live side by side.")]
NAME, FOLDER = "narration", Path("inhouse-data")
