"""What is known of each origin during one run, and which of it the store has to be told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from watcher.fetch.limits import Failure
from watcher.model import HostState


class Hosts:
    """Hold the `HostState` of every origin, and remember which ones changed."""

    def __init__(self, known: Mapping[str, HostState]) -> None:
        self._states = dict(known)
        self._changed: set[str] = set()

    def get(self, origin: str) -> HostState:
        """Return what is known of `origin`, an empty state for a new one."""
        return self._states.get(origin) or HostState(origin=origin)

    def update(self, origin: str, **fields: Any) -> HostState:
        """Set fields of the state of `origin`."""
        before = self.get(origin)
        after = replace(before, **fields)
        if after != before:
            self._states[origin] = after
            self._changed.add(origin)
        return after

    def count(self, origin: str, *, failed: bool) -> None:
        """Count failures in a row: one more, or none any longer."""
        state = self._states.get(origin)
        if failed:
            self.update(origin, failures=(state.failures if state else 0) + 1)
        elif state is not None and state.failures:
            self.update(origin, failures=0)

    def check_open(self, origin: str, now: datetime) -> None:
        """Raise Failure `not_before` while `origin` asked to be left alone."""
        state = self._states.get(origin)
        if state is not None and state.not_before is not None and now < state.not_before:
            raise Failure("not_before", f"{origin} asked not to be called before {state.not_before:%Y-%m-%d %H:%M} UTC.")

    def changed(self) -> tuple[HostState, ...]:
        """Return the states that changed since the last call."""
        states = tuple(self._states[origin] for origin in sorted(self._changed))
        self._changed.clear()
        return states
