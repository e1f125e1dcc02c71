"""What bytes are, and the text they hold, whatever was declared; and the marks of gatekeepers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import challenges, media


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"<!DOCTYPE html><html>", "text/html"),
        (b"\xef\xbb\xbf  \n<!-- note --><HTML>", "text/html"),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0"><html xmlns="x">', "text/html"),
        (b"<p>un fragment</p>", "text/html"),
        (b'<?xml version="1.0"?>\n<?xml-stylesheet href="s.xsl"?><!-- c --><rss version="2.0">', "application/rss+xml"),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss version="0.91">', "application/rss+xml"),
        (b'<rdf:RDF xmlns:rdf="x">', "application/rss+xml"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">', "application/atom+xml"),
        ('<?xml version="1.0"?><feed/>'.encode("utf-16"), "application/atom+xml"),
        ('<?xml version="1.0"?><urlset/>'.encode("utf-16-le"), "application/sitemap+xml"),
        (b"<sitemapindex>", "application/sitemap+xml"),
        (b"<svg xmlns='x'><script/></svg>", "image/svg+xml"),
        (b"<opml version='2.0'>", "text/x-opml"),
        (b"<autre/>", "application/xml"),
        (b'  {"version": "https:\\/\\/jsonfeed.org\\/version\\/1.1"}', "application/feed+json"),
        (b'{"a": 1}', "application/json"),
        (b"[1]", "application/json"),
        (b"%PDF-1.7", "application/pdf"),
        (b"\n\x00junk %PDF-1.4", "application/pdf"),
        (b"<!-- %PDF-1.4 --><html>", "text/html"),
        (b"\x1f\x8b\x08", "application/gzip"),
        (b"PK\x03\x04", "application/zip"),
        (b"RIFF0000WEBPVP8 ", "image/webp"),
        (b"RIFF0000WAVE", "application/octet-stream"),
        (b"0000ftypisom", "video/mp4"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"Bonjour tout le monde", "text/plain"),
        (b"\x00\x01\x02\x03" * 9, "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_bytes_are_told_by_what_they_hold(body: bytes, media_type: str) -> None:
    """The media type is read in the bytes (row H10)."""
    assert media.sniff(body) == media_type


@pytest.mark.parametrize(
    ("body", "declared", "text"),
    [
        ("é’œ €".encode(), None, "é’œ €"),
        ("é’œ €".encode(), "text/html; charset=ISO-8859-1", "é’œ €"),
        ("é’œ €".encode("cp1252"), "text/html; charset=ISO-8859-1", "é’œ €"),
        ("été, l’œuf €".encode("cp1252"), "text/html; charset=utf-8", "été, l’œuf €"),
        ("é’œ".encode() + b" \x92 " + "à".encode(), "text/html; charset=utf-8", "é’œ ’ à"),
        ("é €".encode("iso-8859-15"), 'text/xml; charset="iso-8859-15"', "é €"),
        (b"<?xml version='1.0' encoding='ISO-8859-15'?>\xa4", None, "<?xml version='1.0' encoding='ISO-8859-15'?>€"),
        (b"<meta charset=koi8-r>\xc1", None, "<meta charset=koi8-r>а"),
        (b"<meta charset=unicode_escape>\\u0041\xe9", None, "<meta charset=unicode_escape>\\u0041é"),
        (b"\xef\xbb\xbf\xef\xbb\xbfdeux marques", None, "deux marques"),
        ("<a>é".encode("utf-16"), "text/html; charset=utf-8", "<a>é"),
        ("<a>é".encode("utf-16-be"), None, "<a>é"),
        (b"\xe9\x81", "text/html; charset=x-inconnu", "é\ufffd"),
    ],
)
def test_text_is_decoded_by_what_it_is(body: bytes, declared: str | None, text: str) -> None:
    """Bytes that are valid UTF-8 are UTF-8; Latin-1 is windows-1252; one bad byte spoils itself alone (row F10)."""
    assert media.decode(body, declared) == text
    assert media.decoded(body, declared) == (text, text.encode())


@given(
    st.binary(max_size=200), st.sampled_from([None, "text/html; charset=utf-16", "text/html; charset=rot13", "x; charset=cp037"])
)
def test_decoding_never_fails(body: bytes, declared: str | None) -> None:
    """Any bytes under any label become text that a database takes (row F10)."""
    text = media.decode(body, declared)
    assert media.decoded(body, declared) == (text, text.encode("utf-8"))
    assert media.sniff(body)


def test_a_script_of_a_gatekeeper_on_an_ordinary_page_is_no_check() -> None:
    """Sites behind a gatekeeper carry its script on every page: only the page of the check itself counts."""
    page = b"<html><body><p>Un article.</p><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script></body></html>"
    assert challenges.named(page) is None
    assert challenges.named(page, (("cf-mitigated", "challenge"),)) == "Cloudflare"
    assert challenges.named(page, (("x-datadome", "protected"),)) is None
    quoting = b"<html><p>window._cf_chl_opt</p>" + b"<p>Un article sur les robots.</p>" * 100 + b"</html>"
    assert challenges.named(quoting) is None
    assert challenges.named(b"<rss><title>Just a moment...</title></rss>") is None
