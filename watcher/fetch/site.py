"""What a site says of itself before its pages are read: robots.txt and the reservation of its rights."""

import asyncio

from watcher.fetch import rights, robots
from watcher.fetch.answers import Answer, Refusal
from watcher.fetch.asking import Asker
from watcher.fetch.limits import Failure
from watcher.fetch.targets import Target, target
from watcher.model import HostState, ReadAs


class Sites:
    """Read each site's files when they are a day old, keep them in its `HostState`, and apply them."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._rules: dict[str, robots.Rules] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def check_robots(self, there: Target) -> None:
        """Raise Failure `robots` when robots.txt does not let us fetch `there`, and others when it cannot be read."""
        rules = self._rules.get(there.origin)
        state = self._asker.hosts.get(there.origin)
        if rules is None or not self._is_fresh(state):
            async with self._locks.setdefault(there.origin, asyncio.Lock()):
                state = self._asker.hosts.get(there.origin)
                if not self._is_fresh(state):
                    state = await self._read_robots(there.origin)
                rules = robots.rules(state.robots or "")
                self._rules[there.origin] = rules
                self._asker.slow_down(there.origin, rules.delay)
        if state.robots_refuse:
            raise Failure("robots", f"{there.origin}/robots.txt fails, which means that nothing may be fetched (RFC 9309).")
        if not rules.allows(there.text):
            raise Failure("robots", f"{there.origin}/robots.txt does not allow {robots.TOKEN!r} this address.", transient=False)

    async def reserved(self, here: Target, answer: Answer, read_as: ReadAs) -> str | None:
        """Return why mining `answer` is reserved, None when it is not; the site's file counts for documents."""
        settled, reason = rights.reserved_by_headers(answer.headers)
        if settled or read_as is not ReadAs.DOCUMENT:
            return reason
        async with self._locks.setdefault(here.origin, asyncio.Lock()):
            policy = self._asker.hosts.get(here.origin).tdm_policy
            if policy is None or not rights.is_fresh(policy, self._asker.now()):
                policy = await self._read_tdm_policy(here.origin)
        return rights.reserved_by_file(policy, here.path)

    def _is_fresh(self, state: HostState) -> bool:
        if state.robots_read_at is None:
            return False
        limits = self._asker.limits
        fresh = limits.refusal_fresh if state.robots_refuse else limits.meta_fresh
        return state.robots_read_at <= self._asker.now() < state.robots_read_at + fresh

    async def _read_robots(self, origin: str) -> HostState:
        """Read robots.txt (RFC 9309, 2.3.1). Raises Failure when its host does not answer: the document is not asked for."""
        limits = self._asker.limits
        text, refuse = "", False
        try:
            body = await self._asker.read(target(origin + "/robots.txt"), most=limits.robots, cut=True)
            text = robots.concerning(robots.decode(body))
        except Refusal as refused:
            if refused.status in (429, 503):
                raise
            refuse = refused.status >= 500
        except Failure as failure:
            if failure.reason not in ("redirects", "redirect_loop", "bad_redirect"):
                raise
        return self._asker.hosts.update(origin, robots=text, robots_refuse=refuse, robots_read_at=self._asker.now())

    async def _read_tdm_policy(self, origin: str) -> str:
        """Read tdmrep.json; a file that cannot be read reserves nothing (TDMRep, "TDM File on the Origin Server")."""
        limits, now = self._asker.limits, self._asker.now
        fresh, body = limits.meta_fresh, b""
        there = target(origin + rights.WELL_KNOWN)
        if self._rules[origin].allows(there.text):
            try:
                body = await self._asker.read(there, most=limits.tdm_policy)
            except Failure as failure:
                # Absent for a day when the server says so; asked again soon when it did not answer.
                absent = isinstance(failure, Refusal) and failure.status < 500
                fresh = limits.meta_fresh if absent else limits.refusal_fresh
        policy = rights.keep(body, now() + fresh)
        self._asker.hosts.update(origin, tdm_policy=policy)
        return policy
