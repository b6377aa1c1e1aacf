"""Delivery to web endpoints: POST with strict limits, and never to link-local addresses.

https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
"""

from __future__ import annotations

import asyncio
import ssl
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import SOCK_STREAM
from typing import TYPE_CHECKING

import httpx

from inhouse.services.sns.outcomes import Failed, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

SECONDS = 15.0
"""A delivery may take so long, name resolution and connecting included."""
_METADATA = tuple(ip_network(block) for block in ("fd00:ec2::/32", "100.100.100.200/32"))


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def forbidden(address: str) -> bool:
    """Whether nothing may be sent to `address`: clouds keep machine credentials at link-local ones."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    special = ip.is_link_local or ip.is_multicast or ip.is_unspecified
    return special or any(ip in block for block in _METADATA if block.version == ip.version)


class Poster:
    """One HTTP client for all endpoints. The address that was checked is the one connected to."""

    def __init__(self, resolve: Resolve = resolve) -> None:
        self._resolve = resolve
        self._client: httpx.AsyncClient | None = None

    async def post(self, url: str, body: str, headers: Mapping[str, str]) -> None:
        """Delivers `body`. Raises Refused or Failed, with the reason, unless a 2xx answers."""
        try:
            async with asyncio.timeout(SECONDS):
                status = await self._post(url, body, headers)
        except TimeoutError:
            raise Failed(f"no answer within {SECONDS:g} seconds") from None
        except (httpx.HTTPError, OSError) as error:
            raise Failed(f"{type(error).__name__}: {error}") from None
        if status == 429 or status >= 500:
            raise Failed(f"the endpoint answered {status}")
        if not 200 <= status < 300:
            raise Refused(f"the endpoint answered {status}")

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _post(self, url: str, body: str, headers: Mapping[str, str]) -> int:
        try:
            target = httpx.URL(url)
            port = target.port or (443 if target.scheme == "https" else 80)
            addresses = await self._resolve(target.host, port)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise Refused(f"the endpoint is not a URL: {error}") from None
        if not addresses or any(forbidden(address) for address in addresses):
            raise Refused(f"{target.host} resolves to an address that nothing is sent to")
        client = self._http()
        request = client.build_request(
            "POST",
            target.copy_with(host=addresses[0].partition("%")[0]),
            content=body.encode(),
            headers={**headers, "Host": target.netloc.decode("ascii")},
            extensions={"sni_hostname": target.host},
        )
        auth = httpx.BasicAuth(target.username, target.password) if target.username else None
        answer = await client.send(request, stream=True, auth=auth)
        await answer.aclose()  # unread: its text is nobody's business and may be endless
        return answer.status_code

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=ssl.create_default_context(),
                timeout=SECONDS,
                follow_redirects=False,
                trust_env=False,
                limits=httpx.Limits(max_connections=200, max_keepalive_connections=0),
                headers={"User-Agent": "Amazon Simple Notification Service Agent"},
            )
        return self._client
