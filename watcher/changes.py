"""What we knew x what we read -> what each item is.

Identity is decided here, once: a document's key is its canonical address, else its guid in its source, else its title and
day. A guid moves a document to a new address only while it is believable: unique in its answer, and still about the same
thing (rows F04 to F06 of the fault matrix).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from watcher import text, urls
from watcher.model import Change, ChangeKind, FirstFetch, Item, Known, Source, SourceState

BULK_FACTOR = 5
BULK_FLOOR = 50
SAME_TITLE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What one answer brought: a change per distinct item, and how many were set aside, by reason."""

    changes: tuple[Change, ...]
    rejected: Mapping[str, int] = field(default_factory=dict[str, int])

    def count(self, *kinds: ChangeKind) -> int:
        """Return how many changes are of one of `kinds`."""
        return sum(change.kind in kinds for change in self.changes)


def key_of(item: Item, source_id: str) -> str | None:
    """Return the key of the document that `item` stands for, or None when nothing identifies it.

    The scheme of the key says where it comes from: `question:...` (the question's own), an address, `guid:SOURCE:HASH`, or
    `title:SOURCE:HASH`.
    """
    if item.question is not None:
        return item.question.key
    if item.url:
        try:
            return urls.canonical(item.url)
        except ValueError:
            pass  # an address that is none: the guid identifies the item instead
    if item.guid:
        return f"guid:{source_id}:{_short(item.guid)}"
    if item.title:
        day = item.published_at.date().isoformat() if item.published_at else ""
        title = " ".join(text.fold(item.title).split())
        return f"title:{source_id}:{_short(title + day)}"
    return None


def listed_hash(item: Item) -> str:
    """Return the hash of what a listing says of `item`: title, summary and content, typography and case aside.

    Dates are left out: publishers that stamp every entry with the hour of the request would revise everything for ever.
    """
    if item.question is not None:
        # What a data set says of a question is more than its words: that it was signalled, who has it now.
        return sha256(f"{item.title}\n{item.summary}\n{item.question!r}".encode("utf-8", "replace")).hexdigest()
    return text.fingerprint(item.title, f"{item.summary}\n{item.content}")


def decide(
    source: Source,
    state: SourceState,
    items: Iterable[Item],
    known: Iterable[Known],
    *,
    news_since: datetime | None,
    listed: Mapping[str, str] | None = None,
) -> Decided:
    """Say what each of `items` is, next to `known`.

    `news_since` is the start of the last period of the digests that `source` feeds: on a first fetch, what was published
    before it is backfill. An answer that holds far more new items than this source ever had is a bulk re-import: its items
    are BULK and wait for a person (row F09), unless the source says `first_fetch: all`. `listed` gives the hashes of items, by
    key, where somebody worked them out already (`listed_hash`).
    """
    rejected: Counter[str] = Counter()
    distinct = _distinct(items, source.id, rejected)
    by_key = {entry.key: entry for entry in known}
    believable = _believable_guids(distinct.values())
    by_guid = {entry.guid: entry for entry in known if entry.guid is not None and entry.guid in believable}
    hashes = listed or {}
    changes = tuple(
        _change(key, item, hashes.get(key), by_key, by_guid, state=state, source=source, news_since=news_since)
        for key, item in distinct.items()
    )
    fresh = sum(change.kind is ChangeKind.NEW for change in changes)
    if state.joined_at is not None and source.first_fetch is FirstFetch.PERIOD and _is_bulk(fresh, state):
        changes = tuple(_held(change) for change in changes)
    return Decided(changes=changes, rejected=dict(rejected))


def _distinct(items: Iterable[Item], source_id: str, rejected: Counter[str]) -> dict[str, Item]:
    distinct: dict[str, Item] = {}
    for item in items:
        key = key_of(item, source_id)
        if key is None:
            rejected["no_identity"] += 1
        elif not (item.url or item.title or item.summary or item.content):
            rejected["empty"] += 1
        elif key in distinct:
            rejected["repeated"] += 1
        else:
            distinct[key] = item
    return distinct


def _believable_guids(items: Iterable[Item]) -> set[str]:
    counted = Counter(item.guid for item in items if item.guid)
    return {guid for guid, times in counted.items() if times == 1}


def _change(
    key: str,
    item: Item,
    listed: str | None,
    by_key: Mapping[str, Known],
    by_guid: Mapping[str, Known],
    *,
    state: SourceState,
    source: Source,
    news_since: datetime | None,
) -> Change:
    listed = listed or listed_hash(item)
    entry = by_key.get(key) or _moved(item, by_guid)
    if entry is None:
        return Change(kind=_new_or_backfill(item, state, source, news_since), key=key, item=item, listed=listed)
    revised = entry.sighted and entry.listed != listed
    return Change(kind=ChangeKind.REVISED if revised else ChangeKind.KNOWN, key=entry.key, item=item, listed=listed)


def _moved(item: Item, by_guid: Mapping[str, Known]) -> Known | None:
    """Return the document that `item`'s guid stands for, unless the guid was given to another story."""
    entry = by_guid.get(item.guid) if item.guid else None
    if entry is None or not item.title or not entry.title:
        return entry
    old, new = set(text.fold(entry.title).split()), set(text.fold(item.title).split())
    return entry if old and len(old & new) / len(old | new) >= SAME_TITLE else None


def _new_or_backfill(item: Item, state: SourceState, source: Source, news_since: datetime | None) -> ChangeKind:
    """Decide by the item's date against the day the source joined, not by which poll saw it."""
    if source.first_fetch is FirstFetch.ALL or news_since is None:
        return ChangeKind.NEW
    if item.published_at is None:
        # Undated items cannot be placed: on the first fetch they are part of what was already there.
        return ChangeKind.BACKFILL if state.joined_at is None else ChangeKind.NEW
    return ChangeKind.NEW if item.published_at >= news_since else ChangeKind.BACKFILL


def _is_bulk(fresh: int, state: SourceState) -> bool:
    return fresh > max(BULK_FLOOR, BULK_FACTOR * state.usual_items)


def _held(change: Change) -> Change:
    if change.kind is not ChangeKind.NEW:
        return change
    return Change(kind=ChangeKind.BULK, key=change.key, item=change.item, listed=change.listed)


def _short(value: str) -> str:
    return sha256(value.encode()).hexdigest()[:24]
