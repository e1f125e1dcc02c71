"""Which addresses may be dialled, and the one resolution that decides it.

The address that was checked is the address that is dialled: a name is resolved once per connection, every answer is looked
at, and the socket is opened to one of those very answers. So neither a mixed set of answers nor a name that changes between
two look-ups (DNS rebinding) can lead inside.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest

from watcher.fetch.limits import Failure

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_MOST_ANSWERS = 64

# What `is_global` of the standard library lets through, or did in a version that we still run on.
_DENIED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # RFC 6598, carrier-grade NAT
        "168.63.129.16/32",  # a cloud's metadata and DNS, on a public address
        "192.0.0.0/24",  # RFC 6890
        "192.88.99.0/24",  # RFC 7526, 6to4 relays
        "198.18.0.0/15",  # RFC 2544
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",  # IPv4-compatible, deprecated by RFC 4291
        "::ffff:0:0:0/96",  # RFC 2765, IPv4-translated
        "64:ff9b::/96",  # RFC 6052, NAT64
        "64:ff9b:1::/48",  # RFC 8215, local NAT64
        "100::/64",
        "2001::/23",  # RFC 2928, with Teredo (2001::/32)
        "2001:db8::/32",
        "2002::/16",  # RFC 3056, 6to4
        "3fff::/20",  # RFC 9637, documentation
        "5f00::/16",  # RFC 9602, segment routing
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",  # RFC 3879, site-local
        "ff00::/8",
    )
)


def is_public(address: Address) -> bool:
    """Tell whether `address` belongs to the public Internet, for sure."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.scope_id is not None:
            return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address.version == network.version and address in network for network in _DENIED)


class Guard:
    """Decide which addresses a host may be reached at.

    `allow_private` lists the networks (CIDR) that may be reached although they are not public. `contact` tells whether a
    contact address is set: without one nothing else may be asked.
    """

    def __init__(self, *, allow_private: Iterable[str] = (), contact: bool, resolve: Resolve | None = None) -> None:
        self._allowed: tuple[Network, ...] = tuple(ipaddress.ip_network(text, strict=False) for text in allow_private)
        self._contact = contact
        self._own_resolver = resolve is None
        self._threads: ThreadPoolExecutor | None = None
        self._resolve = resolve or self._getaddrinfo

    async def addresses(self, host: str, port: int, *, timeout: float) -> tuple[Address, ...]:  # noqa: ASYNC109
        """Resolve `host` once and return the checked addresses in the order to dial them.

        Families alternate, so that a broken IPv6 costs one attempt. Raises Failure `blocked_address` when any answer is
        not public, `no_contact`, `dns`, or `timeout`.
        """
        literal = _literal(host)
        if literal is not None:
            return (self.check(literal, host),)
        if not self._contact and not self._allowed:
            raise _no_contact()
        found = await self._answers(host, port, timeout)
        return _alternate([self.check(address, host) for address in found])

    def check(self, address: Address, host: str) -> Address:
        """Return `address` as it is to be dialled (IPv4-mapped ones unwrapped); raise Failure when it may not be."""
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(address.version == network.version and address in network for network in self._allowed):
            return address
        if not is_public(address):
            what = host if host == str(address) else f"{host} leads to {address}, which"
            raise Failure(
                "blocked_address",
                f"{what} is not a public address. If it is meant, add its network to settings.allow_private in sources.yaml.",
                transient=False,
            )
        if not self._contact:
            raise _no_contact()
        return address

    def check_literal(self, host: str) -> None:
        """Check a host that a proxy will resolve: any spelling of an address, and the names of this machine."""
        literal = _literal(host) or _legacy_ipv4(host)
        if literal is None and host.rstrip(".").lower().rpartition(".")[2] in ("localhost", "local", "internal"):
            literal = ipaddress.IPv4Address("127.0.0.1")
        if literal is not None:
            self.check(literal, host)
        elif not self._contact:
            raise _no_contact()

    def close(self) -> None:
        """Let go of the resolver's threads, without waiting for a look-up that hangs."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    async def _answers(self, host: str, port: int, timeout: float) -> list[Address]:  # noqa: ASYNC109
        look_up = asyncio.ensure_future(self._resolve(host, port))
        done, _ = await asyncio.wait({look_up}, timeout=timeout)
        if not done:
            look_up.cancel()
            raise Failure("timeout", f"The name {host} was not resolved in {timeout:.0f} s.")
        try:
            texts = look_up.result()
        except (OSError, UnicodeError) as error:
            raise Failure("dns", f"The name {host} could not be resolved ({error}).") from error
        if not texts:
            raise Failure("dns", f"The name {host} has no address.")
        # Beyond this many, the set is not one that a publisher would serve: a part of it would be dialled unchecked.
        if len(texts) > _MOST_ANSWERS:
            raise Failure("dns", f"The name {host} has {len(texts)} addresses; more than {_MOST_ANSWERS} are not looked at.")
        return [ipaddress.ip_address(text) for text in dict.fromkeys(texts)]

    async def _getaddrinfo(self, host: str, port: int) -> list[str]:
        if self._threads is None:
            # Own threads: a few hanging look-ups must not use up those of the event loop.
            self._threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="resolver")
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port)
        return [str(sockaddr[0]) for *_, sockaddr in found]


def _look_up(
    host: str, port: int
) -> list[tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]]:
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP))


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _legacy_ipv4(host: str) -> ipaddress.IPv4Address | None:
    """Read the spellings that inet_aton takes: decimal, octal, hexadecimal, short."""
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
    except (OSError, ValueError):
        return None


def _alternate(addresses: list[Address]) -> tuple[Address, ...]:
    """Take one of each family in turn, beginning with the resolver's first choice (RFC 8305, 4)."""
    first = [address for address in addresses if address.version == addresses[0].version]
    other = [address for address in addresses if address.version != addresses[0].version]
    return tuple(address for pair in zip_longest(first, other) for address in pair if address is not None)


def _no_contact() -> Failure:
    return Failure(
        "no_contact",
        "No contact address is set, so no site may be asked. Add to sources.yaml, under settings:\n"
        "  contact: you@example.org    # shown to publishers in the user agent",
        transient=False,
    )
