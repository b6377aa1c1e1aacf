"""`inhouse narration deploy` and `destroy`."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from inhouse.cli.clients import aws_session
from inhouse.cli.env import Data
from inhouse.cli.failures import Failure
from inhouse.cli.narration.options import FOLDER, NAME, Name
from inhouse.solutions import narration


class Reuse(Enum):
    paragraph = "paragraph"
    sentence = "sentence"


def deploy(
    name: Name = NAME,
    voice: Annotated[
        str | None, typer.Option(help="Polly voice of articles that name none. [default: Joanna]")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Language of articles that name none. [default: en-US]")
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="Engine of the voice, as `neural` or `standard`.")
    ] = None,
    reuse: Annotated[
        Reuse, typer.Option(help="What is spoken as one, and again for free: cheaper by sentence.")
    ] = Reuse.paragraph,
    lexicon: Annotated[
        list[str] | None, typer.Option(help="Lexicon to apply; can be given several times.")
    ] = None,
    words: Annotated[
        bool, typer.Option(help="Keep the times of words, which AWS bills once more.")
    ] = True,
    keep_fragments: Annotated[
        float | None,
        typer.Option(help="Days for which fragments nobody needs are kept. [default: for ever]"),
    ] = None,
    data: Data = FOLDER,
) -> None:
    """Make topics, buckets, roles, functions and what connects them; print their names as JSON.

    Run again, it changes only what differs, and says what that was.
    """
    try:
        made = narration.deploy(
            aws_session(data), name, voice=voice, language=language, engine=engine,
            lexicons=lexicon or (), reuse=reuse.value, words=words,
            keep_fragments_days=keep_fragments,
        )  # fmt: skip
    except ValueError as error:
        raise Failure(str(error)) from None
    typer.echo(made.to_json())


def destroy(name: Name = NAME, data: Data = FOLDER) -> None:
    """Remove the deployment with everything it has narrated."""
    try:
        removed = narration.destroy(aws_session(data), name)
    except ValueError as error:
        raise Failure(str(error)) from None
    for done in removed:
        typer.echo(done)
