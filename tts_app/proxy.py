"""ASGI middleware for a service behind a proxy: what a proxy says of the client counts only if the proxy is one of ours.

Everything behind it sees the client's address and scheme in the scope, the path below the root path as ASGI wants it,
and no forwarding header at all, so that no library draws conclusions of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORWARDING = frozenset((b"forwarded", b"x-real-ip", b"x-client-ip", b"true-client-ip", b"via"))
FORWARDING_PREFIXES = (b"x-forwarded-", b"x-original-", b"x-rewrite-")
SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What stands in front of the service.

    `root_path` is empty, or begins with a slash and ends without one. `client_header`, in lower case, is the header in
    which a trusted proxy names the client, if it does.
    """

    root_path: str = ""
    trusted: tuple[Network, ...] = ()
    client_header: str | None = None

    def trusts(self, host: str | None) -> bool:
        """Whether the address `host` is one of the proxies."""
        address = address_of(host or "")
        return address is not None and any(address in network for network in self.trusted)


class Proxied:
    """Puts the client of a trusted proxy into the scope; takes away what others claim."""

    def __init__(self, app: ASGIApp, front: Front) -> None:
        self._app = app
        self._front = front
        self._client_header = front.client_header.encode("ascii") if front.client_header else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is no HTTP passes by."""
        if scope["type"] == "http":
            scope = self._seen_through(scope)
        await self._app(scope, receive, send)

    def _seen_through(self, scope: Scope) -> Scope:
        peer = scope["client"][0] if scope.get("client") else None
        trusted = self._front.trusts(peer)
        seen = {**scope, "headers": [pair for pair in scope["headers"] if self._keeps(pair[0], trusted=trusted)]}
        if trusted:
            hops = _values(scope, b"x-forwarded-for")
            seen["client"] = (self._client_of(hops, peer), 0)
            scheme = next(reversed(_values(scope, b"x-forwarded-proto")), "")
            seen["scheme"] = scheme if scheme in SCHEMES else scope["scheme"]
        return self._below_root(seen)

    def _keeps(self, name: bytes, *, trusted: bool) -> bool:
        if name == self._client_header:
            return trusted
        return name not in FORWARDING and not name.startswith(FORWARDING_PREFIXES)

    def _client_of(self, hops: list[str], peer: str | None) -> str | None:
        """The rightmost hop that is none of our proxies: what stands left of it, anybody may have written."""
        last = peer
        for hop in reversed(hops):
            address = _hop_address(hop)
            if address is None:
                return last
            last = str(address)
            if not self._front.trusts(last):
                return last
        return last

    def _below_root(self, scope: Scope) -> Scope:
        """The same, whether the proxy cut the root path off or left it: in ASGI the path holds it."""
        root = self._front.root_path
        if not root:
            return scope
        path: str = scope["path"]
        below = path == root or path.startswith(f"{root}/")
        raw: bytes = scope.get("raw_path") or path.encode()
        return {
            **scope,
            "root_path": root,
            "path": path if below else root + path,
            "raw_path": raw if below else root.encode() + raw,
        }


def address_of(text: str) -> Address | None:
    """The address that `text` is; an IPv4 address dressed as IPv6 is the IPv4 one."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _hop_address(hop: str) -> Address | None:
    """Of `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`."""
    if hop.startswith("["):
        return address_of(hop[1:].partition("]")[0])
    return address_of(hop.partition(":")[0] if hop.count(":") == 1 else hop)


def _values(scope: Scope, name: bytes) -> list[str]:
    """The values of a header that may be given as a list, several times, or both."""
    given: Iterable[str] = (value.decode("latin-1") for key, value in scope["headers"] if key == name)
    return [part.strip() for value in given for part in value.split(",") if part.strip()]
