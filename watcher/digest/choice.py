"""Which documents a digest takes, and under which of its themes."""

from collections.abc import Iterable

from watcher.model import Candidate, Digest, Theme, ThemeScore


def eligible(candidate: Candidate, wanted: Digest, themes: Iterable[Theme]) -> bool:
    """Say whether `candidate` is news, relevant enough for the digest, and on one of its themes."""
    return candidate.document.news and fits(candidate, wanted, themes)


def fits(candidate: Candidate, wanted: Digest, themes: Iterable[Theme]) -> bool:
    """Say whether `candidate` is relevant enough for the digest, and on one of its themes, news or not."""
    if candidate.document.held or candidate.verdict.relevance < wanted.min_relevance:
        return False
    followed = _followed(wanted, themes)
    return any(score.theme in followed and (score.on or not wanted.themes) for score in candidate.verdict.themes)


def scores_of(candidate: Candidate, wanted: Digest, themes: Iterable[Theme]) -> list[ThemeScore]:
    """Return the scores on the digest's themes, best first: those above their threshold, else the best one.

    A digest with themes of its own takes only what is above the threshold of one of them.
    """
    followed = _followed(wanted, themes)
    scores = sorted((s for s in candidate.verdict.themes if s.theme in followed), key=lambda s: (-s.score, s.theme))
    on = [score for score in scores if score.on]
    return on if on or wanted.themes else scores[:1]


def _followed(wanted: Digest, themes: Iterable[Theme]) -> set[str]:
    return {theme.id for theme in themes if not wanted.themes or theme.id in wanted.themes}
