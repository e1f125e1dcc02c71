"""A publisher at a fixed anchor, and a way to ask it that hides nothing: no redirect, no decoding, no retry."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPMessage

import pytest

from watcher.demo.publisher import Publisher

SATURDAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Got:
    """A raw answer: lower-case header names, the body as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: object, code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow no redirect."""


@pytest.fixture(scope="session")
def anchor() -> datetime:
    """A Saturday at noon (UTC) in ISO week 2026-W47, so that both last week and this one have articles."""
    return SATURDAY


@pytest.fixture
def publisher(anchor: datetime) -> Iterator[Publisher]:
    """A publisher of its own for each test, on ports that the system chose."""
    with Publisher(anchor) as running:
        yield running


@pytest.fixture(scope="session")
def ask() -> Callable[..., Got]:
    """Return `ask(url, method="GET", **headers)`; underscores in header names stand for hyphens."""

    def get(url: str, method: str = "GET", **headers: str) -> Got:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)
        try:
            with opener.open(urllib.request.Request(url, method=method, headers=named), timeout=10) as answer:
                return Got(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Got(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    return get
