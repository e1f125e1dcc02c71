"""Web addresses: their canonical form, which is how the same article is recognised, and their parts."""

import ipaddress
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

_PREFIXES = (
    "utm_",
    "at_",
    "mtm_",
    "pk_",
    "piwik_",
    "matomo_",
    "hsa_",
    "vero_",
    "oly_",
    "itm_",
    "wt_",
    "wt.",
    "__hs",
    "fb_",
    "ga_",
)
# fmt: off
_TRACKERS = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "li_fat_id", "igshid",
    "igsh", "mibextid", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "hsctatracking", "_ga", "_gl", "xtor", "xtref",
    "xtcr", "xtmc", "xtnp", "xtatc", "ref", "ref_src", "ref_url", "referer", "referrer", "cmpid", "cmp", "smid", "s_cid",
    "icid", "spm", "wickedid", "trk", "trkcampaign", "_branch_match_id", "__twitter_impression", "echobox", "rss_source",
    "phpsessid", "jsessionid", "aspsessionid", "m_bt", "m_i", "m_tid", "ns_campaign", "ns_mchannel", "ns_source", "wtrid",
})
_ORIGIN_KEYS = frozenset({"source", "src", "from", "via", "origin", "origine", "provenance", "share", "partage"})
_ORIGIN_VALUES = frozenset({
    "rss", "feed", "flux", "atom", "twitter", "x", "facebook", "linkedin", "bluesky", "mastodon", "whatsapp", "telegram",
    "newsletter", "nl", "mail", "email", "e-mail", "social", "app", "home", "homepage",
})
_AMP = frozenset({
    ("amp", ""), ("amp", "1"), ("amp", "true"), ("amp", "yes"), ("outputtype", "amp"), ("output", "amp"), ("format", "amp"),
    ("noamp", "mobile"), ("usqp", "mq331aqcqaq"),
})
# fmt: on
_AMP_END = re.compile(r"(?<=[^/])(?:/amp|\.amp(?=\.html?$)|\.amp$)/*(?=$|\.html?$)", re.IGNORECASE)
_AMP_START = re.compile(r"^/amp(?=/[^/])", re.IGNORECASE)
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
# A name that stays as it is, in a folder: most addresses, and those of a site share few folders.
_NAMED = re.compile(r"(https?://[^\s/?#\\]+/(?:[^\s?#\\]*/)?)((?:(?!amp)[a-z0-9_-])+(?:\.html?)?)", re.IGNORECASE | re.ASCII)
_WRAPS = re.compile(r"google|ampproject", re.IGNORECASE)
_PATH_SAFE = "!$&'()*+,;=:@~"
_QUERY_SAFE = "!$'()*,:@~/;"
_DEFAULT = {"http": 80, "https": 443}
_LONGEST = 4096


class _Parts(NamedTuple):
    scheme: str
    host: str
    port: int | None
    path: str
    query: str


@lru_cache(maxsize=4096)  # asked several times of each address of a listing
def canonical(url: str, base: str | None = None) -> str:
    """Return the one form that all spellings of an address share. Raises ValueError on what is not a web address.

    The host is in lower-case ASCII (IDNA, UTS 46), dot segments are resolved (RFC 3986, 5.2.4), the query is sorted; the
    fragment, credentials, a default port, the last slash, tracking parameters and AMP variants are left out. http and
    https on their default ports are one: the result says https, save on loopback. `base` resolves relative addresses.
    """
    named = _NAMED.fullmatch(url) if base is None and len(url) < _LONGEST and url.isascii() else None
    if named and not _WRAPS.search(named[1]):
        return _folder(named[1]) + named[2]
    parts = _split(url, base)
    for _ in range(3):  # an address wrapped in an address: AMP caches, Google alerts
        inner = _unwrap(parts)
        if inner is None:
            break
        parts = _split(inner)
    scheme = "https" if parts.scheme == "http" and parts.port is None and not _is_loopback(parts.host) else parts.scheme
    query = _query(parts.query)
    return f"{scheme}://{_authority(parts.host, parts.port)}{_path(parts.path)}{'?' if query else ''}{query}"


@lru_cache(maxsize=1024)
def _folder(url: str) -> str:
    """Return the canonical form of the folder `url`, with its slash: that of any name in it begins so."""
    return canonical(f"{url}a?").removesuffix("a")


def untracked(url: str) -> str:
    """Return `url` as it was given, without the parameters that only tell its publisher where the reader comes from."""
    if "?" not in url and "#" not in url:
        return url
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if not _tracks(*(part.lower() for part in pair.partition("=")[::2]))]
    name, _, value = parts.fragment.lower().partition("=")
    return parts._replace(query="&".join(kept), fragment="" if _tracks(name, value) else parts.fragment).geturl()


