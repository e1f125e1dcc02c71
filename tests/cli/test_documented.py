"""An operator finds every command in the documentation."""

import re
from pathlib import Path

from watcher.cli import COMMANDS

DOCS = Path(__file__).parents[2] / "docs"


def test_every_command_is_explained_on_some_page() -> None:
    """What `watcher --help` lists, docs/operating.md names with its page, and the pages that it leads to exist."""
    page = (DOCS / "operating.md").read_text("utf-8")
    table = page.partition("## Every command")[2].partition("\n## ")[0]
    assert set(re.findall(r"`watcher (\w+)`", table)) == set(COMMANDS)
    pages = set(re.findall(r"\]\(([\w-]+\.md)\)", table))
    assert pages
    assert all((DOCS / name).is_file() for name in pages)
