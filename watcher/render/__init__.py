"""Editions as mails: an edition, a recipient and the administrator's templates become the bytes that are sent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from watcher.errors import ConfigError
from watcher.model import Edition, Entry, Message, QuestionEntry, Recipient, Section, Settings
from watcher.render import mime, safety, typography
from watcher.render.templates import Templates

__all__ = ["Templates", "message", "shown"]

MAX_HTML = 100_000  # bytes; Gmail cuts a mail at 102 kB
MOST_ENTRIES = 120  # more never fit: the shortest entry takes about 900 bytes
ESSENTIALS = 5
# Stands for the reader's own unsubscribe address while a body is shared by all those who have the same subscription.
_UNSUBSCRIBE = "mailto:unsubscribe@recipient.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One bar of the week in figures: `count` entries of a theme, `share` of the fullest theme in [0, 1]."""

    label: str
    colour: str
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    subject: str
    html: str
    text: str
    shown: tuple[str, ...] = ()


def message(edition: Edition, recipient: Recipient, templates: Templates, settings: Settings) -> Message:
    """Render `edition` as the mail that `recipient` gets.

    Pure: the same arguments give the same bytes. The HTML part stays under 100 kB: entries are left out from the least
    relevant until it does, and counted as `more` (row E10). Raises ConfigError for a mistake in a template, or when the
    result would hold a header, a link or a tag that mails may not have.
    """
    body = _body(edition, templates, settings)
    known = mime.envelope(edition, recipient, settings)
    html = body.html.replace(_UNSUBSCRIBE, known.unsubscribe)
    text = body.text.replace(_UNSUBSCRIBE, known.unsubscribe)
    raw = mime.build(edition, recipient, settings, subject=body.subject, html=html, text=text)
    return Message(message_id=known.message_id, subject=body.subject, html=html, text=text, raw=raw)


def shown(edition: Edition, templates: Templates, settings: Settings) -> tuple[str, ...]:
    """Return the keys of the entries that the mail of `edition` shows, each once: all but those its size leaves out."""
    return _body(edition, templates, settings).shown


def _body(edition: Edition, templates: Templates, settings: Settings) -> _Body:
    key = (edition, settings.timezone, settings.mail.sender, settings.mail.reply_to)
    body = templates.kept.get(key)
    if not isinstance(body, _Body):
        body = _fitting(edition, templates, settings)
        templates.kept.clear()  # recipients with one subscription come one after the other; older bodies are not kept
        templates.kept[key] = body
    return body


def _fitting(edition: Edition, templates: Templates, settings: Settings) -> _Body:
    """Render with as many entries as the size allows."""
    entries = (*(e for s in edition.sections for e in s.entries), *edition.parliament.entries)
    part = edition.parliament
    first = {e.key for some in (part.answers, part.asked, part.moved, part.ended) for e in some[:2]}  # no sort is cut whole
    ranked = sorted(entries, key=lambda e: (e.key not in first, -e.relevance, -e.score, e.key))
    ranked = ranked[:MOST_ENTRIES]
    body = _render(_shortened(edition, ranked), templates, settings)
    while len(body.html.encode()) > MAX_HTML and ranked:
        keep = min(len(ranked) - 1, int(len(ranked) * 0.97 * MAX_HTML / len(body.html.encode())))
        ranked = ranked[:keep]
        body = _render(_shortened(edition, ranked), templates, settings)
    return body


def _render(edition: Edition, templates: Templates, settings: Settings) -> _Body:
    values: dict[str, object] = {
        "edition": edition,
        "essentials": _essentials(edition),
        "figures": _figures(edition.sections),
        "articles": (articles := sum(len(section.entries) + section.more for section in edition.sections)),
        "questions": (questions := len(edition.parliament.entries) + edition.parliament.more),
        "total": articles + questions,
        "zone": settings.timezone,
        "contact": settings.mail.reply_to or settings.mail.sender,
        "unsubscribe": _UNSUBSCRIBE,
        "fine": typography.FINE,
    }
    page = "email/edition.html.j2"
    html = _inlined(templates.html(page, **values), file=templates.place(page))
    safety.check(html, file=templates.place(page))
    plain = {name: values[name] for name in ("total", "articles", "questions", "zone", "fine")}
    subject = templates.text("email/subject.txt.j2", title=edition.title, number=edition.number, period=edition.period, **plain)
    return _Body(
        subject=typography.one_line(subject),
        html=html,
        text=templates.text("email/edition.txt.j2", **values).strip("\n") + "\n",
        shown=tuple(
            dict.fromkeys(
                (*(e.key for section in edition.sections for e in section.entries), *(e.key for e in edition.parliament.entries))
            )
        ),
    )


def _essentials(edition: Edition) -> tuple[tuple[Section, Entry], ...]:
    """Return the entries to begin with: the most relevant, no more than two of one theme while others have some."""
    ranked = sorted(
        ((s, rank, e) for s in edition.sections for rank, e in enumerate(s.entries)),
        key=lambda found: (found[1] >= 2, -found[2].relevance, -found[2].score, found[2].key),
    )
    return tuple((section, entry) for section, _, entry in ranked[:ESSENTIALS])


def _figures(sections: Sequence[Section]) -> tuple[Figure, ...]:
    counts = [len(section.entries) + section.more for section in sections]
    most = max(counts, default=1) or 1
    return tuple(
        Figure(label=section.label, colour=section.colour, count=count, share=count / most)
        for section, count in zip(sections, counts, strict=True)
    )


def _shortened(edition: Edition, kept: Sequence[Entry | QuestionEntry]) -> Edition:
    keys = {entry.key for entry in kept}
    sections: list[Section] = []
    for section in edition.sections:
        entries = tuple(entry for entry in section.entries if entry.key in keys)
        sections.append(replace(section, entries=entries, more=section.more + len(section.entries) - len(entries)))
    part = edition.parliament
    lists = {
        name: tuple(e for e in entries if e.key in keys)
        for name, entries in (("answers", part.answers), ("asked", part.asked), ("moved", part.moved), ("ended", part.ended))
    }
    left = len(part.entries) - sum(map(len, lists.values()))
    return replace(edition, sections=tuple(sections), parliament=replace(part, **lists, more=part.more + left))


def _inlined(html: str, *, file: str) -> str:
    """Copy the rules of the style sheet into the elements, which is where mail programs look; @media rules stay.

    They go to the end of <head>: a browser looks for the encoding in the first 1,024 bytes only.
    """
    from css_inline import CSSInliner, InlineError

    try:
        inlined = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline(html)
    except InlineError as error:
        raise ConfigError(f"its styles cannot be put into its elements: {error}.", file=file) from error
    sheet = re.match(r"(?s)(.*?<head>)(<style>.*?</style>)(.*?)(</head>)", inlined)
    return sheet.expand(r"\1\3\2\n\4") + inlined[sheet.end() :] if sheet else inlined
