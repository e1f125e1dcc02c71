"""Ask one origin for one thing, when its turn has come: what the client and the site files both go through."""

import asyncio
import importlib.metadata
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import BinaryIO

import httpx

from watcher.fetch.answers import REDIRECTS, Answer, refusal
from watcher.fetch.exchange import exchange
from watcher.fetch.gate import Gate
from watcher.fetch.guard import Guard, Resolve
from watcher.fetch.hosts import Hosts
from watcher.fetch.limits import Failure, Limits, Meter
from watcher.fetch.robots import TOKEN
from watcher.fetch.targets import Target, Trail
from watcher.fetch.transport import Transport
from watcher.model import HostState, Settings

NETWORK = frozenset({"dns", "connect", "timeout"})
UNANSWERED = NETWORK | {"tls", "protocol"}

Pairs = list[tuple[bytes, bytes]]


class Asker:
    """Send requests through the guard and the gate of their origin, and keep what their answers say of the origin."""

    def __init__(
        self,
        *,
        settings: Settings,
        hosts: Mapping[str, HostState],
        now: Callable[[], datetime],
        limits: Limits,
        tls: ssl.SSLContext | None,
        resolve: Resolve | None,
    ) -> None:
        self.hosts = Hosts(hosts)
        self.limits = limits
        self.now = now
        self._gap = settings.gap
        self._proxied = settings.proxy is not None
        self._guard = Guard(allow_private=settings.allow_private, contact=bool(settings.contact.strip()), resolve=resolve)
        self._transport = Transport(self._guard, limits, tls=tls, proxy=settings.proxy)
        self._gates: dict[str, Gate] = {}
        self._slots = asyncio.Semaphore(limits.in_flight)
        self._agent = _user_agent(settings.contact)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()
        self._guard.close()

    def slow_down(self, origin: str, delay: float) -> None:
        """Put at least `delay` seconds between two requests to `origin` (Crawl-delay), within the limit."""
        self._gate(origin).gap = max(self._gap, min(delay, self.limits.crawl_delay))

    async def ask(
        self, there: Target, headers: Pairs, *, most: int, seconds: float, cut: bool = False, sink: BinaryIO | None = None
    ) -> tuple[Answer, float]:
        """Send one request; return its answer, whatever its status, and the seconds on the wire. Raises Failure.

        The body of a document goes to `sink` when there is one.
        """
        if self._proxied:
            self._guard.check_literal(there.host)
        origin = there.origin
        async with self._gate(origin):
            self.hosts.check_open(origin, self.now())
            async with self._slots:
                begun = time.monotonic()
                request = httpx.Request(
                    "GET",
                    there.url,
                    headers=[(b"host", there.url.netloc), (b"user-agent", self._agent), *headers],
                    extensions={"meter": Meter(deadline=begun + seconds, room=0)},
                )
                try:
                    answer = await exchange(self._transport, request, most=most, limits=self.limits, cut=cut, sink=sink)
                except Failure as failure:
                    if failure.reason in UNANSWERED:
                        self.hosts.count(origin, failed=True)
                    raise
                took = time.monotonic() - begun
            # Inside the gate: whoever waits next must find the pause that this answer asks for.
            self._note(origin, answer)
        return answer, took

    async def read(self, address: Target, *, most: int, cut: bool = False) -> bytes:
        """Read a file that speaks for a whole site, through redirects. Raises Failure, Refusal for a status."""
        trail = Trail(here=address, seen={address.text})
        while True:
            answer, _ = await self.ask(trail.here, [(b"accept-encoding", b"gzip")], most=most, seconds=self.limits.total, cut=cut)
            if answer.status not in REDIRECTS:
                break
            trail.step(answer.status, answer.header("location"), self.limits.redirects)
        refused = refusal(answer, conditional=False, now=self.now(), limits=self.limits)
        if refused is not None:
            raise refused
        return answer.body

    def _note(self, origin: str, answer: Answer) -> None:
        self.hosts.count(origin, failed=answer.status >= 500)
        if answer.status in (429, 503):
            refused = refusal(answer, conditional=False, now=self.now(), limits=self.limits)
            self.hosts.update(origin, not_before=refused.retry_after if refused else None)

    def _gate(self, origin: str) -> Gate:
        gate = self._gates.get(origin)
        if gate is None:
            gate = self._gates[origin] = Gate(self._gap)
        return gate


def _user_agent(contact: str) -> bytes:
    shown = "".join(char for char in contact.strip() if char.isprintable() and char not in "()")
    version = importlib.metadata.version("watcher")
    return f"{TOKEN}/{version}{f' (+{shown})' if shown else ''}".encode("ascii", "replace")
