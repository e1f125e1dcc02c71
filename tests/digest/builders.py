"""Documents with verdicts, made in one line each."""

from datetime import UTC, datetime, timedelta
from typing import Any

from watcher.digest import Plan
from watcher.model import Candidate, Digest, Document, Evidence, Period, Seed, SeedMatch, TextStatus, Theme, ThemeScore, Verdict

MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)
PERIOD = Period(key="2026-W47", start=datetime(2026, 11, 15, 23, tzinfo=UTC), end=datetime(2026, 11, 22, 23, tzinfo=UTC))
THEMES = (
    Theme(id="emploi", label="Emploi", description="", weight=1.0, colour="#1D4ED8"),
    Theme(id="ia", label="IA et compétences", description="", weight=2.0, colour="#5B21B6"),
    Theme(id="territoires", label="Territoires", description="", weight=1.0, colour="#4D7C0F"),
)


def candidate(
    key: str,
    title: str = "Un titre",
    body: str = "",
    *,
    day: float = 0,
    relevance: int = 2,
    score: float = 0.8,
    themes: dict[str, float] | None = None,
    terms: str = "",
    story_id: str | None = None,
    **document: Any,
) -> Candidate:
    """Return a document recorded `day` days after Monday; `terms` are looked up in `body` as evidence, heaviest first."""
    when = MONDAY + timedelta(days=day)
    values: dict[str, Any] = {
        "key": key,
        "source_id": f"source-{key}",
        "url": f"https://{key}.example/article",
        "title": title,
        "text": body,
        "publisher": f"Journal {key}",
        "published_at": when,
        "recorded_at": when,
        "status": TextStatus.FULL,
    }
    evidence = tuple(
        Evidence(term=term, start=body.index(term), end=body.index(term) + len(term), weight=1.0 - rank / 10)
        for rank, term in enumerate(t.strip() for t in terms.split(",") if t.strip())
    )
    scores = tuple(
        ThemeScore(theme=theme, score=value, on=value >= 0.5, threshold=0.5, evidence=evidence)
        for theme, value in (themes or {"ia": 0.9}).items()
    )
    verdict = Verdict(relevance=relevance, score=score, themes=scores, language="fr", classifier="test")
    return Candidate(document=Document(**(values | document)), verdict=verdict, story_id=story_id)


def plan(*candidates: Candidate, **changed: Any) -> Plan:
    """Return the plan of a week that holds `candidates`."""
    values: dict[str, Any] = {
        "digest": Digest(id="veille", title="Veille"),
        "number": 12,
        "period": PERIOD,
        "cutoff": datetime(2026, 11, 23, 6, 30, tzinfo=UTC),
        "candidates": candidates,
        "stories": (),
        "themes": THEMES,
        "seeds": (),
        "read": len(candidates),
        "sources_read": 3,
        "unread": (),
        "excerpt": 420,
        "templates_hash": "h",
    }
    return Plan(**(values | changed))


def score(theme: str, value: float, *, evidence: tuple[Evidence, ...] = (), seed: SeedMatch | None = None) -> ThemeScore:
    """Return one theme's score, on from 0.5."""
    return ThemeScore(theme=theme, score=value, on=value >= 0.5, threshold=0.5, evidence=evidence, seed=seed)


def seed(id_: str, title: str) -> Seed:
    """Return a seed with `title`."""
    return Seed(id=id_, title=title, publisher="p", date=MONDAY.date(), url="https://seed.example/", themes=(), text="t")
