"""Every setting of the server. `INHOUSE_<NAME>` in the environment sets it; flags win over that."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once at start. docs/reference/settings.md is generated from these descriptions."""

    model_config = SettingsConfigDict(env_prefix="INHOUSE_", extra="ignore")

    data: Path = Field(Path("inhouse-data"), description="Data directory; one server at a time.")
    key_file: Path | None = Field(
        None,
        description="Key file with the master keys that what is stored is encrypted under; "
        "`master-keys.json` in the data directory if not given. Without it the data is lost.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(4566, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    tls: bool = Field(False, description="Serve https with a self-signed certificate.")
    domains: str = Field(
        "",
        description="Host names, with commas between them, below which names of buckets and access "
        "points are read as below `localhost` and `127.0.0.1`.",
    )
    ephemeral: bool = Field(
        False, description="Keep everything in a temporary folder that goes with the server."
    )
    region: str = Field("us-east-1", description="Region of calls that are not signed for one.")
    account: str = Field(
        "123456789012", pattern=r"^\d{12}$", description="The management account, 12 digits."
    )
    admin_access_key_id: str | None = Field(
        None, description="Access key id of the admin, instead of a generated one."
    )
    admin_secret_access_key: SecretStr | None = Field(
        None, description="Secret of the admin's key, instead of a generated one."
    )
    max_header_bytes: int = Field(64 << 10, description="Most bytes of a request's head.")
    max_body_bytes: int = Field(
        96 << 20, description="Most bytes of a request body that is not streamed."
    )
    max_anonymous_body_bytes: int = Field(
        1 << 20, description="The same for requests without a signature."
    )
    max_buffered_bytes: int = Field(
        512 << 20, description="Most bytes of such bodies held at once, all requests together."
    )
    max_concurrency: int = Field(
        1000, description="Connections served at once; more are answered 503."
    )
    head_timeout: float = Field(
        10, description="Seconds a client has to send a request's head before it is cut off."
    )
    body_timeout: float = Field(
        30, description="Seconds without progress in a body before the client is cut off."
    )
    keep_alive: float = Field(75, description="Seconds an idle connection is kept open.")
    worker_idle: float = Field(
        300, description="Seconds after which an idle function or speech worker ends."
    )
    worker_limit: int = Field(64, description="Function workers alive at once.")
    function_egress: Literal["none", "inhouse", "any"] = Field(
        "any",
        description="Most that functions may reach over the network: `none`, this server alone "
        "(`inhouse`) or `any`; a function's tag `inhouse:egress` may name less.",
    )
    lambda_retry_delay: float = Field(
        60,
        description="Seconds before a failed asynchronous invocation is tried again; the second "
        "retry waits twice that.",
    )
    object_lambda_limit: int = Field(
        60,
        ge=1,
        description="Seconds that a function has to answer a read through an Object Lambda access "
        "point, to the last byte.",
    )
    voices: Path | None = Field(
        None, description="TOML file that maps Polly's voice ids to installed voices."
    )
    polly_upstream: str = Field(
        "",
        description="What Amazon Polly itself speaks: voice ids, engines or `all`, with commas "
        "between them; empty for nothing.",
    )
    polly_upstream_region: str | None = Field(
        None, description="Region of Amazon Polly; INHOUSE_REGION's if not given."
    )
    polly_upstream_profile: str | None = Field(
        None, description="Profile of the AWS configuration whose keys Amazon Polly is called with."
    )
    polly_upstream_access_key_id: str | None = Field(
        None, description="Access key id for Amazon Polly, instead of a profile."
    )
    polly_upstream_secret_access_key: SecretStr | None = Field(
        None, description="Secret of the access key for Amazon Polly."
    )
    polly_upstream_endpoint: str | None = Field(
        None,
        description="URL that is called instead of Amazon Polly's, as that of another Inhouse.",
    )
    polly_marks_mib: int = Field(
        128,
        ge=0,
        description="MiB of speech marks remembered for 72 hours, so that asking for the marks of "
        "what was just spoken costs nothing; 0 remembers none.",
    )
    log_level: str = Field("info", description="debug, info, warning or error.")
    log_json: bool = Field(False, description="Write the log as JSON lines.")
