"""Exchange sources with feed readers as OPML 2.0.

Our own keys travel in attributes of the namespace `urn:watcher:opml`, which other programs pass over: what `export` writes,
`read` gives back whole. Files of other programs are read as feeds, whatever folders they stand in.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from watcher import text
from watcher.config.addresses import web_address
from watcher.config.edit import insert
from watcher.config.load import understand
from watcher.config.models import SourceEntry
from watcher.config.words import clip, duration_words, slug
from watcher.errors import ConfigError, ConfigErrors, collected
from watcher.model import Source

NAMESPACE = "urn:watcher:opml"
MAX_BYTES = 4 << 20
MAX_DEPTH = 32
_EMPTY = b"sources: []\ndigests: []\n# end of sources.yaml\n"


def export(sources: Iterable[Source]) -> bytes:
    """Return the sources as OPML 2.0 in UTF-8; a kind other than `feed` is a `link`, so that readers do not poll it."""
    outlines = "".join(f"    <outline {_attributes(source)}/>\n" for source in sources)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0" xmlns:w="{NAMESPACE}">\n'
        f"  <head><title>Sources</title></head>\n  <body>\n{outlines}  </body>\n</opml>\n"
    ).encode()


def read(data: bytes, *, file: str = "OPML", mistakes: list[ConfigError] | None = None) -> tuple[Mapping[str, object], ...]:
    """Return the entries of an OPML file, as `edit.add_sources` takes them, in file order; each address once.

    Outlines that no source can be made of are added to `mistakes`, each at its line; without that list, they raise
    ConfigErrors. Raises ConfigError, with line and column, for what is no OPML, holds a document type (the door of entities),
    or is larger than 4 MiB.
    """
    if len(data) > MAX_BYTES:
        raise ConfigError(f"the file is larger than {MAX_BYTES >> 20} MiB.", file=file)
    reader = _Reader(file)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        problem = f"this is not XML: {expat.errors.messages.get(error.code, 'unknown error')}."
        raise ConfigError(problem, file=file, line=error.lineno, column=error.offset + 1) from error
    except (ValueError, LookupError) as error:  # an encoding that is declared but not known
        raise ConfigError(f"this cannot be read: {error}.", file=file, line=1, column=1) from error
    if reader.mistakes and mistakes is None:
        raise ConfigErrors(tuple(reader.mistakes))
    if mistakes is not None:
        mistakes += reader.mistakes
    return tuple(reader.entries)


def _attributes(source: Source) -> str:
    feed = source.kind == "feed"
    options = cast("BaseModel", source.options).model_dump(mode="json", exclude_defaults=True) if source.options else {}
    pairs = {
        "text": source.name,
        "type": "rss" if feed else "link",
        "xmlUrl" if feed else "url": source.url,
        "language": source.language,
        "w:id": source.id,
        "w:kind": source.kind,
        "w:every": duration_words(source.every),
        "w:enabled": json.dumps(source.enabled),
        "w:themes": " ".join(source.themes),
        "w:first_fetch": source.first_fetch.value,
        "w:weight": json.dumps(source.weight),
        "w:was": source.was or "",
        "w:options": json.dumps(options, ensure_ascii=False) if options else "",
    }
    return " ".join(f"{key}={quoteattr(value)}" for key, value in pairs.items() if value)


class _Reader:
    """Collects outlines while expat reads; nothing of a document type is ever acted upon."""

    def __init__(self, file: str) -> None:
        self.entries: list[Mapping[str, object]] = []
        self.mistakes: list[ConfigError] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._file = file
        self._depth = 0
        self._ids: set[str] = set()
        self._addresses: set[str] = set()

    def _doctype(self, *_: object) -> None:
        raise self._error("a document type is not accepted here.", "Remove the line `<!DOCTYPE …>`.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1 and name != "opml":
            raise self._error(f"this is `<{name[:40]}>`, not OPML.", "")
        if self._depth > MAX_DEPTH:
            raise self._error(f"outlines are nested deeper than {MAX_DEPTH} levels.", "")
        if name == "outline" and (entry := collected(lambda: self._entry(attributes), self.mistakes)):
            self.entries.append(entry)

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _entry(self, attributes: dict[str, str]) -> Mapping[str, object] | None:
        """Return the entry of one outline, None for a folder, a comment or an address seen before."""
        own = {key.removeprefix(f"{NAMESPACE} "): value for key, value in attributes.items() if key.startswith(f"{NAMESPACE} ")}
        plain = {key.lower(): value.strip() for key, value in attributes.items()}
        url = _web(plain.get("xmlurl") or (plain.get("url", "") if own else ""))
        if not url or (not own and url in self._addresses):
            return None
        title = attributes.get("text", "") if own else text.clean_line(plain.get("text") or plain.get("title") or "")
        self._check_address(title, url)
        name = title if own else title or url[:300]
        self._addresses.add(url)
        entry: dict[str, object] = {"id": self._id(own.get("id") or slug(name)), "kind": own.get("kind", "feed")}
        entry |= {"name": name, "url": url}
        language = plain.get("language", "").lower().partition("-")[0]
        if own or re.fullmatch("[a-z]{2,3}", language):
            entry["language"] = language or "fr"
        return self._checked(entry | self._own(own)) if own else entry

    def _check_address(self, title: str, url: str) -> None:
        """Refuse what is no web address. An outline without title is not called by its address: it may hold a password."""
        try:
            web_address(url)
        except PydanticCustomError as error:
            about = error.context or {}
            problem = str(about.get("problem", "")).replace("`", "'")
            raise self._error(f"outline {clip(title)!r}: {problem}", str(about.get("remedy", ""))) from error

    def _checked(self, entry: Mapping[str, object]) -> Mapping[str, object]:
        """Return an entry of our own keys, once it is known that a file of sources may hold it."""
        try:
            understand(insert(_EMPTY, [entry], file=self._file), Path(self._file))
        except ConfigErrors as error:
            first = error.errors[0]
            raise self._error(f"outline {clip(str(entry['name']))!r}: {first.problem}", first.remedy) from error
        return entry

    def _own(self, own: dict[str, str]) -> dict[str, object]:
        """Return our own keys as plain values; those that say what is the default anyway are left out."""
        entry: dict[str, object] = {key: own[key] for key in ("every", "first_fetch", "was") if key in own}
        try:
            entry |= {key: json.loads(own[key]) for key in ("enabled", "weight") if key in own}
            options = json.loads(own.get("options", "{}"))
        except (ValueError, RecursionError) as error:
            raise self._error("one of our own attributes is not JSON.", "") from error
        if own.get("themes"):
            entry["themes"] = own["themes"].split()
        if isinstance(options, dict):
            entry |= {
                key: value for key, value in cast("dict[str, object]", options).items() if key not in SourceEntry.model_fields
            }
        return entry

    def _id(self, wanted: str) -> str:
        name, number = wanted, 2
        while name in self._ids:
            name, number = f"{wanted[:60].rstrip('-')}-{number}", number + 1
        self._ids.add(name)
        return name

    def _error(self, message: str, remedy: str) -> ConfigError:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        return ConfigError(message, file=self._file, line=line, column=column, remedy=remedy)


def _web(address: str) -> str:
    """Return the address with the `feed:` schemes that some programs write turned into web ones."""
    if address.lower().startswith("feed:"):
        rest = address[5:]
        return rest if rest.lower().startswith("http") else f"https:{rest}"
    return address
