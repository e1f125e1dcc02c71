"""Reading seeds/: themes.yaml, one record per seed document, the labelled examples and the trained model.

Every mistake is told with its file, line and column; all of them are gathered before anything is raised. A model that cannot
be used is no mistake of the corpus: it is set aside, and told apart.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path

from watcher import urls
from watcher.classify.themes import Rule
from watcher.errors import ConfigError, ConfigErrors
from watcher.model import Example, Seed, Theme
from watcher.seeds.examples import parse_examples, read_examples, unzipped
from watcher.seeds.floors import Floors, read_floors, write_floors
from watcher.seeds.model import MODEL, adopt, previous, read_model
from watcher.seeds.naming import Naming
from watcher.seeds.page import Page, few, is_text, utf8
from watcher.seeds.themes import read_themes

__all__ = [
    "MODEL",
    "UNSEEN",
    "Floors",
    "Seeds",
    "adopt",
    "load",
    "previous",
    "read_examples",
    "read_floors",
    "read_seed",
    "write_floors",
]

UNSEEN = "unseen.jsonl.gz"
"""Texts of real streams that training never sees: what a new model is measured on."""


_FENCE = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n(.*))?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """The seed corpus, as read from one folder.

    `model` is the bytes of model.json, None when there is none or when it is of no use: `broken_model` then says why.
    `negatives` are texts of real streams that are off every theme. `version` is the hash of all that was read.
    """

    themes: tuple[Theme, ...]
    rule: Rule
    seeds: tuple[Seed, ...]
    examples: tuple[Example, ...] = ()
    negatives: tuple[Example, ...] = ()
    model: bytes | None = field(default=None, repr=False)
    broken_model: ConfigError | None = None
    version: str = ""


def load(path: Path) -> Seeds:
    """Return the seed corpus of the folder `path`.

    Reads themes.yaml (required), *.md but README.md, examples.jsonl, negatives.jsonl.gz and model.json. Raises ConfigErrors
    with every mistake found.
    """
    errors: list[ConfigError] = []
    digest = sha256()

    def content(name: str) -> bytes | None:
        file = path / name
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            errors.append(ConfigError(f"cannot be read ({error.strerror}).", file=str(file)))
            return None
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
        return data

    themes: tuple[Theme, ...] = ()
    rule = Rule()
    if (data := content("themes.yaml")) is None:
        errors.append(ConfigError("is missing.", file=str(path / "themes.yaml"), remedy="`watcher init HOME` lays one out."))
    else:
        page = Page(str(path / "themes.yaml"), errors)
        themes, rule = read_themes(page, page.yaml(utf8(data, page)))
    naming = Naming(frozenset(theme.id for theme in themes))
    in_themes = len(errors)
    records: list[Seed] = []
    for file in sorted(path.glob("*.md")):
        if file.name != "README.md" and (data := content(file.name)) is not None:
            page = Page(str(file), errors, first_line=2)
            if record := _seed(page, file.stem, utf8(data, page), naming):
                twin = next((one for one in records if record.text and one.text == record.text), None)
                if twin is not None:
                    page.wrong(f"holds the same text as {twin.id}.md.", 1, 1, "Keep one of the two, with the themes of both.")
                records.append(record)
    examples = parse_examples(Page(str(path / "examples.jsonl"), errors), content("examples.jsonl"), naming)
    negatives_page = Page(str(path / "negatives.jsonl.gz"), errors)
    negatives = parse_examples(negatives_page, unzipped(negatives_page, content("negatives.jsonl.gz")), naming)
    model, broken = read_model(str(path / MODEL), content(MODEL))
    naming.settle(errors, str(path / "themes.yaml"), told=bool(in_themes))
    if errors:
        raise ConfigErrors(few(errors))
    return Seeds(
        themes=themes,
        rule=rule,
        seeds=tuple(records),
        examples=examples,
        negatives=negatives,
        model=model,
        broken_model=broken,
        version=digest.hexdigest()[:12],
    )


def read_seed(file: Path, themes: frozenset[str]) -> Seed:
    """Return the seed of a Markdown file with its front matter, wherever it is. Raises ConfigErrors."""
    errors: list[ConfigError] = []
    page, naming = Page(str(file), errors, first_line=2), Naming(themes)
    seed = _seed(page, file.stem, utf8(file.read_bytes(), page), naming)
    if seed is None or errors:
        raise ConfigErrors(few(errors))
    return seed


def _seed(page: Page, identifier: str, content: str, naming: Naming) -> Seed | None:
    match = _FENCE.match(content.replace("\r\n", "\n"))
    if match is None:
        page.wrong("expected a front matter between two lines of ---.", 1, 1)
        return None
    root = page.yaml(match[1])
    if root is None:
        return None
    known = ("title", "publisher", "date", "url", "themes")
    node = page.mapping(root, None, None, known, ("title", "publisher", "date", "themes"))
    themes: list[str] = []
    for parent, place, theme in page.items(node, "themes"):
        if is_text(theme):
            themes.append(theme)
            naming.check(page, theme, *page.at(parent, place))
        else:
            page.wrong(f"themes: expected the id of a theme, found {theme!r}.", *page.at(parent, place))
    if node.get("themes") == []:
        page.wrong("themes: there is no theme in it.", *page.at(node, "themes"), "Name those that the text is an example of.")
    text = (match[2] or "").strip()
    if not text:
        page.wrong("holds no text after its front matter.", match[1].count("\n") + 2, 1)
    return Seed(
        id=identifier,
        title=page.value(node, "title", "", is_text, "a text"),
        publisher=page.value(node, "publisher", "", is_text, "a text"),
        date=page.value(node, "date", date.min, lambda v: type(v) is date, "a date as 2026-03-01"),
        url=page.value(node, "url", "", _is_address, "an address as https://www.example.org/article, or nothing"),
        themes=tuple(themes),
        text=text,
    )


def _is_address(value: object) -> bool:
    return isinstance(value, str) and (not value or urls.is_web(value))
