"""Turn the three parts of `sources.yaml` into nouns, collecting every mistake on the way."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from watcher.config.addresses import mail_address, recipient_id
from watcher.config.mistakes import found, keys_of, mistake, mistakes, unknown_key
from watcher.config.models import SettingsEntry, SourceEntry
from watcher.config.nodes import Node
from watcher.config.readers import DigestEntry
from watcher.config.secrets import Secrets
from watcher.config.words import clip, did_you_mean
from watcher.errors import ConfigError
from watcher.model import Digest, Settings, Source

M = TypeVar("M", bound=BaseModel)
KEYS = ("settings", "sources", "digests")


def options_by_kind() -> Mapping[str, type[BaseModel]]:
    """Return the options of every kind of source, under the name of the kind."""
    # Here, so that what only needs the home does not pay for the kinds.
    from watcher.sources import KINDS

    return {name: kind.Options for name, kind in KINDS.items()}


class Sections:
    """The parts of one file. Each method returns nouns and adds to `errors` and `notes` what it has to say."""

    def __init__(self, path: Path, themes: Collection[str] | None, secrets: Secrets | None) -> None:
        self.errors: list[ConfigError] = []
        self.notes: list[str] = []
        self._file = str(path)
        self._folder = path.parent
        self._themes = themes
        self._secrets = secrets

    def top(self, root: Node) -> dict[str, Node]:
        """Return the parts by name; `sources` and `digests` must be there, if only as an empty list."""
        if root.shape != "mapping":
            remedy = "The file is made of `settings:`, `sources:` and `digests:`."
            self.errors.append(mistake(f"expected keys and values, got {found(root)}.", root, file=self._file, remedy=remedy))
            return {}
        for key, (place, _) in root.entries.items():
            if key not in KEYS:
                self.errors.append(unknown_key(key, place, KEYS, file=self._file, label="the file"))
        for key in ("sources", "digests"):
            if key not in root.entries:
                self._say(f"`{key}:` is missing.", root, f"Write `{key}: []` if there is none yet.")
        return {key: value for key, (_, value) in root.entries.items() if key in KEYS}

    def settings(self, node: Node | None) -> Settings:
        """Return the settings, joined with the secrets. Nothing below `settings:` means the defaults."""
        secrets = self._secrets or Secrets()
        default = _settings(SettingsEntry(), secrets)
        if node is None or (node.shape == "scalar" and node.value is None):
            return default
        entry = self._held(SettingsEntry, node, node.plain(), "settings")
        if entry is None:
            return default
        mail, mail_node = entry.mail, node.child("mail") or node
        if self._secrets and mail.mode == "smtp" and mail.username and not secrets.smtp_password:
            remedy = "Set WATCHER_SMTP_PASSWORD, or write the file `smtp-password` of $CREDENTIALS_DIRECTORY."
            self._say("settings: `mail.username` has no password.", mail_node.child("username") or mail_node, remedy)
        if mail.ca_file:
            ca_file = self._folder / mail.ca_file
            if not ca_file.is_file():
                place = mail_node.child("ca_file") or mail_node
                self._say(f"settings: `mail.ca_file`: there is no file {ca_file}.", place, "Paths start at this folder.")
            entry = entry.model_copy(update={"mail": mail.model_copy(update={"ca_file": str(ca_file)})})
        if self._secrets and mail.dkim and not secrets.dkim_key:
            remedy = "Set WATCHER_DKIM_KEY, or write the file `dkim-key` of $CREDENTIALS_DIRECTORY."
            self._say("settings: `mail.dkim` has no key.", mail_node.child("dkim") or mail_node, remedy)
        return _settings(entry, secrets)

    def sources(self, node: Node | None) -> tuple[Source, ...]:
        """Return the sources that could be understood."""
        items = self._list(node, "sources")
        kinds = options_by_kind()
        read = [self._source(item, number, kinds) for number, item in enumerate(items, 1)]
        ids = self._unique(items, "id", "source")
        was = self._unique(items, "was", "source")
        for old, place in was.items():
            if old in ids:
                self._say(f"`was: {clip(old)}` names a source that still exists.", place, "Remove `was`, or the other source.")
        self._same_addresses([source for source in read if source])
        return tuple(source for source in read if source)

    def digests(self, node: Node | None) -> tuple[Digest, ...]:
        """Return the digests that could be understood."""
        items = self._list(node, "digests")
        read = [self._digest(item, number) for number, item in enumerate(items, 1)]
        self._unique(items, "id", "digest")
        return tuple(digest for digest in read if digest)

    def _source(self, node: Node, number: int, kinds: Mapping[str, type[BaseModel]]) -> Source | None:
        label = _label("source", node, number)
        self._themes_known(node, label)
        if node.shape != "mapping":
            self._say(f"{label}: expected keys and values, got {found(node)}.", node, "Write `- id: …` and its keys below.")
            return None
        common = [key for key in node.entries if key in SourceEntry.model_fields]
        entry = self._held(SourceEntry, node, node.plain_of(common), label)
        kind = node.child("kind")
        model = kinds.get(kind.text) if kind else None
        if kind and model is None and isinstance(kind.value, str):
            self._say(f"{label}: the kind `{clip(kind.text)}` is not known.", kind, did_you_mean(kind.text, kinds))
        own = [key for each in ([model] if model else kinds.values()) for key in keys_of(each)]
        for key, (place, _) in node.entries.items():
            if key in common or key in own:
                continue
            self.errors.append(unknown_key(key, place, [*SourceEntry.model_fields, *own], file=self._file, label=label))
        if model is None:
            return None
        options = self._held(model, node, node.plain_of(own), label)
        return entry.noun(options) if entry and options else None

    def _digest(self, node: Node, number: int) -> Digest | None:
        label = _label("digest", node, number)
        self._themes_known(node, label)
        people = node.child("recipients")
        seen: dict[str, int] = {}
        for person in people.items if people else ():
            self._themes_known(person, label)
            self._unlike(person.child("address") or person, seen, label)
        plain = node.plain_of(node.entries)
        if people and people.shape == "list":
            plain["recipients"] = [{"address": p.value} if isinstance(p.value, str) else p.plain() for p in people.items]
        entry = self._held(DigestEntry, node, plain if node.shape == "mapping" else node.plain(), label)
        if entry and not entry.recipients:
            self.notes.append(f"The digest `{entry.id}` has no recipients: no edition of it is made.")
        return entry.noun() if entry else None

    def _unlike(self, node: Node, seen: dict[str, int], label: str) -> None:
        """Refuse the same person twice in one digest, however the address is spelt."""
        try:
            person = recipient_id(mail_address(node.text))
        except PydanticCustomError:  # said when the digest is held against its model
            return
        if person in seen:
            self._say(f"{label}: this person is already on line {seen[person]}.", node, "Keep one of the two.")
        seen.setdefault(person, node.line)

    def _themes_known(self, node: Node, label: str) -> None:
        themes = node.child("themes")
        for theme in themes.items if themes and self._themes is not None else ():
            if self._themes is not None and isinstance(theme.value, str) and theme.value not in self._themes:
                self._say(f"{label}: the theme `{clip(theme.text)}` is not known.", theme, did_you_mean(theme.text, self._themes))

    def _unique(self, items: list[Node], key: str, what: str) -> dict[str, Node]:
        """Refuse two equal values under `key`; return the place of each value."""
        places: dict[str, Node] = {}
        for node in (child for item in items if (child := item.child(key)) and isinstance(child.value, str)):
            if (first := places.setdefault(node.text, node)) is not node:
                remedy = f"It is already on line {first.line}: each {what} has its own."
                self._say(f"the {what} `{key}: {clip(node.text)}` is written twice.", node, remedy)
        return places

    def _same_addresses(self, sources: list[Source]) -> None:
        first: dict[tuple[str, str], str] = {}
        for source in sources:
            other = first.setdefault((source.kind, source.url), source.id)
            if other != source.id and source.enabled:
                self.notes.append(f"The sources `{other}` and `{source.id}` read the same address.")

    def _list(self, node: Node | None, key: str) -> list[Node]:
        if node is not None and node.shape != "list":
            self._say(f"`{key}`: expected a list, got {found(node)}.", node, f"Write `{key}: []` if there is none yet.")
        return node.items if node else []

    def _held(self, model: type[M], node: Node, plain: object, label: str) -> M | None:
        """Hold plain values against a model. Through JSON, where lists stand for tuples and nothing else is converted."""
        try:
            return model.model_validate_json(json.dumps(plain), strict=True)
        except ValidationError as error:
            self.errors += mistakes(error, node, file=self._file, label=label, model=model)
            return None

    def _say(self, problem: str, node: Node, remedy: str = "") -> None:
        self.errors.append(mistake(problem, node, file=self._file, remedy=remedy))


def _settings(entry: SettingsEntry, secrets: Secrets) -> Settings:
    settings = entry.noun(password=secrets.smtp_password, database=secrets.database)
    return replace(settings, mail=replace(settings.mail, key=secrets.mail_key or "", dkim_key=secrets.dkim_key))


def _label(what: str, node: Node, number: int) -> str:
    name = node.child("id")
    return f"{what} `{clip(name.text)}`" if name and isinstance(name.value, str) else f"{what} {number}"
