"""The administrator's file: `sources.yaml`, the environment and the credentials, as frozen settings.

`find_home` says where an installation lives; `load` reads its file, or raises ConfigErrors with `file:line:column`, what was
expected and what was perhaps meant for every mistake at once; `schema` describes the file to editors. `edit` adds a source
without disturbing the rest, `opml` exchanges sources with feed readers.
"""

from watcher.config.home import Home, find_home
from watcher.config.load import Config, load
from watcher.config.schema import schema

__all__ = ["Config", "Home", "find_home", "load", "schema"]
