"""Filters of parameters: which an operation takes, and what they find.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from inhouse.core.errors import ServiceError
from inhouse.services.ssm import names, rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inhouse.core.ports import Row, Tx

DESCRIBING: Final = ("Path", "Name", "Type", "KeyId", "Tier")
"""Keys that DescribeParameters tells; it takes DataType and `tag:` too."""
BY_PATH: Final = ("Type", "KeyId")
"""Keys that GetParametersByPath tells; it takes Label too."""
_UNTOLD: Final = {DESCRIBING: "DataType", BY_PATH: "Label"}
_VALUES: Final = {
    "Tier": ("Standard", "Advanced", "Intelligent-Tiering"),
    "Type": ("String", "StringList", "SecureString"),
}
_COLUMNS: Final = {"Type": "type", "KeyId": "key_id", "Tier": "tier", "DataType": "data_type"}
_PATH: Final = re.compile(r"/(?:[a-zA-Z0-9_.\-]+(?:/[a-zA-Z0-9_.\-]+)*/?)?").fullmatch
_RESERVED: Final = re.compile(r"/(?:aws|ssm)", re.IGNORECASE).match


def described(req: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The filters of DescribeParameters. Raises for those that it does not take."""
    given, old = req.get("ParameterFilters") or [], req.get("Filters") or []
    if given and old:
        raise ServiceError(
            "ValidationException",
            "You can use either Filters or ParameterFilters in a single request.",
        )
    check(given, DESCRIBING)
    # `Filters`, which ParameterFilters replaced: names begin with a value, others equal it.
    return [
        *given,
        *({**one, "Option": "BeginsWith" if one["Key"] == "Name" else "Equals"} for one in old),
    ]


def check(filters: Sequence[Mapping[str, Any]], told: tuple[str, ...]) -> None:
    """Raises InvalidFilterKey, InvalidFilterOption, InvalidFilterValue or ValidationException.

    `told` is DESCRIBING or BY_PATH.
    """
    seen = set()
    for one in filters:
        key: str = one["Key"]
        tag = key.startswith("tag:") and told is DESCRIBING
        if key not in told and key != _UNTOLD[told] and not tag:
            raise ServiceError(
                "InvalidFilterKey",
                f"The following filter key is not valid: {key}. Valid filter keys include: "
                f"[{', '.join(told)}].",
            )
        if key in seen:
            raise ServiceError(
                "InvalidFilterKey",
                f"The following filter is duplicated in the request: {key}. A request can contain "
                "only one occurrence of a specific filter.",
            )
        seen.add(key)
        if not one.get("Values") and not tag:
            raise ServiceError(
                "InvalidFilterValue",
                f"The following filter values are missing : null for filter key {key}",
            )
        _check_one(key, one.get("Option"), one.get("Values") or [])


def check_path(path: str) -> None:
    """Raises ValidationException unless `path` is the begin of a hierarchy."""
    if not _PATH(path):
        raise ServiceError(
            "ValidationException",
            "The parameter doesn't meet the parameter name requirements. The parameter name must "
            'begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" '
            "(case-insensitive). It must use only letters, numbers, or the following symbols: . "
            "(period), - (hyphen), _ (underscore). Special characters are not allowed. All "
            'sub-paths, if specified, must use the forward slash symbol "/". Valid example: '
            "/get/parameters2-/by1./path0_.",
        )


def fits(tx: Tx, row: Row, filters: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all of the checked `filters` find this version of a parameter."""
    return all(_fits_one(tx, row, one) for one in filters)


def below(name: str, path: str, *, deep: bool) -> bool:
    """Whether a parameter stands right below `path`, or anywhere below it. `a` stands below `/`."""
    prefix = path.rstrip("/") + "/"
    whole = _whole(name)
    return whole.startswith(prefix) and (deep or "/" not in whole[len(prefix) :])


def _check_one(key: str, option: str | None, values: Sequence[str]) -> None:
    options = ("Recursive", "OneLevel") if key == "Path" else ("BeginsWith", "Equals")
    takes = (*options, "Contains") if key == "Name" else options
    if option is not None and option not in takes:
        raise ServiceError(
            "InvalidFilterOption",
            f"The following filter option is not valid: {option}. Valid options include: "
            f"[{', '.join(options)}].",
        )
    if key == "Path":
        _check_paths(values)
    for value in values:
        if key in _VALUES and value not in _VALUES[key]:
            raise ServiceError(
                "InvalidFilterOption",
                f"The following filter value is not valid: {value}. Valid values include: "
                f"[{', '.join(_VALUES[key])}].",
            )


def _check_paths(paths: Sequence[str]) -> None:
    if any(_RESERVED(path) for path in paths):
        raise ServiceError(
            "ValidationException",
            'Filters for common parameters can\'t be prefixed with "aws" or "ssm" '
            "(case-insensitive). When using global parameters, please specify within a global "
            "namespace.",
        )
    for path in paths:
        check_path(path)


def _fits_one(tx: Tx, row: Row, one: Mapping[str, Any]) -> bool:
    key, values = one["Key"], one.get("Values") or []
    if key == "Path":
        deep = one.get("Option") == "Recursive"
        return any(below(row["name"], path, deep=deep) for path in values)
    option = one.get("Option") or "Equals"
    if key.startswith("tag:"):
        selector = names.Selector(row["account"], row["region"], row["name"], "")
        tags = rows.tags_of(tx, selector)
        return key[4:] in tags and (not values or _compares(tags[key[4:]], option, values))
    if key == "Label":
        return any(_compares(label, option, values) for label in orjson.loads(row["labels"]))
    if key == "Name":
        wanted = values if option == "Contains" else [_whole(value) for value in values]
        return _compares(_whole(row["name"]), option, wanted)
    return _compares(str(row[_COLUMNS[key]] or ""), option, values)


def _compares(found: str, option: str, values: Sequence[str]) -> bool:
    if option == "Equals":
        return found in values
    if option == "BeginsWith":
        return found.startswith(tuple(values))
    return any(value in found for value in values)


def _whole(name: str) -> str:
    """A name with the slash that names of one level may leave out."""
    return name if name.startswith("/") else f"/{name}"
