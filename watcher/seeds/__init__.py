"""Reading seeds/: themes.yaml, one record per seed document, the labelled examples and the trained model.

Every mistake is told with its file, line and column; all of them are gathered before anything is raised.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path

from watcher.classify.themes import Rule
from watcher.errors import ConfigError, ConfigErrors
from watcher.model import Example, Seed, Theme
from watcher.seeds.examples import parse_examples, read_examples, unzipped
from watcher.seeds.page import Page, is_text, utf8
from watcher.seeds.themes import read_themes

__all__ = ["Seeds", "load", "read_examples"]

_FENCE = re.compile(r"\A---\n(.*?\n)---\n(.*)\Z", re.DOTALL)


MODEL = "model.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """The seed corpus, as read from one folder.

    `model` is the bytes of model.json, None when there is none. `negatives` are texts of real streams that are off every
    theme. `version` is the hash of all that was read.
    """

    themes: tuple[Theme, ...]
    rule: Rule
    seeds: tuple[Seed, ...]
    examples: tuple[Example, ...] = ()
    negatives: tuple[Example, ...] = ()
    model: bytes | None = field(default=None, repr=False)
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
        errors.append(ConfigError("is missing.", file=str(path / "themes.yaml"), remedy="`watcher init` lays one out."))
    else:
        page = Page(str(path / "themes.yaml"), errors)
        themes, rule = read_themes(page, page.yaml(utf8(data, page)))
    ids = frozenset(theme.id for theme in themes)
    records: list[Seed] = []
    for file in sorted(path.glob("*.md")):
        if file.name != "README.md" and (data := content(file.name)) is not None:
            page = Page(str(file), errors, first_line=2)
            if record := _seed(page, file.stem, utf8(data, page), ids):
                records.append(record)
    examples = parse_examples(Page(str(path / "examples.jsonl"), errors), content("examples.jsonl"), ids)
    negatives_page = Page(str(path / "negatives.jsonl.gz"), errors)
    negatives = parse_examples(negatives_page, unzipped(negatives_page, content("negatives.jsonl.gz")), ids)
    model = content(MODEL)
    if errors:
        raise ConfigErrors(tuple(errors))
    return Seeds(
        themes=themes,
        rule=rule,
        seeds=tuple(records),
        examples=examples,
        negatives=negatives,
        model=model,
        version=digest.hexdigest()[:12],
    )


def _seed(page: Page, identifier: str, content: str, themes: frozenset[str]) -> Seed | None:
    match = _FENCE.match(content.replace("\r\n", "\n"))
    if match is None:
        page.wrong("expected a front matter between two lines of ---.", 1, 1)
        return None
    root = page.yaml(match[1])
    if root is None:
        return None
    known = ("title", "publisher", "date", "url", "themes")
    node = page.mapping(root, None, None, known, ("title", "publisher", "date", "themes"))
    for parent, place, theme in page.items(node, "themes"):
        if themes and theme not in themes:
            page.wrong(f"the theme {theme!r} is not in themes.yaml.", *page.at(parent, place))
    if not match[2].strip():
        page.wrong("holds no text after its front matter.", match[1].count("\n") + 2, 1)
    return Seed(
        id=identifier,
        title=page.value(node, "title", "", is_text, "a text"),
        publisher=page.value(node, "publisher", "", is_text, "a text"),
        date=page.value(node, "date", date.min, lambda v: type(v) is date, "a date as 2026-03-01"),
        url=page.value(node, "url", "", lambda v: isinstance(v, str), "an address"),
        themes=tuple(str(theme) for _, _, theme in page.items(node, "themes")),
        text=match[2].strip(),
    )
