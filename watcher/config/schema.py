"""Describe `sources.yaml` to editors, as a JSON Schema made from the same models that check it."""

import json
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pydantic import BaseModel

Schema = dict[str, object]


def schema() -> Schema:
    """Return the JSON Schema (draft 7, which editors know best) of `sources.yaml`: a source is one of the known kinds."""
    from pydantic.json_schema import models_json_schema

    from watcher.config.models import SettingsEntry, SourceEntry
    from watcher.config.readers import DigestEntry
    from watcher.config.sections import KEYS, options_by_kind

    kinds = options_by_kind()
    models: list[type[BaseModel]] = [SettingsEntry, SourceEntry, DigestEntry, *kinds.values()]
    refs, whole = models_json_schema([(model, "validation") for model in models], title="sources.yaml of watcher")
    defs = cast("dict[str, Schema]", whole["$defs"])
    refs_of = {model: str(ref["$ref"]).rpartition("/")[2] for (model, _), ref in refs.items()}
    common = defs.pop(refs_of[SourceEntry])
    sources = [_source(name, common, defs.pop(refs_of[model])) for name, model in kinds.items()]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": whole["title"],
        "description": "What is read, how it is mailed, and to whom. The last line is `# end of sources.yaml`.",
        "type": "object",
        "properties": {
            "settings": {"description": "What holds for all.", "anyOf": [refs[SettingsEntry, "validation"], {"type": "null"}]},
            "sources": {"description": "What is read.", "type": "array", "items": {"anyOf": sources}},
            "digests": {"description": "What is mailed.", "type": "array", "items": refs[DigestEntry, "validation"]},
        },
        "required": [key for key in KEYS if key != "settings"],
        "additionalProperties": False,
        "$defs": {name: defs[name] for name in sorted(defs)},
    }


def schema_text() -> str:
    """Return the schema as the file `sources.schema.json` holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _source(kind: str, common: Schema, options: Schema) -> Schema:
    """Return the schema of a source of one kind: the keys of all sources and those of its own, flat."""
    properties = {**cast("Schema", common["properties"]), **cast("Schema", options.get("properties", {}))}
    properties["kind"] = {"const": kind, "description": f"How it is read: `{kind}`."}
    return {
        "title": kind,
        "description": str(options.get("description", "")),
        "type": "object",
        "properties": properties,
        "required": [*cast("list[str]", common["required"]), *cast("list[str]", options.get("required", []))],
        "additionalProperties": False,
    }
