"""Functions, their versions and aliases, layers, and events that wait to be handled."""

from typing import Any

from sqlalchemy import Column, Float, Integer, LargeBinary, Table, Text

from inhouse.store.metadata import metadata

ROOM = {"room": "lambda_"}


def _key() -> tuple[Column[str], ...]:
    """Which function a row belongs to."""
    return tuple(Column(name, Text, primary_key=True) for name in ("account", "region", "name"))


def _code_and_settings() -> tuple[Column[Any], ...]:
    """What $LATEST and every version have."""
    return (
        Column("runtime", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("handler", Text, nullable=False),
        Column("description", Text, nullable=False),
        Column("timeout", Integer, nullable=False),  # seconds
        Column("memory", Integer, nullable=False),  # MiB
        Column("scratch", Integer, nullable=False),  # MiB in /tmp
        Column("environment", Text, nullable=False),  # JSON object
        Column("layers", Text, nullable=False),  # JSON list of layer version ARNs
        Column("architectures", Text, nullable=False),  # JSON list
        Column("dead_letter", Text),  # ARN
        Column("tracing", Text, nullable=False),
        Column("logging", Text),  # JSON of LoggingConfig; null for AWS's defaults
        Column("code_blob", Text, nullable=False),
        Column("code_size", Integer, nullable=False),
        Column("code_sha256", Text, nullable=False),  # base64, as AWS shows it
        Column("modified", Float, nullable=False),
    )


def _access_and_events() -> tuple[Column[Any], ...]:
    """What a function, a version and an alias each have of their own."""
    return (
        Column("revision", Text, nullable=False),
        Column("policy", Text, nullable=False),  # JSON list of statements
        Column("events", Text),  # JSON of PutFunctionEventInvokeConfig; null for none
    )


functions = Table(
    "lambda_functions",
    metadata,
    *_key(),
    *_code_and_settings(),
    *_access_and_events(),
    Column("concurrency", Integer),  # reserved; null for none
    Column("tags", Text, nullable=False),  # JSON object
    info=ROOM,
)
versions = Table(
    "lambda_versions",
    metadata,
    *_key(),
    Column("version", Integer, primary_key=True),
    *_code_and_settings(),
    *_access_and_events(),
    info=ROOM,
)
version_numbers = Table(  # stay when the function goes: a number is not used twice
    "lambda_version_numbers",
    metadata,
    *_key(),
    Column("last", Integer, nullable=False),
    info=ROOM,
)
aliases = Table(
    "lambda_aliases",
    metadata,
    *_key(),
    Column("alias", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("other_version", Text),  # that gets a part of the invocations
    Column("other_weight", Float),
    Column("description", Text, nullable=False),
    *_access_and_events(),
    info=ROOM,
)
layers = Table(
    "lambda_layers",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("description", Text, nullable=False),
    Column("runtimes", Text, nullable=False),  # JSON list
    Column("architectures", Text, nullable=False),  # JSON list
    Column("license", Text),
    Column("code_blob", Text, nullable=False),
    Column("code_size", Integer, nullable=False),
    Column("code_sha256", Text, nullable=False),
    Column("created", Float, nullable=False),
    # 1 once deleted: the number is not used twice, and functions that use it go on
    Column("deleted", Integer, nullable=False),
    Column("policy", Text, nullable=False, server_default="[]"),  # JSON list of statements
    Column("revision", Text, nullable=False, server_default=""),  # of the policy
    info=ROOM,
)
events = Table(
    "lambda_events",
    metadata,
    Column("id", Text, primary_key=True),  # the request id that the caller was told
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("qualifier", Text, nullable=False, server_default=""),  # that was invoked
    Column("payload", LargeBinary, nullable=False),
    Column("client_context", Text),
    Column("received", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("throttles", Integer, nullable=False),
    info=ROOM,
)
