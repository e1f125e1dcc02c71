"""Rehearse: render the home's templates on a full and on an empty edition, so that a mistake shows before Monday."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from watcher import dates, digest, render
from watcher.config import Config, Home
from watcher.model import (
    Candidate,
    Digest,
    Document,
    Edition,
    Evidence,
    Recipient,
    RisingTerm,
    SeedMatch,
    Story,
    TextStatus,
    Theme,
    ThemeScore,
    Told,
    UnreadSource,
    Verdict,
)
from watcher.pipeline.held import templates_of
from watcher.seeds import Seeds

WHEN = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
SENTENCE = "Rehearsal of a sentence that an edition may quote."


def rehearse(home: Home, config: Config, seeds: Seeds) -> int:
    """Render every e-mail template on an empty and on a full edition, and return how many files there are.

    The full one has all that an edition may: earlier ones to compare with, a story that moved on, entries left out, and links
    to the archive. Raises ConfigError with the file and line of the first mistake.
    """
    templates = templates_of(home)
    wanted = config.digests[0] if config.digests else Digest(id="rehearsal", title="Rehearsal")
    recipient = Recipient(id="rehearsal", address="rehearsal@example.org")
    plan = digest.Plan(
        digest=wanted,
        number=1,
        period=dates.last_week(WHEN, ZoneInfo(config.settings.timezone)),
        cutoff=WHEN,
        candidates=(),
        stories=(),
        themes=seeds.themes,
        seeds=seeds.seeds,
        read=0,
        sources_read=1,
        unread=(UnreadSource(id="rehearsal", name="Rehearsal", reason="http_503", since=WHEN),),
        excerpt=config.settings.excerpt,
        templates_hash=templates.hash,
    )
    candidates = tuple(_candidate(theme, seeds) for theme in seeds.themes)
    render.message(digest.build(plan), recipient, templates, config.settings)
    with_web = replace(config.settings, web_base_url=config.settings.web_base_url or "https://rehearsal.example")
    render.message(_full(replace(plan, candidates=candidates, read=len(candidates))), recipient, templates, with_web)
    return len(templates)


def _full(plan: digest.Plan) -> Edition:
    """Return an edition with everything in it that a template may show of articles."""
    first = digest.build(plan)
    told = tuple(
        Story(id=one.document.key, keys=(one.document.key,), development=2, told=_told(one)) for one in plan.candidates[:1]
    )
    edition = digest.build(replace(plan, number=9, stories=told, earlier=(first,) * digest.COMPARED))
    rising = (RisingTerm(term="rehearsal", count=3, usual=0.5),)
    sections = tuple(replace(section, more=2) for section in edition.sections)
    sent = tuple(entry for section in sections for entry in section.entries)[:1]
    figures = replace(edition.figures, rising=rising)
    return replace(edition, sections=sections, figures=figures, repeated=2, already_sent=sent)


def _told(one: Candidate) -> Told:
    return Told(story=one.document.key, development=1, title="Rehearsal", documents=("before",), number=8, told_at=WHEN)


def _candidate(theme: Theme, seeds: Seeds) -> Candidate:
    document = Document(
        key=f"https://rehearsal.example/{theme.id}",
        source_id="rehearsal",
        url=f"https://rehearsal.example/{theme.id}",
        title=f"Rehearsal of {theme.label}",
        text=f"{SENTENCE} {SENTENCE}",
        publisher="Rehearsal",
        published_at=WHEN,
        recorded_at=WHEN,
        status=TextStatus.FULL,
    )
    nearest = SeedMatch(id=seeds.seeds[0].id, passage=SENTENCE, similarity=0.5) if seeds.seeds else None
    score = ThemeScore(
        theme=theme.id,
        score=0.9,
        on=True,
        threshold=0.5,
        evidence=(Evidence(term="sentence", start=15, end=23, weight=1.0),),
        seed=nearest,
    )
    return Candidate(
        document=document, verdict=Verdict(relevance=3, score=0.9, themes=(score,), language="fr", classifier="rehearsal")
    )
