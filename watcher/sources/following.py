"""When the next page of a listing is worth asking for."""

from collections.abc import Sequence
from datetime import timedelta

from watcher.model import Item, SourceState

_LATE = timedelta(days=1)  # publishers date an article a little before they list it


def reaches_news(found: Sequence[Item], state: SourceState) -> bool:
    """Say whether the page after one that lists `found` may hold what the last successful poll has not seen.

    It may until an item is older than that poll; pages without dates are followed in a first poll only.
    """
    if not found:
        return False
    if state.last_success_at is None:
        return True
    dated = [item.published_at for item in found if item.published_at is not None]
    return bool(dated) and min(dated) > state.last_success_at - _LATE
