"""Read the files of `content/`: a head of `key: value` lines, the question, and its answer when it has one."""

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from watcher.errors import ConfigError

_BREAK = "\n---\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One question as it is written, before it has dates.

    `asked` and the other times are `3w` (weeks before the chamber's last issue of the Journal officiel) or `75d` (days before
    the anchor). `answered` counts from issue number `issue` on. `transfers` is `ministry@2w`, with the word `decree` when a
    decree and not the author's ministry moved the question. `reason` is why it was closed, for the Assemblée with its code.
    `converted` and `recalls` name other drafts, `answer_of` the one whose answer is this one's too. `themes` are those that a
    reader should file it under, none when it is off-topic on purpose. `quirks` are oddities of form (see `records`).
    """

    slug: str
    chamber: str
    kind: str
    number: str
    title: str
    author: str
    ministry: str
    asked: str
    page: str
    text: str
    answer: str = ""
    themes: str = ""
    theme: str = ""
    rubric: str = ""
    subjects: str = ""
    place: str = ""
    also: str = ""
    transfers: str = ""
    signalled: str = ""
    sitting: str = ""
    erratum: str = ""
    erratum_page: str = ""
    answered: str = ""
    answer_page: str = ""
    answer_of: str = ""
    issue: str = "0"
    state: str = ""
    closed: str = ""
    reason: str = ""
    converted: str = ""
    recalls: str = ""
    form: str = ""
    quirks: str = ""


@cache
def load() -> MappingProxyType[str, Draft]:
    """Return every draft by slug, the copies of a campaign included. Raises ConfigError on a file that is not well-formed."""
    folder = files("watcher.demo.parliament").joinpath("content")
    texts = {entry.name.removesuffix(".md"): entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".md")}
    read = {draft.slug: draft for slug in sorted(texts) for draft in _copies(parse(slug, texts[slug]))}
    return MappingProxyType({slug: _answered(draft, read) for slug, draft in read.items()})


def parse(slug: str, text: str) -> Draft:
    """Read one file. `also` may be given several times. Raises ConfigError on an unknown, doubled or missing key."""
    head, _, body = text.partition(_BREAK)
    fields: dict[str, str] = {}
    for number, line in enumerate(head.splitlines(), 1):
        key, colon, value = line.partition(":")
        if key == "also" and key in fields:
            fields[key] += "\n" + value.strip()
        elif not colon or key in fields or key not in Draft.__dataclass_fields__:
            raise ConfigError(f"{line!r} is not a known 'key: value', or is given twice.", file=f"{slug}.md", line=number)
        else:
            fields[key] = value.strip()
    question, _, answer = body.partition(_BREAK)
    if not question.strip():
        raise ConfigError("The text is missing.", file=f"{slug}.md", remedy="Write it under a line of three hyphens.")
    try:
        return Draft(slug=slug, text=question.strip(), answer=answer.strip(), **fields)
    except TypeError as error:
        raise ConfigError(str(error), file=f"{slug}.md") from error


def _copies(draft: Draft) -> list[Draft]:
    """Return `draft` and what other members made of it: `number | author | place | asked | page` for each."""
    made = [replace(draft, also="")]
    for line in draft.also.splitlines():
        number, author, place, asked, page = (part.strip() for part in line.split("|"))
        slug = f"{draft.slug}-{author}"
        made.append(replace(made[0], slug=slug, number=number, author=author, place=place, asked=asked, page=page))
    return made


def _answered(draft: Draft, read: dict[str, Draft]) -> Draft:
    return replace(draft, answer=read[draft.answer_of].answer) if draft.answer_of else draft
