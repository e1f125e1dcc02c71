"""Disjoint sets of keys."""

from collections.abc import Iterable, Mapping


class Union:
    """Disjoint sets of keys, given oldest first; each set keeps that order."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._parent: dict[str, str] = {key: key for key in keys}
        self._age: Mapping[str, int] = {key: age for age, key in enumerate(self._parent)}

    def join(self, one: str, other: str) -> None:
        """Put `one` and `other`, and all that is with them, into one set."""
        first, second = sorted((self._root(one), self._root(other)), key=self._age.__getitem__)
        self._parent[second] = first

    def groups(self) -> list[list[str]]:
        """Return the sets, by the age of their oldest key."""
        members: dict[str, list[str]] = {}
        for key in self._parent:
            members.setdefault(self._root(key), []).append(key)
        return list(members.values())

    def _root(self, key: str) -> str:
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key
