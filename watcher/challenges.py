"""Robot checks: pages that a gatekeeper serves instead of the one asked for, told by the marks of its maker."""

import re
from collections.abc import Sequence

from watcher import media

# In lower case. Only marks of the check itself: the gatekeepers' scripts stand on every page of the sites they guard.
_MARKS = (
    (b"window._cf_chl_opt", "Cloudflare"),
    (b"<title>just a moment...</title>", "Cloudflare"),
    (b"<title>attention required! | cloudflare</title>", "Cloudflare"),
    (b"captcha-delivery.com", "DataDome"),
    (b"var dd={'rt'", "DataDome"),
    (b"_incapsula_resource?swudnsai", "Imperva"),
    (b"incapsula incident id", "Imperva"),
    (b'id="px-captcha"', "PerimeterX"),
    (b"window.awswafcookiedomainlist", "AWS WAF"),
    (b"awswafintegration.checkforcerefresh", "AWS WAF"),
    (b"anubis_challenge", "Anubis"),
    (b"sucuri_cloudproxy_js", "Sucuri"),
    (b"<title>sucuri website firewall", "Sucuri"),
    (b"/_sec/cp_challenge/", "Akamai"),
    (b"sec-if-cpt-container", "Akamai"),
    (b"reference&#32;&#35;", "Akamai"),
    (b"kpsdk.scriptstart", "Kasada"),
    (b"<title>ddos-guard</title>", "DDoS-Guard"),
)
_HEADERS = {"cf-mitigated": "Cloudflare", "x-amzn-waf-action": "AWS WAF"}
_UNSEEN = re.compile(r"<script[\s\S]*?</script>|<style[\s\S]*?</style>|<[^<>]*>")
_LARGEST = 400_000  # a check is small
FEW = 1_500  # characters to read: an article that quotes a mark has more


def named(body: bytes, headers: Sequence[tuple[str, str]] = ()) -> str | None:
    """Return whose robot check an HTML answer is, or None when it is none, or holds more text than a check does."""
    if len(body) > _LARGEST:
        return None
    markup = body.lower()
    maker = next((maker for mark, maker in _MARKS if mark in markup), None)
    if maker is None:
        maker = next((_HEADERS[name.lower()] for name, value in headers if value and name.lower() in _HEADERS), None)
    if maker is None or media.sniff(body) != "text/html":
        return None
    return maker if len("".join(_UNSEEN.sub("", markup.decode("latin-1")).split())) < FEW else None
