"""Only public addresses are reached, whatever the spelling, the resolver or the moment."""

import asyncio
import ipaddress
import socket
import time
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.fetch.servers import MakeClient, Server, refused, reply
from watcher.errors import FetchError
from watcher.fetch import Limits
from watcher.fetch.guard import Guard, is_public
from watcher.fetch.limits import Failure
from watcher.model import Request

PUBLIC = "93.184.216.34"

# Each is put in http://HOST:PORT/ with the port of a canary that listens on 127.0.0.1 and on ::1.
SPELLINGS = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.000.000.001",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0x7f000001",
    "0X7F000001",
    "0x7f.0x0.0x0.0x1",
    "2130706433",
    "127.0.0.2",
    "127.255.255.254",
    "0",
    "0.0.0.0",
    "0x0",
    "00",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "LocalHost.",
    "127.0.0.1.",
    "0x7f.1.",
    "2130706433.",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:7F00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:7f00:0001::1]",
    "[2001:0:7f00:1::]",
    "[2001::1]",
    "[fec0::1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[ff02::1]",
    "[100::1]",
    "[3fff::1]",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "169.254.169.254",
    "100.64.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "192.0.0.170",
    "192.88.99.1",
    "198.18.0.1",
    "１２７．０．０．１",
    "127。0。0。1",
    "127．0．0．1",
    "①②⑦.⓪.⓪.①",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "ʟocalhost",
    "user@127.0.0.1",
    "user:hunter2@127.0.0.1",
    "example.org@127.0.0.1",
    "127.0.0.1%00.example.org",
    "127.0.0.1\\@example.org",
    "127.0.0.1#@example.org",
    "127.0.0.1?@example.org",
)


class Canary:
    """Listen on 127.0.0.1 and on ::1, on one port, and count whoever comes."""

    def __init__(self) -> None:
        self.hits = 0
        self.port = 0
        self._servers: list[asyncio.Server] = []

    async def start(self) -> None:
        """Listen."""

        async def hit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.hits += 1
            writer.close()

        self._servers = [await asyncio.start_server(hit, "127.0.0.1", 0)]
        self.port = self._servers[0].sockets[0].getsockname()[1]
        self._servers.append(await asyncio.start_server(hit, "::1", self.port))

    async def stop(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.close()
            await server.wait_closed()


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    """A canary on both loopback addresses."""
    one = Canary()
    await one.start()
    yield one
    await one.stop()


async def test_the_canary_sings(canary: Canary, make_client: MakeClient) -> None:
    """The canary is worth something: a client that may reach loopback does hit it, on both addresses."""
    client = make_client()
    await refused(client, f"http://127.0.0.1:{canary.port}/")
    await refused(client, f"http://[::1]:{canary.port}/")
    assert canary.hits == 2


async def test_no_spelling_of_an_inner_address_is_reached(canary: Canary, make_client: MakeClient) -> None:
    """Spellings by the dozen of loopback, private, link-local, translated and reserved addresses: no connection (row N11)."""
    assert len(set(SPELLINGS)) >= 60
    client = make_client(allow_private=())
    for spelling in SPELLINGS:
        error = await refused(client, f"http://{spelling}:{canary.port}/")
        assert error.reason in ("blocked_address", "bad_url", "dns"), f"{spelling}: {error.reason}"
        assert "hunter2" not in error.message + error.url
    assert canary.hits == 0


@pytest.mark.parametrize("spelling", ["127.0.0.1", "0x7f.1", "2130706433", "localhost", "[::1]", "[::ffff:7f00:1]", "[fec0::1]"])
async def test_a_blocked_address_is_named(spelling: str, make_client: MakeClient) -> None:
    """The refusal is told apart from a network failure, is final, and names the remedy (row N11)."""
    error = await refused(make_client(allow_private=()), f"http://{spelling}/")
    assert error.reason == "blocked_address"
    assert not error.transient
    assert "allow_private" in error.message


@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], [PUBLIC, "127.0.0.1"], [PUBLIC, "::1"], ["::ffff:10.0.0.1"], [PUBLIC, "fec0::1"]]
)
async def test_one_inner_answer_blocks_a_name(answers: list[str], canary: Canary, make_client: MakeClient) -> None:
    """A public name with any answer that is not public is refused before a connection is opened (row N12)."""

    async def resolve(host: str, port: int) -> list[str]:
        return answers

    error = await refused(make_client(allow_private=(), resolve=resolve), f"http://news.example.org:{canary.port}/")
    assert error.reason == "blocked_address"
    assert canary.hits == 0


async def test_the_address_dialled_is_the_one_checked(make_client: MakeClient) -> None:
    """A name that answers differently at each look-up (TTL 0) never leads to the address not checked (row N13)."""
    front = Server(host="127.0.0.2")
    await front.start()
    hits = 0

    async def hit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal hits
        hits += 1
        writer.close()

    inner = await asyncio.start_server(hit, "127.0.0.1", front.port)
    front.routes["*"] = reply(200, b"fine", {"Connection": "close"})
    calls = 0

    async def resolve(host: str, port: int) -> list[str]:
        nonlocal calls
        calls += 1
        return ["127.0.0.2"] if calls % 2 else ["127.0.0.1"]

    client = make_client(allow_private=("127.0.0.2/32",), resolve=resolve)
    outcomes: list[str] = []
    for _ in range(200):
        try:
            outcomes.append((await client.fetch(Request(url=f"http://flip.example.org:{front.port}/feed"))).body.decode())
        except FetchError as error:
            outcomes.append(error.reason)
    inner.close()
    await front.stop()
    assert set(outcomes) == {"fine", "blocked_address"}
    assert hits == 0
    assert calls == front.connections + outcomes.count("blocked_address"), "one resolution per connection"


