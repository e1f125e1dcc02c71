"""Rehearse: render the home's templates on a full and on an empty edition, so that a mistake shows before Monday."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from watcher import dates, digest, render
from watcher.config import Config, Home
from watcher.model import (
    Candidate,
    Digest,
    Document,
    Evidence,
    Recipient,
    SeedMatch,
    TextStatus,
    Theme,
    ThemeScore,
    UnreadSource,
    Verdict,
)
from watcher.pipeline.held import templates_of
from watcher.seeds import Seeds

WHEN = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
SENTENCE = "Rehearsal of a sentence that an edition may quote."


def rehearse(home: Home, config: Config, seeds: Seeds) -> int:
    """Render every e-mail template twice and return how many files there are.

    Raises ConfigError with the file and line of the first mistake.
    """
    templates = templates_of(home)
    wanted = config.digests[0] if config.digests else Digest(id="rehearsal", title="Rehearsal")
    recipient = Recipient(id="rehearsal", address="rehearsal@example.org")
    for candidates in ((), tuple(_candidate(theme, seeds) for theme in seeds.themes)):
        edition = digest.build(
            digest.Plan(
                digest=wanted,
                number=1,
                period=dates.last_week(WHEN, ZoneInfo(config.settings.timezone)),
                cutoff=WHEN,
                candidates=candidates,
                stories=(),
                themes=seeds.themes,
                seeds=seeds.seeds,
                read=len(candidates),
                sources_read=1,
                unread=(UnreadSource(id="rehearsal", name="Rehearsal", reason="http_503", since=WHEN),),
                excerpt=config.settings.excerpt,
                templates_hash=templates.hash,
            )
        )
        render.message(edition, recipient, templates, config.settings)
    return len(templates)


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
