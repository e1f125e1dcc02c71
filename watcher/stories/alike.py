"""Which documents say the same: near-copies, and the same news in other words."""

from collections.abc import Iterable, Sequence

from watcher.stories.traces import WINDOW, Trace

COPY = 0.6  # Jaccard index of shingles from which two texts are copies
_COPY_OTHERWISE = 0.9  # a monthly barometer shares its sentences with last month's, not its figures
_PERMUTATIONS = 128
_BANDS = 32
_FEWEST_RUNS = 30
_LIKE_TITLES = 65.0  # ratio of the beginnings of the words of two titles in alphabetical order, 0 to 100
_BORNE_OUT = 0.7  # share of a title's words that the other document must hold
_LIKE_LEADS = 0.3  # Jaccard index of the words of the two beginnings
_FEWEST_TITLE_WORDS = 3
_PATTERN = 0.12  # Jaccard index of shingles from which two texts follow one pattern: chance never makes as much
_SHARED_FIGURES = 0.5  # of those of the text that has fewer, more than this share stands in the other
_AT_ONCE = 512  # titles compared with all others in one go: 2 MB


def copies(traces: Sequence[Trace]) -> Iterable[tuple[Trace, Trace]]:
    """Yield the pairs whose texts are near-copies: found by their signatures, checked on the shingles themselves."""
    long = [trace for trace in traces if len(trace.runs) >= _FEWEST_RUNS]
    if len(long) < 2:
        return
    from rensa import RMinHash, RMinHashLSH  # a compiled library: 2 ms, but only where there is something to compare

    index = RMinHashLSH(threshold=COPY, num_perm=_PERMUTATIONS, num_bands=_BANDS)
    for number, one in enumerate(long):
        signature = RMinHash(num_perm=_PERMUTATIONS, seed=42)
        signature.update(one.runs)
        for candidate in sorted(index.query(signature)):
            other = long[candidate]
            if abs(one.when - other.when) <= WINDOW and likeness(one, other) >= _needed(one, other):
                yield other, one
        index.insert(number, signature)


def likeness(one: Trace, other: Trace) -> float:
    """Return the Jaccard index of the shingles of two texts, in [0, 1]."""
    either = one.shingles | other.shingles
    return len(one.shingles & other.shingles) / len(either) if either else 0.0


def same_news(traces: Sequence[Trace]) -> Iterable[tuple[Trace, Trace]]:
    """Yield the pairs of different outlets whose titles are alike and each borne out by the other's text."""
    titled = [trace for trace in traces if len(trace.title_words) >= _FEWEST_TITLE_WORDS]
    if len(titled) < 2:
        return
    import numpy as np
    from rapidfuzz import fuzz, process

    titles = [trace.sorted_title for trace in titled]
    for start in range(0, len(titles), _AT_ONCE):
        rows = titles[start : start + _AT_ONCE]
        earlier = titles[: start + len(rows)]
        ratios = process.cdist(rows, earlier, scorer=fuzz.ratio, score_cutoff=_LIKE_TITLES, dtype=np.uint8, workers=-1)
        for row, column in (divmod(place, len(earlier)) for place in np.flatnonzero(ratios.ravel() != 0).tolist()):
            one, other = titled[start + row], titled[column]
            if column < start + row and one.source != other.source and _agree(one, other):
                yield other, one


def one_pattern(one: Trace, other: Trace) -> bool:
    """Tell whether two texts are of one pattern filled in twice: like sentences, and titles that each name something else.

    The same scheme in two regions, two diplomas of one ministry: who tells the same news again in other words does not keep
    the sentences, and who copies it does not change what it is about.
    """
    apart = one.title_words - other.words and other.title_words - one.words
    return bool(apart) and likeness(one, other) >= _PATTERN


def _agree(one: Trace, other: Trace) -> bool:
    """Tell whether two texts under like titles are the same news. What needs least of them is asked first."""
    if abs(one.when - other.when) > WINDOW or not _alike(one.lead, other.lead) or not _same_figures(one, other):
        return False
    return _bears_out(one, other) and _bears_out(other, one) and not one_pattern(one, other)


def _same_figures(one: Trace, other: Trace) -> bool:
    fewest = min(len(one.lead_figures), len(other.lead_figures))
    return not fewest or len(one.lead_figures & other.lead_figures) > _SHARED_FIGURES * fewest


def _bears_out(one: Trace, other: Trace) -> bool:
    """Tell whether `one` holds the words of the other's title, and all its facts: another place, another month, fail."""
    words = other.title_words
    return len(words & one.words) / len(words) >= _BORNE_OUT and other.title_facts <= one.facts


def _needed(one: Trace, other: Trace) -> float:
    """Return how alike two texts must be: more when each begins with facts that the other does not know of."""
    at_odds = bool(one.lead_facts - other.facts) and bool(other.lead_facts - one.facts)
    return _COPY_OTHERWISE if at_odds else COPY


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    both = len(one & other)
    return not one or not other or both / (len(one) + len(other) - both) >= _LIKE_LEADS
