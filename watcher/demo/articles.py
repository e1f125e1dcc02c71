"""Read the articles of `content/`: a head of `key: value` lines, a line `---`, then paragraphs in a small Markdown."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from string import Template
from types import MappingProxyType

from watcher.demo import moments
from watcher.errors import ConfigError

RESERVE = "reserve"
"""The `when:` of an article that is out only once it is published by hand."""

_ACCESS = ("open", "consent", "missing", "reserved")
_MEDIA = ("html", "pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of an outlet.

    `themes` is what its writer meant it to be filed under, best first (none: off-topic on purpose). `access` tells what its
    page answers: the article, a consent wall, an error page with status 200, or the article with mining rights reserved.
    `published_at` and `updated_at` are None until the article is out.
    """

    slug: str
    outlet: str
    title: str
    chapo: str
    author: str
    rubric: str
    when: str
    body: str
    themes: tuple[str, ...] = ()
    access: str = "open"
    media: str = "html"
    published_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def published(self) -> datetime:
        """The instant of publication; raises ValueError when the article is not out."""
        if self.published_at is None:
            raise ValueError(f"{self.slug} is not published.")
        return self.published_at

    @property
    def modified(self) -> datetime:
        """The instant of the last change, or of publication."""
        return self.updated_at or self.published


@cache
def load() -> MappingProxyType[str, Article]:
    """Return all articles of the package by slug, undated. Raises ConfigError on a file that is not well-formed."""
    folder = files("watcher.demo").joinpath("content")
    texts = {entry.name.removesuffix(".md"): entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".md")}
    return MappingProxyType({slug: parse(slug, texts[slug]) for slug in sorted(texts)})


def parse(slug: str, text: str) -> Article:
    """Read one file of `content/`. Raises ConfigError on an unknown or missing key."""
    head, separator, body = text.partition("\n---\n")
    fields: dict[str, str] = {}
    for number, line in enumerate(head.splitlines(), 1):
        key, colon, value = line.partition(": ")
        if not colon or key in fields or key not in Article.__dataclass_fields__:
            raise ConfigError(f"{line!r} is not a known 'key: value', or is given twice.", file=f"{slug}.md", line=number)
        fields[key] = value.strip()
    if not separator or not body.strip():
        raise ConfigError("The text is missing.", file=f"{slug}.md", remedy="Write it under a line of three hyphens.")
    themes = tuple(theme.strip() for theme in fields.pop("themes", "").split(",") if theme.strip())
    try:
        article = Article(slug=slug, body=body.strip(), themes=themes, **fields)  # type: ignore[arg-type]
    except TypeError as error:
        raise ConfigError(str(error), file=f"{slug}.md") from error
    if article.access not in _ACCESS or article.media not in _MEDIA:
        raise ConfigError("access or media holds an unknown word.", file=f"{slug}.md", remedy=f"Known: {_ACCESS}, {_MEDIA}.")
    return article


def out_at(article: Article, moment: datetime) -> Article:
    """Return `article` published at `moment`, with the `$day`, `$year`, `$last_year`, `$next_year` of its text filled in."""
    year = moment.astimezone(moments.PARIS).year
    words = {"day": moments.day_in_words(moment), "year": year, "last_year": year - 1, "next_year": year + 1}
    title, chapo, body = (Template(text).substitute(words) for text in (article.title, article.chapo, article.body))
    return replace(article, title=title, chapo=chapo, body=body, published_at=moment)