def origin(url: str) -> str:
    """Return scheme, host and port as `https://host` or `https://host:8443` (RFC 6454). Raises ValueError."""
    parts = _split(url)
    return f"{parts.scheme}://{_authority(parts.host, parts.port)}"


def host(url: str) -> str:
    """Return the host in lower-case ASCII, without port. Raises ValueError on what is not a web address."""
    return _split(url).host


def is_web(url: str) -> bool:
    """Say whether `url` is an absolute http or https address with a host that can exist."""
    try:
        _split(url)
    except ValueError:
        return False
    return True


def _split(url: str, base: str | None = None) -> _Parts:
    """Take an address apart, as a browser would read it (WHATWG): blanks at the ends go, a backslash is a slash."""
    text = re.sub(r"[\t\r\n]", "", url).strip(
        "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x1b\x1c\x1d\x1e\x1f \xa0\ufeff"
    )
    if not text or len(text) > _LONGEST:
        raise ValueError("An empty or endless address leads nowhere.")
    cut = min((i for i in (text.find("?"), text.find("#")) if i >= 0), default=len(text))
    text = text[:cut].replace("\\", "/") + text[cut:]
    if base is not None:
        text = urljoin(base, text)
    scheme, netloc, path, query, _ = urlsplit(text)
    if scheme not in _DEFAULT or not netloc:
        raise ValueError(f"{text[:80]!r} is not a web address: it needs http:// or https:// and a host.")
    port = urlsplit(text).port
    if port == 0:
        raise ValueError(f"{text[:80]!r} names port 0, where nothing can listen.")
    return _Parts(scheme, _host(netloc), None if port == _DEFAULT[scheme] else port, path, query)


def _host(netloc: str) -> str:
    named = netloc.rpartition("@")[2]
    if named.startswith("["):
        address = ipaddress.IPv6Address(named[1 : named.index("]")])
        if address.scope_id is not None:
            raise ValueError("An address with a scope (fe80::1%eth0) means something on one machine only.")
        return f"[{address.compressed}]"
    name = named.partition(":")[0].lower()
    if not name.isascii():
        import idna  # its tables weigh 10 ms, and few addresses need them

        name = idna.encode(name, uts46=True).decode("ascii")
    name = name.removesuffix(".")
    if len(name) > 253 or not _HOST.fullmatch(name):
        raise ValueError(f"{name[:80]!r} is not the name of a host.")
    return name


def _authority(name: str, port: int | None) -> str:
    return name if port is None else f"{name}:{port}"


def _is_loopback(name: str) -> bool:
    return (
        name == "localhost" or name.endswith(".localhost") or name == "[::1]" or re.fullmatch(r"127(\.\d+){3}", name) is not None
    )


def _unwrap(parts: _Parts) -> str | None:
    """Return the address carried by an AMP cache or by a link of Google's alerts, None for an ordinary one."""
    labels = parts.host.split(".")
    google = len(labels) <= 4 and "google" in labels[:2]
    if parts.host.endswith(".cdn.ampproject.org"):
        cached = re.match(r"/[a-z]/(s/)?([^/]+\..*)", parts.path)
    else:
        cached = re.match(r"/amp/(s/)?([^/]+\..*)", parts.path) if google else None
    if cached:
        inner = f"http{'s' if cached[1] else ''}://{cached[2]}" + (f"?{parts.query}" if parts.query else "")
        return inner if is_web(inner) else None
    if google and parts.path == "/url":
        pairs = (pair.partition("=") for pair in parts.query.split("&"))
        carried = {name: value for name, _, value in pairs}
        inner = unquote_to_bytes(carried.get("url") or carried.get("q") or "").decode("utf-8", "replace")
        return inner if is_web(inner) else None
    return None


def _path(path: str) -> str:
    kept: list[str] = []
    segments = [quote(unquote_to_bytes(segment), safe=_PATH_SAFE) for segment in _SESSION.sub("", path).split("/")[1:]]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    whole = "/" + "/".join(kept)
    while (shorter := _AMP_START.sub("", _AMP_END.sub("", whole))) != whole:
        whole = shorter
    return whole.rstrip("/") or "/"


def _query(query: str) -> str:
    pairs: list[tuple[str, str]] = []
    for pair in query.replace("&amp;", "&").split("&"):
        name, _, value = pair.partition("=")
        if pair and not _tracks(name.lower(), value.lower()) and (name.lower(), value.lower()) not in _AMP:
            pairs.append((_encoded(name), _encoded(value)))
    pairs.sort(key=lambda pair: pair[0])  # stable: the order of values under one name means something
    return "&".join(f"{name}={value}" if value else name for name, value in pairs)


def _tracks(name: str, value: str) -> bool:
    return name in _TRACKERS or name.startswith(_PREFIXES) or (name in _ORIGIN_KEYS and value in _ORIGIN_VALUES)


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text.replace("+", " ")), safe=_QUERY_SAFE)
