"""What editors are told of `sources.yaml`."""

import json
from pathlib import Path
from typing import cast

from watcher.config import schema
from watcher.config.models import RetentionEntry, SettingsEntry, SourceEntry
from watcher.config.reading import read
from watcher.config.schema import schema_text
from watcher.config.words import duration

ROOT = Path(__file__).parents[2]
Schema = dict[str, object]


def test_written_schema_is_the_generated_one() -> None:
    """The schema beside sources.yaml is what the models say; the first line of sources.yaml names it."""
    assert (ROOT / "sources.schema.json").read_text(encoding="utf-8") == schema_text()
    first = (ROOT / "sources.yaml").read_text(encoding="utf-8").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=./sources.schema.json"


def test_every_key_is_described() -> None:
    """Every key has a description, which an editor shows, in every kind of source too."""
    groups = cast("dict[str, Schema]", schema()["$defs"])
    bare = [key for key, said in _properties(schema()) if not (said | groups.get(_name(said), {})).get("description")]
    assert bare == []


def test_one_alternative_for_each_kind() -> None:
    """A source is one of the kinds, with the keys of all sources and its own, and no other."""
    kinds = _kinds()
    assert {"feed", "page", "sitemap"} <= set(kinds)
    for kind, said in kinds.items():
        keys = cast("Schema", said["properties"])
        assert cast("Schema", keys["kind"])["const"] == kind
        assert set(SourceEntry.model_fields) <= set(keys)
        assert said["additionalProperties"] is False
        assert {"id", "kind", "name", "url"} <= set(cast("list[str]", said["required"]))


def test_shipped_keys_are_in_the_schema() -> None:
    """Every key of every shipped source is one that its alternative knows, every required one is there."""
    root, _ = read((ROOT / "sources.yaml").read_bytes(), "sources.yaml")
    assert root
    kinds = _kinds()
    for source in root.entries["sources"][1].items:
        said = kinds[source.entries["kind"][1].text]
        assert set(source.entries) <= set(cast("Schema", said["properties"]))
        assert set(cast("list[str]", said["required"])) <= set(source.entries)


def test_defaults_in_words() -> None:
    """Defaults are shown as they are written in the file, and are those that hold."""
    shown = {key: said["default"] for key, said in _properties(schema()) if "default" in said}
    assert duration(shown["every"]) == SourceEntry.model_fields["every"].default
    assert duration(shown["gap"]) == SettingsEntry().gap
    assert (duration(shown["texts"]), duration(shown["logs"])) == (RetentionEntry().texts, RetentionEntry().logs)
    json.dumps(schema())


def _name(said: Schema) -> str:
    """Return the name of the group that a key refers to, if it does."""
    return str(said.get("$ref", "")).rpartition("/")[2]


def _kinds() -> dict[str, Schema]:
    sources = cast("dict[str, Schema]", schema()["properties"])["sources"]
    alternatives = cast("dict[str, list[Schema]]", sources["items"])["anyOf"]
    return {str(said["title"]): said for said in alternatives}


def _properties(said: object) -> list[tuple[str, Schema]]:
    """Return every key of every object of a schema with what is said of it."""
    if isinstance(said, list):
        return [pair for part in cast("list[object]", said) for pair in _properties(part)]
    if not isinstance(said, dict):
        return []
    schema_ = cast("Schema", said)
    own = list(cast("dict[str, Schema]", schema_.get("properties", {})).items())
    return own + [pair for part in schema_.values() for pair in _properties(part)]
