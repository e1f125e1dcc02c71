"""What kind of bytes these are, and the text they hold. Servers lie about both, so the bytes are asked first."""

import codecs
import re

_MAGIC = (
    (b"\x1f\x8b", "application/gzip"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
    (b"\x7fELF", "application/octet-stream"),
    (b"MZ\x90", "application/octet-stream"),
)
_ROOTS = {
    "rss": "application/rss+xml",
    "rdf": "application/rss+xml",
    "feed": "application/atom+xml",
    "urlset": "application/sitemap+xml",
    "sitemapindex": "application/sitemap+xml",
    "html": "text/html",
    "opml": "text/x-opml",
    "svg": "image/svg+xml",
}
_PROLOGUE = re.compile(r"(?:\s+|<\?[^>]*>|<!--.*?-->|<!DOCTYPE\s[^\[>]*(?:\[[^\]]*\]\s*)?>)*", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(r"<(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)(?=[\s>/])")
_HTML = re.compile(
    r"<!doctype\s+html|<(?:html|head|body|div|p|title|script|meta|table|h1|article|main|span|a|br|section|form|ul)\b",
    re.IGNORECASE,
)
_HEAD = 8192

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UTF_16 = (b"<\x00", b"\x00<")  # without a mark
_NOT_UTF_8 = (*(bom for bom, _ in _BOMS), *_UTF_16)  # as a body begins that is not read as plain UTF-8
_XML_LABEL = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)""")
_META_LABEL = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_HEADER_LABEL = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_CHARSET = re.compile(
    r"utf[-_]?(?:8|16|16[-_]?le|16[-_]?be)|(?:us[-_])?ascii|latin[-_]?\d+|l\d|iso[-_]?8859[-_]\d+|windows[-_]?\d+|cp\d+"
    r"|koi8[-_][ru]|mac[-_]?roman|macintosh|shift[-_]?jis|euc[-_]?(?:jp|kr)|gb2312|gbk|gb18030|big5",
    re.IGNORECASE,
)
_LATIN = frozenset({"iso8859-1", "ascii", "latin-1", "cp1252"})


def sniff(body: bytes) -> str:
    """Return the media type that the first bytes show, whatever was declared; `application/octet-stream` when none does.

    Feeds and sitemaps are told by their root element, JSON Feed by its version line.
    """
    found = next((media_type for magic, media_type in _MAGIC if body.startswith(magic)), None)
    if found is not None:
        return found
    if body[:4] == b"RIFF":
        return "image/webp" if body[8:12] == b"WEBP" else "application/octet-stream"
    if body[4:8] == b"ftyp":
        return "video/mp4"
    start = body[:1024].lstrip()
    if not start.startswith((b"<", b"{")) and b"%PDF-" in start:
        return "application/pdf"
    return _sniff_text(_first_characters(body))


def _first_characters(body: bytes) -> str:
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) : 2 * _HEAD].decode(name, "replace").lstrip("\ufeff")
    if body[:2] == b"<\x00":
        return body[: 2 * _HEAD].decode("utf-16-le", "replace")
    if body[:2] == b"\x00<":
        return body[: 2 * _HEAD].decode("utf-16-be", "replace")
    return body[:_HEAD].decode("latin-1")


def _sniff_text(head: str) -> str:
    stripped = head.lstrip()
    if stripped.startswith(("{", "[")):
        return "application/feed+json" if "jsonfeed.org/version" in head.replace("\\/", "/") else "application/json"
    prologue = _PROLOGUE.match(head)
    root = _ROOT.match(head, prologue.end() if prologue else 0)
    if root is not None and (known := _ROOTS.get(root[2].lower())):
        return known
    if _HTML.search(head):
        return "text/html"
    if head.count("\x00") > 2 or sum(head.count(chr(code)) for code in (1, 2, 3, 4, 5, 6, 14, 15, 16)) > 8:
        return "application/octet-stream"
    if stripped.startswith("<"):
        return "application/xml"
    return "text/plain" if stripped else "application/octet-stream"


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the text of an HTML or XML body; never fails.

    Byte order mark, then UTF-8 when the bytes are valid UTF-8, then the charset of the header, then that of the document
    (WHATWG, "encoding sniffing"). Latin-1 means windows-1252. In what claims to be UTF-8 and is not, each stray byte is read
    as windows-1252, so that one bad character does not spoil the others.
    """
    words = _utf_8(body)
    return _otherwise(body, content_type) if words is None else words


def decoded(body: bytes, content_type: str | None = None) -> tuple[str, bytes]:
    """Return the text as `decode` does, and the same in UTF-8: most bodies are that already, and serve as they are."""
    words = _utf_8(body)
    if words is not None:
        return words, body
    words = _otherwise(body, content_type)
    return words, words.encode("utf-8", "replace")


def _utf_8(body: bytes) -> str | None:
    """Return the text of a body that is plain UTF-8, None for any other."""
    try:
        return None if body.startswith(_NOT_UTF_8) else body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _otherwise(body: bytes, content_type: str | None) -> str:
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body.decode(name, "replace").lstrip("\ufeff")
    if body[:2] in _UTF_16:
        return body.decode("utf-16-le" if body[:1] == b"<" else "utf-16-be", "replace")
    name = _label(body, content_type)
    if name in _LATIN:
        return _windows(body.decode("ascii", "surrogateescape"))
    if name.startswith("utf"):
        return _windows(body.decode("utf-8", "surrogateescape"))
    return body.decode(name, "replace")


def _label(body: bytes, content_type: str | None) -> str:
    """Return the Python name of the declared charset, `utf-8` when there is none that we know."""
    header = _HEADER_LABEL.search(content_type or "")
    inside = _XML_LABEL.search(body[:1024]) or _META_LABEL.search(body[:4096])
    for label in (header[1] if header else "", inside[1].decode("ascii") if inside else ""):
        if _CHARSET.fullmatch(label):
            try:
                return codecs.lookup(label).name
            except LookupError:
                continue
    return "utf-8"


def _windows(text: str) -> str:
    """Read the bytes that `surrogateescape` set aside as windows-1252; the five it leaves undefined become U+FFFD."""
    return re.sub("[\udc80-\udcff]+", lambda run: run[0].encode("ascii", "surrogateescape").decode("cp1252", "replace"), text)