async def test_a_broken_ipv6_costs_less_than_three_seconds(server: Server, make_client: MakeClient) -> None:
    """Where IPv6 swallows connections and IPv4 works, the page comes within 3 s (row N18)."""
    server.routes["/feed"] = reply(200, b"over IPv4")
    with socket.socket(socket.AF_INET6) as hole, socket.socket(socket.AF_INET6) as filler, socket.socket(socket.AF_INET6) as more:
        hole.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        hole.bind(("::1", server.port))
        hole.listen(0)
        # A full queue of connections that nobody accepts makes the kernel drop the next one in silence.
        for plug in (filler, more):
            plug.setblocking(False)
            plug.connect_ex(("::1", server.port))

        async def resolve(host: str, port: int) -> list[str]:
            return ["::1", "127.0.0.1"]

        begun = time.monotonic()
        result = await make_client(resolve=resolve).fetch(Request(url=f"http://both.example.org:{server.port}/feed"))
        assert result.body == b"over IPv4"
        assert 1 < time.monotonic() - begun < 3.5


async def test_a_refused_ipv6_costs_nothing(server: Server, make_client: MakeClient) -> None:
    """Where nothing listens on IPv6, IPv4 is tried at once (row N18)."""
    server.routes["/feed"] = reply(200, b"over IPv4")

    async def resolve(host: str, port: int) -> list[str]:
        return ["::1", "127.0.0.1"]

    begun = time.monotonic()
    await make_client(resolve=resolve).fetch(Request(url=f"http://both.example.org:{server.port}/feed"))
    assert time.monotonic() - begun < 1


async def _fails(host: str, port: int) -> Sequence[str]:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


async def _hangs(host: str, port: int) -> Sequence[str]:
    await asyncio.sleep(60)
    return []


async def _thousand(host: str, port: int) -> Sequence[str]:
    return [f"93.184.{number // 250}.{number % 250}" for number in range(1000)]


async def _none(host: str, port: int) -> Sequence[str]:
    return []


@pytest.mark.parametrize(
    ("resolve", "reason"),
    [(_fails, "dns"), (_hangs, "timeout"), (_thousand, "dns"), (_none, "dns")],
    ids=["fails", "hangs", "a thousand", "none"],
)
async def test_a_sick_resolver_is_named_and_bounded(resolve: object, reason: str, make_client: MakeClient) -> None:
    """No answer, a silent resolver, a thousand answers, none: each is named, in bounded time (row N17)."""
    begun = time.monotonic()
    error = await refused(make_client(resolve=resolve, limits=Limits(connect=0.3)), "http://news.example.org/")
    assert error.reason == reason
    assert error.transient
    assert time.monotonic() - begun < 2


async def test_the_real_resolver_is_asked(server: Server, make_client: MakeClient) -> None:
    """Without an injected resolver, names go through the system's: `localhost` leads to loopback, nonsense to nothing."""
    server.routes["/feed"] = reply(200, b"by name")
    result = await make_client().fetch(Request(url=f"http://localhost:{server.port}/feed"))
    assert result.body == b"by name"
    assert (await refused(make_client(), "http://no-such-name.invalid/")).reason == "dns"


async def test_without_contact_nothing_public_is_asked(make_client: MakeClient) -> None:
    """An empty contact stops every public address, before any look-up, and the message shows the line to write."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC]

    error = await refused(make_client(contact=" ", allow_private=(), resolve=resolve), "http://news.example.org/")
    assert error.reason == "no_contact"
    assert "contact: you@example.org" in error.message
    assert not error.transient
    assert not asked
    assert (await refused(make_client(contact=""), f"http://{PUBLIC}/")).reason == "no_contact"


async def test_without_contact_an_allowed_network_is_asked(server: Server, make_client: MakeClient) -> None:
    """The demo and the tests need no contact: an allowed private address is nobody else's."""
    server.routes["/feed"] = reply(200, b"demo")
    assert (await make_client(contact="").fetch(Request(url=server.url()))).body == b"demo"
    assert "(+" not in server.seen[-1].headers["user-agent"]


@given(st.ip_addresses(v=4))
def test_public_means_public_in_every_wrapping(address: ipaddress.IPv4Address) -> None:
    """An IPv4 address that is not public is not public either inside IPv4-mapped, compatible, NAT64, 6to4 or Teredo."""
    number = int(address)
    mapped = ipaddress.IPv6Address((0xFFFF << 32) | number)
    assert is_public(mapped) == is_public(address)
    for wrapped in (
        number,
        (0x64FF9B << 96) | number,
        (0x2002 << 112) | (number << 80),
        (0x20010000 << 96) | (number ^ 0xFFFFFFFF),
    ):
        assert not is_public(ipaddress.IPv6Address(wrapped))


@given(st.ip_addresses())
def test_the_guard_agrees_with_the_standard_library_or_is_stricter(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    """What is reached is always global, never multicast."""
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(), st.integers(8, 32))
def test_only_the_networks_named_are_exempt(address: ipaddress.IPv4Address | ipaddress.IPv6Address, prefix: int) -> None:
    """allow_private opens exactly its networks."""
    assume(getattr(address, "ipv4_mapped", None) is None)
    network = ipaddress.ip_network((address, prefix), strict=False)
    guard = Guard(allow_private=(str(network),), contact=True)
    assert guard.check(address, "host") == address
    outside = ipaddress.ip_address("127.0.0.1")
    if outside not in network:
        with pytest.raises(Failure, match="not a public address"):
            guard.check(outside, "host")
