"""The one guarded, polite HTTP client, used for everything that comes from outside."""

from watcher.fetch.client import Client, is_network
from watcher.fetch.limits import Limits

__all__ = ["Client", "Limits", "is_network"]
