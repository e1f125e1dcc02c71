"""A home for measuring: generated feeds as sources, in a folder of its own."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from watcher.cli.common import opened
from watcher.cli.init import lay_out
from watcher.pipeline.desk import Desk

HEAD = """\
settings:
  contact: bench@example.org
  gap: 0 s
  allow_private: [127.0.0.0/8]
sources:
"""
TAIL = """\
digests:
  - id: veille
    title: Veille
    day: monday
    time: "07:30"
    recipients: [lecture@example.org]
# end of sources.yaml
"""


def lay_out_home(folder: Path, feeds: Iterable[str], *, pages: str = "auto") -> None:
    """Write a home whose sources are `feeds`, everything in them being news."""
    lay_out(folder, skip=("sources.yaml",))
    entries = "".join(
        f"  - {{id: feed-{n}, kind: feed, name: Feed {n}, url: '{url}', first_fetch: all, pages: {pages}}}\n"
        for n, url in enumerate(feeds)
    )
    (folder / "sources.yaml").write_text(HEAD + entries + TAIL, "utf-8")


@contextmanager
def desk_of(folder: str) -> Generator[Desk]:
    """Open the home with its classifier loaded, so that what is measured is the work."""
    with opened(folder) as desk:
        desk.classifier.verdict("Titre", "Un texte court.")
        yield desk
