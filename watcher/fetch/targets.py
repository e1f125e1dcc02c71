"""Where a request goes: addresses taken apart once, and the next address of a redirect."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import httpx

from watcher import urls
from watcher.fetch.limits import Failure

# Most addresses: their site has been taken apart before.
_PLAIN = re.compile(r"(https?://[a-z0-9.-]+(?::[0-9]+)?/)[\w./~?=&-]*\Z", re.ASCII)
_LONGEST = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address that may be asked for, without fragment. `path` is its path and query, as robots.txt is matched with."""

    text: str
    url: httpx.URL
    origin: str
    host: str
    path: str


@lru_cache(maxsize=4096)
def target(text: str) -> Target:
    """Take `text` apart. Raises Failure `bad_scheme` or `bad_url` (no host, credentials in it, not an address)."""
    bare = text.strip().partition("#")[0]
    plain = _PLAIN.match(bare) if len(bare) < _LONGEST else None
    if plain is None:
        return _parsed(bare)
    site, url = _parsed(plain[1]), httpx.URL(bare)
    return Target(text=str(url), url=url, origin=site.origin, host=site.host, path=url.raw_path.decode("ascii"))


@lru_cache(maxsize=1024)
def _parsed(bare: str) -> Target:
    try:
        parts = urlsplit(bare)
        if parts.scheme.lower() not in ("http", "https"):
            raise Failure("bad_scheme", "Only http:// and https:// addresses are read.", transient=False)
        if parts.username is not None or parts.password is not None:
            raise Failure("bad_url", "The address carries a user name or password: it is not sent anywhere.", transient=False)
        url = httpx.URL(bare)
        # What httpx understood is what is checked: two parsers may see two hosts in one address.
        if not url.host or url.userinfo or url.scheme not in ("http", "https"):
            raise Failure("bad_url", "The address names no host.", transient=False)
        origin = urls.origin(f"{url.scheme}://{url.netloc.decode('ascii')}")
    except (ValueError, httpx.InvalidURL) as error:
        raise Failure("bad_url", f"This is not a web address ({error}).", transient=False) from error
    return Target(text=str(url), url=url, origin=origin, host=url.host, path=url.raw_path.decode("ascii"))


def without_credentials(text: str) -> str:
    """Return the address as it may be shown: everything before an @ in its authority is left out."""
    scheme, mark, rest = text.partition("//")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}"


@dataclass(slots=True, kw_only=True)
class Trail:
    """The way from the address asked for to the one that answers. `permanent` while all its steps are 301 or 308."""

    here: Target
    seen: set[str]
    hops: int = 0
    permanent: bool = True
    upgraded: bool = False

    def step(self, status: int, location: str | None, most: int) -> None:
        """Go where `location` leads (RFC 9110, 15.4).

        Raises Failure `bad_redirect` (none or unusable), `redirects` (more than `most`), `redirect_loop`, `downgrade` (https
        to http on the very address that was just asked over https), and those of `target`.
        """
        if not location or not location.strip():
            raise Failure("bad_redirect", "The server redirects without saying where to.")
        if self.hops >= most:
            raise Failure("redirects", f"The address leads through more than {most} redirects.")
        try:
            joined = urljoin(self.here.text, _as_utf8(location.strip()))
        except ValueError as error:
            raise Failure("bad_redirect", "The server redirects to something that is not an address.") from error
        there = target(joined)
        self.upgraded = self.here.url.scheme == "https" and there.url.scheme == "http"
        if self.upgraded:
            there = _as_https(there)
        if there.text in self.seen:
            if self.upgraded:
                raise Failure("downgrade", "The site sends readers from https back to http: it is not followed there.")
            raise Failure("redirect_loop", "The redirects of this address lead back to where they came from.")
        self.seen.add(there.text)
        self.hops += 1
        self.permanent = self.permanent and status in (301, 308)
        self.here = there


def _as_utf8(text: str) -> str:
    """Read a header that came as latin-1 as the UTF-8 that most servers mean, where it is that."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _as_https(there: Target) -> Target:
    port = None if there.url.port in (None, 80) else there.url.port
    return target(str(there.url.copy_with(scheme="https", port=port)))
