"""Robot checks: pages that a gatekeeper serves instead of the one asked for, told by the marks of its maker."""

import re
from collections.abc import Sequence

from watcher import media

_MARKS = (
    ("Cloudflare", r"/cdn-cgi/challenge-platform/[^\"']{0,80}orchestrate|window\._cf_chl_opt|<title>Just a moment\.\.\.</title>"),
    ("Cloudflare", r"id=[\"']cf-error-details[\"']|<title>Attention Required! \| Cloudflare</title>"),
    ("DataDome", r"(?:geo|ct)\.captcha-delivery\.com|var dd=\{'rt'"),
    ("Imperva", r"_Incapsula_Resource\?|Incapsula incident ID"),
    ("PerimeterX", r"id=[\"']px-captcha[\"']|window\._pxAppId"),
    ("AWS WAF", r"window\.awsWafCookieDomainList|AwsWafIntegration\.(?:checkForceRefresh|getToken)"),
    ("Anubis", r"id=[\"']anubis_challenge[\"']|/\.within\.website/x/cmd/anubis/"),
    ("Sucuri", r"sucuri_cloudproxy_js|<title>Sucuri WebSite Firewall"),
    ("Akamai", r"<title>Access Denied</title>[\s\S]{0,400}Reference&#32;&#35;|/_sec/cp_challenge/|sec-if-cpt-container"),
    ("Kasada", r"KPSDK\.scriptStart|/ips\.js\?[^\"']{0,40}KP_REF"),
    ("Friendly Captcha", r"class=[\"'][^\"']{0,60}frc-captcha[^\"']{0,40}[\"'][^>]{0,200}data-start=[\"']auto"),
    ("DDoS-Guard", r"<title>DDoS-Guard</title>|check\.ddos-guard\.net"),
)
_MARK = re.compile("|".join(f"(?P<m{number}>{pattern})" for number, (_, pattern) in enumerate(_MARKS)), re.IGNORECASE)
_HEADERS = {"cf-mitigated": "Cloudflare", "x-datadome": "DataDome", "x-amzn-waf-action": "AWS WAF"}
_LARGEST = 400_000  # a check is small; an article that quotes one of the marks may not be


def named(body: bytes, headers: Sequence[tuple[str, str]] = ()) -> str | None:
    """Return whose robot check an HTML answer is, or None. A header alone is not enough: there must be no long text."""
    if len(body) > _LARGEST or media.sniff(body) != "text/html":
        return None
    markup = body.decode("latin-1")
    found = _MARK.search(markup)
    if found is not None:
        return _MARKS[int((found.lastgroup or "m0")[1:])][0]
    maker = next((_HEADERS[name.lower()] for name, value in headers if name.lower() in _HEADERS and value), None)
    return (
        maker if maker and len(re.sub(r"<script[\s\S]*?</script>|<style[\s\S]*?</style>|<[^>]*>", "", markup)) < 1_000 else None
    )
