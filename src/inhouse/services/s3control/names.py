"""Names, ARNs and aliases of access points.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ids import Ids

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*[a-z0-9]").fullmatch
_ARN = re.compile(
    r"arn:aws:s3(-object-lambda)?:([a-z0-9-]+):([0-9]{12}):accesspoint/([a-z0-9-]+)"
).fullmatch
_LONGEST = {False: 50, True: 45}
MOST = {False: 10_000, True: 1_000}
"""Access points of a kind in a region of an account."""
_ALIAS_NAME, _ALIAS_TOKEN = 20, 34
_ENDINGS = {False: "-s3alias", True: "--ol-s3"}


@dataclass(frozen=True, slots=True)
class Name:
    """Which access point; an empty `name` is none in particular."""

    account: str
    region: str
    name: str
    object_lambda: bool = False

    @property
    def arn(self) -> str:
        service = "s3-object-lambda" if self.object_lambda else "s3"
        return f"arn:aws:{service}:{self.region}:{self.account}:accesspoint/{self.name}"


def of_arn(text: str) -> Name | None:
    """The access point of either kind that an ARN names; None for other ARNs."""
    found = _ARN(text)
    if found is None:
        return None
    kind, region, account, name = found.groups()
    return Name(account, region, name, kind is not None)


def ordinary(call: Call, req: Mapping[str, Any]) -> Name:
    """The access point that a request is about: in its account, in the region it was sent to."""
    return Name(req["AccountId"], call.region, req.get("Name", ""))


def transforming(call: Call, req: Mapping[str, Any]) -> Name:
    """The Object Lambda access point that a request is about."""
    return Name(req["AccountId"], call.region, req.get("Name", ""), object_lambda=True)


def arn(call: Call, req: Mapping[str, Any]) -> str:
    return ordinary(call, req).arn


def transforming_arn(call: Call, req: Mapping[str, Any]) -> str:
    return transforming(call, req).arn


def everything(call: Call, req: Mapping[str, Any]) -> str:
    """Listings and the account's own settings are authorized on `*`, in the own account only."""
    if req["AccountId"] != call.principal.account:
        raise ServiceError(
            "AccessDenied",
            f"Access Denied: AccountId is {req['AccountId']!r}; it must be the caller's account.",
            status=403,
        )
    return "*"


def check(name: Name) -> None:
    """Raises InvalidURI for names that no access point can have."""
    text, longest = name.name, _LONGEST[name.object_lambda]
    reserved = text.startswith("xn--") or text.endswith(tuple(_ENDINGS.values()))
    if not 3 <= len(text) <= longest or not _NAME(text) or reserved:
        raise ServiceError(
            "InvalidURI",
            "Couldn't parse the specified URI.",
            status=400,
            URI=f"accesspoint/{text[:80]}",
            Detail=f"Name {text[:80]!r} cannot be an access point's: 3 to {longest} lower case letters, "
            "digits and hyphens, a letter or digit at both ends, not beginning with xn-- and not "
            "ending in -s3alias or --ol-s3.",
        )


def alias(ids: Ids, name: Name) -> str:
    """A name that stands for the access point wherever a bucket's name is wanted."""
    token = "".join(one for one in ids.token(3 * _ALIAS_TOKEN).lower() if one.isalnum())
    start = name.name[:_ALIAS_NAME].rstrip("-")
    return f"{start}-{token[:_ALIAS_TOKEN]}{_ENDINGS[name.object_lambda]}"


def taken(name: Name) -> ServiceError:
    return ServiceError(
        "AccessPointAlreadyOwnedByYou",
        "Your previous request to create the named accesspoint succeeded and you already own it.",
        status=409,
        AccessPointName=name.name,
    )


def missing(name: Name) -> ServiceError:
    return ServiceError(
        "NoSuchAccessPoint",
        "The specified accesspoint does not exist",
        status=404,
        AccessPointName=name.name[:80],
        Detail=f"{name.account} has no access point of this kind and name in {name.region}.",
    )
