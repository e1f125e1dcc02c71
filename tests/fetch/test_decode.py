"""Bodies are bounded before they are decoded."""

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fetch.servers import MakeClient, Server, refused, reply
from watcher.fetch import Client, Limits
from watcher.fetch.decode import Decoder
from watcher.fetch.limits import Failure
from watcher.model import Request

LIMITS = Limits()


def bomb(size: int) -> bytes:
    """Return `size` zero bytes in gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    step = b"\0" * (1 << 20)
    return b"".join(packer.compress(step) for _ in range(size >> 20)) + packer.flush()


def decode(encoding: str, data: bytes, step: int = 1 << 16, most: int = LIMITS.body) -> bytes:
    """Pass `data` through a decoder in pieces of `step` bytes."""
    decoder = Decoder(encoding, most=most, limits=LIMITS)
    for start in range(0, len(data), step):
        decoder.feed(data[start : start + step])
    return decoder.finish()


@given(
    st.binary(max_size=200_000),
    st.integers(1, 5000),
    st.sampled_from(["", "gzip", "x-gzip", " GZIP ", "identity", "identity, gzip"]),
)
def test_what_was_packed_comes_out(content: bytes, step: int, encoding: str) -> None:
    """Whatever the content and however it is cut on the way, it comes out as it was."""
    packed = gzip.compress(content) if "gzip" in encoding.lower() else content
    assert decode(encoding, packed, step) == content


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=5), st.integers(1, 100))
def test_a_gzip_file_of_several_members_is_read_whole(parts: list[bytes], step: int) -> None:
    """Several members one after the other are one file (RFC 1952, 2.2)."""
    assert decode("gzip", b"".join(map(gzip.compress, parts)), step) == b"".join(parts)


@given(st.binary(min_size=1, max_size=5000), st.data())
def test_a_cut_gzip_is_never_taken_for_whole(content: bytes, data: st.DataObject) -> None:
    """A gzip stream cut anywhere is `truncated` (row N06)."""
    packed = gzip.compress(content)
    cut = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(Failure) as caught:
        decode("gzip", packed[:cut])
    assert caught.value.reason == "truncated"


@pytest.mark.parametrize(
    "junk", [b"not gzip at all", gzip.compress(b"x" * 1000)[:-8] + b"\0" * 8], ids=["no gzip", "wrong checksum"]
)
def test_a_broken_gzip_is_truncated(junk: bytes) -> None:
    """A stream that is no gzip, or whose checksum is wrong, is not a document (row N06)."""
    with pytest.raises(Failure) as caught:
        decode("gzip", junk)
    assert caught.value.reason == "truncated"


def test_padding_after_the_last_member_is_ignored() -> None:
    """Zero padding, which some servers add, is no part of the document."""
    assert decode("gzip", gzip.compress(b"text") + b"\0" * 5000, 7) == b"text"


@pytest.mark.parametrize(
    "encoding",
    [
        "br",
        "zstd",
        "deflate",
        "compress",
        "gzip, gzip",
        "gzip, gzip, gzip",
        "br, gzip",
        "gzip, br",
        ", ".join(["gzip"] * 10),
        "unheard-of",
    ],
)
async def test_other_and_layered_encodings_are_refused_unread(encoding: str, server: Server, client: Client) -> None:
    """Any coding but one layer of gzip is refused before a byte is decoded, even sent unasked (rows N01, N02)."""
    server.routes["/feed"] = reply(200, bomb(1 << 20), {"Content-Encoding": encoding})
    error = await refused(client, server.url())
    assert error.reason == "encoding"
    assert server.seen[-1].headers["accept-encoding"] == "gzip"


async def test_codings_split_over_two_headers_are_a_stack(server: Server, client: Client) -> None:
    """Two Content-Encoding lines mean the same as one line with both (row N02)."""
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx"
    server.routes["/feed"] = head
    assert (await refused(client, server.url())).reason == "encoding"


def test_a_bomb_costs_no_more_memory_than_the_limit() -> None:
    """300 MiB of zeros in 300 KiB of gzip: refused, with a peak under twice the limit (row N01)."""
    data = bomb(300 << 20)
    tracemalloc.start()
    with pytest.raises(Failure) as caught:
        decode("gzip", data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.reason == "ratio"
    assert peak < 2 * LIMITS.body


def test_a_slow_bomb_meets_the_output_limit() -> None:
    """Content under the ratio but over the size is `too_large`, with a peak under twice the limit (row N01)."""
    loose = Limits(ratio=1e9)
    decoder = Decoder("gzip", most=loose.body, limits=loose)
    tracemalloc.start()
    with pytest.raises(Failure) as caught:
        decoder.feed(bomb(64 << 20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.reason == "too_large"
    assert peak < 2 * loose.body


async def test_a_bomb_on_the_wire_is_refused(server: Server, client: Client) -> None:
    """The same over HTTP, and the next request to that server works (row N01)."""
    server.routes["/bomb"] = reply(200, bomb(100 << 20), {"Content-Encoding": "gzip"})
    server.routes["/feed"] = reply(200, b"fine")
    error = await refused(client, server.url("/bomb"))
    assert error.reason == "ratio"
    assert not error.transient
    assert (await client.fetch(Request(url=server.url()))).body == b"fine"


async def test_a_plain_body_is_bounded(server: Server, make_client: MakeClient) -> None:
    """A body over the limit is refused, announced or not; a request may raise its own limit."""
    body = b"x" * 200_000
    server.routes["/announced"] = reply(200, body)
    server.routes["/endless"] = b"HTTP/1.0 200 OK\r\n\r\n" + body
    server.routes["/chunks"] = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"186A0\r\n"
        + body[:100_000]
        + b"\r\n"
        + b"186A0\r\n"
        + body[:100_000]
    )
    client = make_client(limits=Limits(body=100_000))
    for path in ("/announced", "/endless", "/chunks"):
        assert (await refused(client, server.url(path))).reason == "too_large"
    result = await client.fetch(Request(url=server.url("/announced"), max_bytes=300_000))
    assert len(result.body) == 200_000


async def test_a_compressed_answer_comes_out_whole(server: Server, client: Client) -> None:
    """An ordinary compressed feed is read, its headers kept in order and in lower case."""
    text = "Métiers et compétences\n".encode() * 500
    server.routes["/feed"] = reply(200, gzip.compress(text), {"Content-Encoding": "gzip", "X-A": "1", "x-b": "2"})
    result = await client.fetch(Request(url=server.url()))
    assert result.body == text
    assert [name for name, _ in result.headers] == ["content-length", "content-encoding", "x-a", "x-b"]
    assert result.header("X-A") == "1"
