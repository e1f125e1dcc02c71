"""TLS is always checked, and each fault has its sentence."""

import asyncio
import datetime as dt
import ssl
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from tests.fetch.servers import MakeClient, Server, refused, reply
from watcher.fetch import Limits
from watcher.model import Request

Start = Callable[[ssl.SSLContext], Coroutine[Any, Any, Server]]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """The authority that the clients of these tests trust."""
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """A client's context that trusts it, otherwise as it ships."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_verify_locations(cadata=authority.cert_pem.bytes().decode())
    return context


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start a TLS server."""
    servers: list[Server] = []

    async def begin(context: ssl.SSLContext) -> Server:
        server = Server(scheme="https")
        server.routes["*"] = reply(200, b"secure")
        servers.append(server)
        await server.start(context)
        return server

    yield begin
    for server in servers:
        await server.stop()


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Return a server's context with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with certificate.private_key_and_cert_chain_pem.tempfile() as chain:
        context.load_cert_chain(chain)
    return context


async def loopback(host: str, port: int) -> list[str]:
    """Resolve every name to loopback."""
    return ["127.0.0.1"]


async def test_a_good_certificate_is_read(
    authority: trustme.CA, trusting: ssl.SSLContext, start: Start, make_client: MakeClient
) -> None:
    """A valid chain and name: the page comes, and its connection is kept."""
    server = await start(serving(authority.issue_cert("news.example.org")))
    client = make_client(tls=trusting, resolve=loopback)
    for _ in range(3):
        assert (await client.fetch(Request(url=f"https://news.example.org:{server.port}/feed"))).body == b"secure"
    assert server.connections == 1


async def test_an_expired_certificate(
    authority: trustme.CA, trusting: ssl.SSLContext, start: Start, make_client: MakeClient
) -> None:
    """An expired certificate is refused and said to be expired (row N19)."""
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    server = await start(
        serving(authority.issue_cert("news.example.org", not_before=past, not_after=past + dt.timedelta(days=1)))
    )
    error = await refused(make_client(tls=trusting, resolve=loopback), f"https://news.example.org:{server.port}/")
    assert error.reason == "tls"
    assert "expired" in error.message
    assert not error.transient
    assert not server.seen


async def test_a_certificate_for_another_name(
    authority: trustme.CA, trusting: ssl.SSLContext, start: Start, make_client: MakeClient
) -> None:
    """A certificate of another host is refused and said to be that (row N19)."""
    server = await start(serving(authority.issue_cert("other.example.org")))
    error = await refused(make_client(tls=trusting, resolve=loopback), f"https://news.example.org:{server.port}/")
    assert error.reason == "tls"
    assert "another name than news.example.org" in error.message
    error = await refused(make_client(tls=trusting), f"https://127.0.0.1:{server.port}/")
    assert error.reason == "tls"
    assert "another address" in error.message
    assert not server.seen


async def test_an_unknown_authority(start: Start, make_client: MakeClient) -> None:
    """A chain that ends at nobody we know is refused, by the context that ships (row N19)."""
    server = await start(serving(trustme.CA().issue_cert("news.example.org")))
    error = await refused(make_client(resolve=loopback), f"https://news.example.org:{server.port}/")
    assert error.reason == "tls"
    assert "authority" in error.message
    assert not server.seen


async def test_a_self_signed_certificate(tmp_path: Path, trusting: ssl.SSLContext, start: Start, make_client: MakeClient) -> None:
    """A certificate that vouches for itself is refused and said to be self-signed (row N19)."""
    own = trustme.CA()
    chain = tmp_path / "self.pem"
    chain.write_bytes(own.private_key_pem.bytes() + own.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    server = await start(context)
    error = await refused(make_client(tls=trusting, resolve=loopback), f"https://news.example.org:{server.port}/")
    assert error.reason == "tls"
    assert "self-signed" in error.message
    assert not server.seen


async def test_an_old_protocol(authority: trustme.CA, trusting: ssl.SSLContext, start: Start, make_client: MakeClient) -> None:
    """A server that speaks TLS 1.1 at most is refused (row N19)."""
    context = serving(authority.issue_cert("news.example.org"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    server = await start(context)
    error = await refused(make_client(tls=trusting, resolve=loopback), f"https://news.example.org:{server.port}/")
    assert error.reason == "tls"
    assert not server.seen


async def test_plain_http_on_the_tls_port(make_client: MakeClient) -> None:
    """A server that answers https with plain HTTP is a TLS failure, not a page (row N19)."""

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(400, b"this is not TLS"))
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(plain, "127.0.0.1", 0)
    error = await refused(make_client(), f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/")
    assert error.reason == "tls"
    listener.close()


async def test_the_environment_adds_no_authority(
    tmp_path: Path, authority: trustme.CA, start: Start, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE and SSL_CERT_DIR of the environment are not obeyed (row N16)."""
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(authority.cert_pem.bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    server = await start(serving(authority.issue_cert("news.example.org")))
    assert (await refused(make_client(resolve=loopback), f"https://news.example.org:{server.port}/")).reason == "tls"


async def test_http2_is_never_spoken(
    authority: trustme.CA, trusting: ssl.SSLContext, start: Start, make_client: MakeClient
) -> None:
    """Where a server prefers HTTP/2, HTTP/1.1 is agreed upon: its frames have no parser to attack (row N28)."""
    context = serving(authority.issue_cert("news.example.org"))
    context.set_alpn_protocols(["h2", "http/1.1"])
    server = await start(context)
    assert (
        await make_client(tls=trusting, resolve=loopback).fetch(Request(url=f"https://news.example.org:{server.port}/"))
    ).body == b"secure"


async def test_http2_frames_unasked_are_no_answer(server: Server, make_client: MakeClient) -> None:
    """A server that sends HTTP/2 frames, CONTINUATION without end, is cut at the first bytes (row N28)."""
    settings = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
    endless = b"\x00\x40\x00\x09\x00\x00\x00\x00\x01" + b"\x00" * 0x4000
    server.routes["/robots.txt"] = settings + endless * 100
    assert (await refused(make_client(), server.url())).reason in ("protocol", "headers")


async def test_a_step_down_to_a_host_without_https(
    server: Server, authority: trustme.CA, trusting: ssl.SSLContext, start: Start, make_client: MakeClient
) -> None:
    """https that redirects to a host that only speaks http is refused as a downgrade; nothing is sent in clear (row N10)."""
    front = await start(serving(authority.issue_cert("news.example.org")))
    front.routes["/feed"] = reply(302, b"", {"Location": server.url()})
    client = make_client(tls=trusting, resolve=loopback, limits=Limits(connect=0.4))
    error = await refused(client, f"https://news.example.org:{front.port}/feed")
    assert error.reason == "downgrade"
    assert not server.seen


async def test_a_step_down_to_a_host_with_https(
    authority: trustme.CA, trusting: ssl.SSLContext, start: Start, make_client: MakeClient
) -> None:
    """The same redirect to a host that does speak https is followed there in https (row N10)."""
    front = await start(serving(authority.issue_cert("news.example.org")))
    back = await start(serving(authority.issue_cert("www.example.org")))
    front.routes["/feed"] = reply(301, b"", {"Location": f"http://www.example.org:{back.port}/feed"})
    result = await make_client(tls=trusting, resolve=loopback).fetch(Request(url=f"https://news.example.org:{front.port}/feed"))
    assert result.body == b"secure"
    assert result.moved_to == f"https://www.example.org:{back.port}/feed"
