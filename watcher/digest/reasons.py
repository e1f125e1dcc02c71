"""Why an entry is there, in the few words that a reader has time for."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from watcher import text
from watcher.model import Evidence, SeedMatch, ThemeScore

MOST_TERMS = 5
# Below, the nearest passage is near to nothing: docs/edition.md gives the measure.
LEAST_SIMILARITY = 0.15

_STEM = 7  # letters: industrie and industriel are one reason, formation and formateur are two


class Reasons(TypedDict):
    """The part of an entry that says why it is there, by the names of its fields."""

    themes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    seed: SeedMatch | None
    seed_title: str | None
    theme_score: float | None
    threshold: float | None


def reasons(scores: Sequence[ThemeScore], titles: Mapping[str, str]) -> Reasons:
    """Return what `scores`, the foremost theme first, say of an entry; `titles` are those of the seeds, by id."""
    seed, seed_title = nearest_seed(scores, titles)
    first = scores[0] if scores else None
    return Reasons(
        themes=tuple(score.theme for score in scores),
        evidence=distinct_terms(scores),
        seed=seed,
        seed_title=seed_title,
        theme_score=first.score if first else None,
        threshold=first.threshold if first else None,
    )


def distinct_terms(scores: Sequence[ThemeScore]) -> tuple[Evidence, ...]:
    """Return the weightiest evidence of `scores`, one for each distinct term, positive before negative.

    A term that is part of another one kept (`IA` in `formation à l'IA`), or its plural, says nothing more and is left out.
    """
    kept: list[Evidence] = []
    stems: list[str] = []
    for evidence in sorted((e for s in scores for e in s.evidence), key=lambda e: (e.weight <= 0, -abs(e.weight), e.start)):
        stem = f" {' '.join(text.fold(word.text)[:_STEM] for word in text.words(evidence.term))} "
        if not stem.strip() or any(stem in other for other in stems):
            continue
        inside = [index for index, other in enumerate(stems) if other in stem]
        for index in reversed(inside):
            del kept[index], stems[index]
        kept.append(evidence)
        stems.append(stem)
        if len(kept) == MOST_TERMS:
            break
    return tuple(sorted(kept, key=lambda e: (e.weight <= 0, -abs(e.weight), e.start)))


def nearest_seed(scores: Sequence[ThemeScore], titles: Mapping[str, str]) -> tuple[SeedMatch | None, str | None]:
    """Return the passage of the seed corpus nearest to the text and the title of its seed; none when the nearest is far."""
    named = (score.seed for score in scores if score.seed is not None and score.seed.id in titles)
    matches = [match for match in named if match.similarity >= LEAST_SIMILARITY]
    if not matches:
        return None, None
    nearest = max(matches, key=lambda match: match.similarity)
    return nearest, titles[nearest.id]
