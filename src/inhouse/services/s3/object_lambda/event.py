"""The event that a function is given.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-event-context.html
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from inhouse.services.s3.object_lambda.exchanges import ROUTE
from inhouse.wire.presign import presigned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.access_points import AccessPoint
    from inhouse.core.call import Call
    from inhouse.core.ports import Credentials
    from inhouse.core.principal import Principal
    from inhouse.services.s3.object_lambda.exchanges import Exchange

VERSION = "1.00"
_CONTEXTS = {
    "GetObject": "getObjectContext",
    "HeadObject": "headObjectContext",
    "ListObjects": "listObjectsContext",
    "ListObjectsV2": "listObjectsV2Context",
}
_SIGNED = ("x-amz-expected-bucket-owner", "x-amz-request-payer")
"""Headers of the caller that are part of the URL's signature; the function has to send them."""
_TYPES = {"root": "Root", "user": "IAMUser", "role": "AssumedRole"}
_SPELLED = {"x-amz-content-sha256": "X-Amz-Content-SHA256"}


def event(
    call: Call,
    operation: str,
    req: Mapping[str, Any],
    *,
    payload: str,
    credentials: Credentials,
    seconds: int,
    exchange: Exchange | None,
) -> dict[str, Any]:
    """`credentials` are the caller's, lent for the URL and for `seconds`; `exchange` is there for
    GetObject."""
    via = call.via
    assert via is not None
    assert via.supporting is not None
    context = {"inputS3Url": _input_url(call, operation, req, via.supporting, credentials, seconds)}
    if exchange is not None:
        context |= {"outputRoute": ROUTE, "outputToken": exchange.token}
    return {
        "xAmzRequestId": call.request_id,
        _CONTEXTS[operation]: context,
        "configuration": {
            "accessPointArn": via.arn,
            "supportingAccessPointArn": via.supporting.arn,
            "payload": payload,
        },
        "userRequest": {"url": _user_url(call, req, via), "headers": _headers(call)},
        "userIdentity": _identity(call.principal),
        "protocolVersion": VERSION,
    }


def _input_url(
    call: Call,
    operation: str,
    req: Mapping[str, Any],
    supporting: AccessPoint,
    credentials: Credentials,
    seconds: int,
) -> str:
    """By the alias in the path: it needs no name to resolve. Range and partNumber are left to
    the function, as on AWS."""
    if operation.startswith("List"):
        path, query = "", _queried(call)
    else:
        path, query = quote(req["Key"], safe="/-_.~"), []
        if req.get("VersionId") is not None:
            query.append(("versionId", req["VersionId"]))
    headers = call.origin.headers
    return presigned(
        "HEAD" if operation == "HeadObject" else "GET",
        f"{call.house.endpoint}/{supporting.alias}/{path}",
        credentials,
        query=query,
        headers={name: headers[name] for name in _SIGNED if name in headers},
        region=supporting.region,
        now=call.house.clock.now(),
        seconds=seconds,
    )


def _queried(call: Call) -> list[tuple[str, str]]:
    """The caller's query but for what signed it."""
    fields = parse_qsl(call.origin.query, keep_blank_values=True)
    return [(name, value) for name, value in fields if not _is_signing(name)]


def _is_signing(name: str) -> bool:
    return name.lower().startswith("x-amz-") or name in ("AWSAccessKeyId", "Signature", "Expires")


def _user_url(call: Call, req: Mapping[str, Any], via: AccessPoint) -> str:
    """Decoded, and in AWS's form whichever way the access point was named: the path is the key."""
    parts = urlsplit(call.house.endpoint)
    host = f"{via.name}-{via.account}.s3-object-lambda.{via.region}.{parts.netloc}"
    query = "&".join(
        field
        for field in call.origin.query.split("&")
        if field and not _is_signing(unquote(field.partition("=")[0]))
    )
    url = f"{parts.scheme}://{host}/{req.get('Key', '')}"
    return f"{url}?{unquote(query)}" if query else url


def _headers(call: Call) -> dict[str, str]:
    """The server knows names in lower case only; they are given in the case of the RFCs."""
    return {
        _SPELLED.get(name) or name.title(): value for name, value in call.origin.headers.items()
    }


def _identity(principal: Principal) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html"""
    found: dict[str, Any] = {
        "type": _TYPES.get(principal.kind, "Unknown"),
        "principalId": principal.unique_id,
        "arn": principal.arn,
        "accountId": principal.account,
        "accessKeyId": principal.access_key_id,
    }
    if principal.kind == "user":
        found["userName"] = principal.arn.rpartition("/")[2]
    if principal.kind == "role":
        found["sessionContext"] = {
            "attributes": _session(principal),
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal.unique_id.partition(":")[0],
                "arn": principal.identity_arn,
                "accountId": principal.account,
                "userName": principal.identity_arn.rpartition("/")[2],
            },
        }
    return found


def _session(principal: Principal) -> dict[str, str]:
    found = {"mfaAuthenticated": str(principal.context.get("aws:MultiFactorAuthPresent", "false"))}
    issued = principal.context.get("aws:TokenIssueTime")
    if isinstance(issued, str):
        moment = datetime.fromisoformat(issued)
        found["creationDate"] = f"{moment:%a %b %d %H:%M:%S} UTC {moment:%Y}"
    return found
