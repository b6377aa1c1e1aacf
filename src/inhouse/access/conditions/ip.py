"""IpAddress and NotIpAddress: addresses and CIDR ranges, IPv4 and IPv6."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from inhouse.access.conditions.operator import Operator, Test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inhouse.access.request import Asked

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=1024)
def _address(text: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped  # a dual-stack socket reports IPv4 callers like this
    return address


def _network(text: str) -> _Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _within(values: Sequence[str], variables: bool) -> Test:
    networks = tuple(network for network in map(_network, values) if network is not None)

    def test(value: str, asked: Asked) -> bool:
        address = _address(value)
        return address is not None and any(address in network for network in networks)

    return test


def _fault(value: str) -> str | None:
    if _network(value) is not None:
        return None
    return "expected an address or a CIDR range such as 203.0.113.0/24 or 2001:db8::/32"


OPERATORS: Final = {
    "IpAddress": Operator(_within, fault=_fault),
    "NotIpAddress": Operator(_within, negated=True, fault=_fault),
}
