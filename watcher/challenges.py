"""Robot checks: pages that a gatekeeper serves instead of the one asked for, told by the marks of its maker."""

import re
from collections.abc import Sequence

from watcher import media

# In lower case. Only marks of the check itself: the gatekeepers' scripts stand on every page of the sites they guard.
_MARKS = (
    ("window._cf_chl_opt", "Cloudflare"),
    ("<title>just a moment...</title>", "Cloudflare"),
    ("<title>attention required! | cloudflare</title>", "Cloudflare"),
    ("captcha-delivery.com", "DataDome"),
    ("var dd={'rt'", "DataDome"),
    ("_incapsula_resource?swudnsai", "Imperva"),
    ("incapsula incident id", "Imperva"),
    ('id="px-captcha"', "PerimeterX"),
    ("window.awswafcookiedomainlist", "AWS WAF"),
    ("awswafintegration.checkforcerefresh", "AWS WAF"),
    ("anubis_challenge", "Anubis"),
    ("sucuri_cloudproxy_js", "Sucuri"),
    ("<title>sucuri website firewall", "Sucuri"),
    ("/_sec/cp_challenge/", "Akamai"),
    ("sec-if-cpt-container", "Akamai"),
    ("reference&#32;&#35;", "Akamai"),
    ("kpsdk.scriptstart", "Kasada"),
    ("<title>ddos-guard</title>", "DDoS-Guard"),
)
_HEADERS = {"cf-mitigated": "Cloudflare", "x-amzn-waf-action": "AWS WAF"}
_UNSEEN = re.compile(r"<script[\s\S]*?</script>|<style[\s\S]*?</style>|<[^<>]*>")
_LARGEST = 400_000  # a check is small
_FEW = 1_500  # characters to read: an article that quotes a mark has more


def named(body: bytes, headers: Sequence[tuple[str, str]] = ()) -> str | None:
    """Return whose robot check an HTML answer is, or None when it is none, or holds more text than a check does."""
    if len(body) > _LARGEST:
        return None
    markup = body.decode("latin-1").lower()
    maker = next((maker for mark, maker in _MARKS if mark in markup), None)
    if maker is None:
        maker = next((_HEADERS[name.lower()] for name, value in headers if value and name.lower() in _HEADERS), None)
    if maker is None or media.sniff(body) != "text/html":
        return None
    return maker if len("".join(_UNSEEN.sub("", markup).split())) < _FEW else None
