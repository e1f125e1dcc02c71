"""Trees, sources and archives for the tests of `assemblee_questions`."""

import copy
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

from watcher.model import Source
from watcher.sources import assemblee_questions
from watcher.sources.assemblee_nodes import Node

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATEST = date(2026, 12, 5)
CASES = Path(__file__).parent / "assemblee_questions" / "cases"
URL = "https://data.assemblee-nationale.fr/static/openData/repository/17/questions/questions_ecrites/Questions_ecrites.json.zip"


def a_source(url: str = URL, **options: int) -> Source:
    """Return a source of the kind, with options as they stand in sources.yaml."""
    kind = assemblee_questions
    return Source(id="an", kind=kind.KIND, name="Assemblée", url=url, options=kind.Options.model_validate(options))


def real_tree(name: str = "QANR5L17QE9001.json") -> dict[str, Node]:
    """Return the question of a case, as it is under `question`."""
    tree = json.loads((CASES / name).read_text("utf-8"))
    return copy.deepcopy(tree["question"])


def an_archive(path: Path, files: dict[str, bytes | str]) -> str:
    """Write a zip of `files` and return its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return str(path)
