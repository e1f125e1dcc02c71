"""Editions as mails: an edition, a recipient and the administrator's templates become the bytes that are sent."""

from binascii import b2a_qp
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from watcher.model import Edition, Message, Recipient, Settings
from watcher.render import contents, mime, safety, styles, typography
from watcher.render.links import links
from watcher.render.templates import Templates

__all__ = ["Templates", "message", "shown"]

MAX_HTML = 100_000  # bytes of the HTML part as it is sent, in quoted-printable; Gmail cuts a mail at 102 kB
MOST_ENTRIES = 120  # more never fit: the shortest entry takes about 900 bytes
# Stands for the reader's own unsubscribe address while a body is shared by all those who have the same subscription.
_UNSUBSCRIBE = "mailto:unsubscribe@recipient.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    subject: str
    html: str
    text: str
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    edition: Edition
    settings: tuple[str | None, ...]
    body: _Body


# What was rendered last, for as long as there are the templates that it was rendered with.
_KEPT: WeakKeyDictionary[Templates, _Kept] = WeakKeyDictionary()


def message(edition: Edition, recipient: Recipient, templates: Templates, settings: Settings) -> Message:
    """Render `edition` as the mail that `recipient` gets.

    Pure: the same arguments give the same bytes. The HTML part stays under 100 kB as it is sent: entries are left out from
    the least relevant until it does, and counted as `more` (row E10). Raises ConfigError for a mistake in a template, or when
    the result would hold a header, a link or a tag that mails may not have.
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
    # Recipients with one subscription come one after the other; older bodies are not kept.
    alike = (settings.timezone, settings.mail.sender, settings.mail.reply_to, settings.web_base_url)
    kept = _KEPT.get(templates)
    if kept is None or kept.edition is not edition or kept.settings != alike:
        kept = _KEPT[templates] = _Kept(edition=edition, settings=alike, body=_fitting(edition, templates, settings))
    return kept.body


def _fitting(edition: Edition, templates: Templates, settings: Settings) -> _Body:
    """Render with as many entries as the size allows."""
    entries = (*(e for s in edition.sections for e in s.entries), *edition.parliament.entries)
    part = edition.parliament
    first = {e.key for some in (part.answers, part.asked, part.moved, part.ended) for e in some[:2]}  # no sort is cut whole
    ranked = sorted(entries, key=lambda e: (e.key not in first, -e.relevance, -e.score, e.key))
    ranked = ranked[:MOST_ENTRIES]
    body = _render(contents.shortened(edition, ranked), templates, settings)
    while (size := _sent_size(body.html)) > MAX_HTML and ranked:
        keep = min(len(ranked) - 1, int(len(ranked) * 0.97 * MAX_HTML / size))
        ranked = ranked[:keep]
        body = _render(contents.shortened(edition, ranked), templates, settings)
    return body


def _sent_size(html: str) -> int:
    """Return how many bytes `html` takes in a mail: in quoted-printable an accent takes six, and line ends are two."""
    encoded = b2a_qp(html.encode(), istext=True)
    return len(encoded) + encoded.count(b"\n")


def _render(edition: Edition, templates: Templates, settings: Settings) -> _Body:
    values: dict[str, object] = {
        "edition": edition,
        "essentials": contents.essentials(edition),
        "figures": contents.figures(edition),
        "articles": (articles := sum(len(section.entries) + section.more for section in edition.sections)),
        "questions": (questions := len(edition.parliament.entries) + edition.parliament.more),
        "total": articles + questions,
        "zone": settings.timezone,
        "until": contents.until(edition),
        "contact": settings.mail.reply_to or settings.mail.sender,
        "unsubscribe": _UNSUBSCRIBE,
        "links": links(edition, settings),
        "fine": typography.FINE,
    }
    page = "email/edition.html.j2"
    html = styles.inlined(templates.html(page, **values), file=templates.place(page))
    safety.check(html, file=templates.place(page))
    plain = {name: values[name] for name in ("total", "articles", "questions", "zone", "fine")}
    plain["already"] = len(edition.already_sent)
    named = {name: getattr(edition, name) for name in ("title", "number", "period", "frequency")}
    subject = templates.text("email/subject.txt.j2", **named, **plain)
    entries = (*(e for section in edition.sections for e in section.entries), *edition.parliament.entries)
    return _Body(
        subject=typography.one_line(subject),
        html=html,
        text=typography.one_blank(templates.text("email/edition.txt.j2", **values)).strip("\n") + "\n",
        shown=tuple(dict.fromkeys(entry.key for entry in entries)),
    )
