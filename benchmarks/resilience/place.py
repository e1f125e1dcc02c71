"""The home that trials are made on: laid out and read once, put back before each trial, always at the same place."""

import asyncio
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.home import HEAD
from benchmarks.resilience import points
from watcher import classify, config, seeds
from watcher.classify.classifier import Classifier
from watcher.cli.init import lay_out
from watcher.config import Config, Home
from watcher.pipeline import poll as polling
from watcher.pipeline import reading, warm
from watcher.pipeline.desk import Desk
from watcher.sandbox import Sandbox, T
from watcher.seeds import Seeds
from watcher.store import Store

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
DIGEST = """\
digests:
  - id: veille
    title: Veille
    day: monday
    time: "07:30"
    recipients: [un@example.org, deux@example.org, trois@example.org]
# end of sources.yaml
"""


class Inside(Sandbox):
    """A sandbox without walls: what parses stores nothing, and a worker for each trial would take seconds to start."""

    async def run(self, task: Callable[..., T], *args: object, returns: type[T], **kwargs: object) -> T:  # noqa: ARG002 - the overridden signature
        """Call `task` in this process."""
        return task(*args, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A home in `folder`, and what its files say: whoever forks has read them already."""

    folder: Path
    home: Home
    config: Config
    seeds: Seeds
    classifier: Classifier

    @property
    def database(self) -> Path:
        """The database of the trial."""
        return self.home.var / "watcher.db"

    def keep(self) -> None:
        """Have every trial begin with the home as it is now."""
        shutil.rmtree(self.folder / "first", ignore_errors=True)
        shutil.copytree(self.home.path, self.folder / "first")

    def fresh(self) -> None:
        """Put the home back as it was kept."""
        shutil.rmtree(self.home.path, ignore_errors=True)
        shutil.copytree(self.folder / "first", self.home.path)

    def in_child(self, work: Callable[[], None]) -> None:
        """Do `work` in a child, so that nothing it opens follows into the trials. Raises RuntimeError when it fails."""

        def marked() -> None:
            points.ready()
            work()

        if code := points.finished(marked):
            raise RuntimeError(f"the home could not be prepared (exit {code})")

    @contextmanager
    def desk(self, now: Callable[[], datetime]) -> Generator[Desk]:
        """Open the store, and work by the clock `now`."""
        store = Store.open(self.home.database_url)
        try:
            desk = Desk(home=self.home, config=self.config, seeds=self.seeds, store=store, now=now)
            vars(desk)["classifier"] = self.classifier
            yield desk
        finally:
            store.close()

    def poll(self) -> None:
        """Ask every source, now."""
        with self.desk(lambda: NOW) as desk:
            asyncio.run(polling.poll(desk, everything=True))


def laid_out(folder: Path, feeds: tuple[str, ...], *, entries: str = "pages: auto, every: 12 h") -> Place:
    """Lay a home out in `folder`, with `feeds` as sources whose keys are `entries`, and load all that reading needs."""
    home = Home(folder / "trial")
    lay_out(home.path, skip=("sources.yaml",))
    text = "".join(
        f"  - {{id: feed-{n}, kind: feed, name: Feed {n}, url: '{url}', first_fetch: all, {entries}}}\n"
        for n, url in enumerate(feeds)
    )
    home.sources_yaml.write_text(HEAD + text + DIGEST, "utf-8")
    corpus = seeds.load(home.seeds)
    loaded = config.load(home, {}, themes=[theme.id for theme in corpus.themes])
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
    classifier.verdict("Titre", "Un texte court sur la formation.")
    warm.warm()
    setattr(polling, "Sandbox", Inside)  # noqa: B010 - the name is a class for type checkers
    setattr(reading, "kept", lambda: classifier)  # noqa: B010
    place = Place(folder=folder, home=home, config=loaded, seeds=corpus, classifier=classifier)
    home.var.mkdir(mode=0o700, exist_ok=True)
    return place
