"""A boto3 session for a server on this machine that needs no DNS at all.

Bucket hosts such as `my-bucket.localhost` resolve only where the system knows `*.localhost`.
This session sends every request to the server's own address and keeps the Host header, which is
what the server routes and the signature covers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    import boto3
    import botocore.session
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.httpsession import URLLib3Session


class NotRunning(Exception):
    """No server is running on the data directory."""


def facts(data: Path | str = "inhouse-data") -> dict[str, Any]:
    """What the server on `data` left for its users: endpoint, region, account, admin key.

    Raises NotRunning when none has written it, PermissionError when it is somebody else's.
    """
    folder = Path(data)
    try:
        server = json.loads((folder / "server.json").read_bytes())
        key = json.loads((folder / "credentials.json").read_bytes())
    except FileNotFoundError:
        raise NotRunning(
            f"No Inhouse server is running on {folder}. Start one: inhouse serve --data {folder}"
        ) from None
    return {**server, **key}


def session(
    endpoint_url: str | None = None,
    *,
    data: Path | str = "inhouse-data",
    aws_access_key_id: str | None = None,
    aws_secret_access_key: str | None = None,
    aws_session_token: str | None = None,
    region_name: str | None = None,
    verify: str | bool | None = None,
) -> boto3.Session:
    """A boto3 session whose clients talk to Inhouse.

    Without `endpoint_url` and keys they come from the server running on `data`. `verify` is the
    path of the server's certificate when it serves https.
    """
    if endpoint_url is None or aws_access_key_id is None:
        known = facts(data)
        endpoint_url = endpoint_url or known["endpoint"]
        aws_access_key_id = aws_access_key_id or known["access_key_id"]
        aws_secret_access_key = aws_secret_access_key or known["secret_access_key"]
        region_name = region_name or known["region"]
        verify = verify if verify is not None else known["certificate"]
    import boto3  # commands that only want the facts start sooner without it
    import botocore.session
    from botocore.httpsession import URLLib3Session

    core = botocore.session.Session()
    made = boto3.Session(
        aws_access_key_id,
        aws_secret_access_key,
        aws_session_token,
        region_name or "us-east-1",
        botocore_session=core,
    )
    address = urlsplit(endpoint_url)
    named = address._replace(netloc=f"localhost:{address.port}")
    core.set_config_variable("ignore_configured_endpoint_urls", False)
    _default_endpoint(core, urlunsplit(named))
    http = URLLib3Session(verify=True if verify is None else verify)  # type: ignore[arg-type]
    core.register("before-send", _Redirect(http, address.netloc))  # type: ignore[arg-type]
    return made


class _Redirect:
    """Sends a prepared request to one address, whatever host it names."""

    def __init__(self, http: URLLib3Session, netloc: str) -> None:
        self._http = http
        self._netloc = netloc

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> Any:
        parts = urlsplit(request.url)
        request.headers["Host"] = parts.netloc
        request.url = urlunsplit(parts._replace(netloc=self._netloc))
        return self._http.send(request)


def _default_endpoint(core: botocore.session.Session, url: str) -> None:
    """Makes `url` the endpoint of clients that name none."""
    create = core.create_client

    def create_client(service_name: str, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("endpoint_url") is None:
            kwargs["endpoint_url"] = url
        return create(service_name, *args, **kwargs)

    core.create_client = create_client  # type: ignore[method-assign]
