"""Which pairs of a labelled set are told apart: the same figures that `make quality` prints."""

from benchmarks import stories

PAIRS = stories.pairs()
ERRORS = stories.judge(PAIRS)


def test_the_set_is_large_and_half_of_it_is_hard() -> None:
    """At least 120 pairs, half of them the same news in other words or other news in the same words; each text is a text."""
    assert len(PAIRS) >= 120
    assert sum(pair.hard for pair in PAIRS) * 2 >= len(PAIRS)
    assert min(sum(pair.same for pair in PAIRS if pair.hard), sum(not pair.same for pair in PAIRS if pair.hard)) >= 28
    assert all(len(side.document.text) > 150 for pair in PAIRS for side in (pair.one, pair.other))


def test_no_two_news_are_merged() -> None:
    """Not one pair, nor any two texts when all are grouped at once: a wrong merge hides an article from its readers."""
    assert ERRORS.false == ()


def test_few_merges_are_missed() -> None:
    """The easy ones never; of those told again in other words, no more than the pinned number (rows F04 to F06)."""
    easy = {f"{pair.id} ({pair.why})" for pair in PAIRS if not pair.hard}
    assert easy.isdisjoint(ERRORS.missed)
    assert len(ERRORS.missed) <= stories.MOST_MISSED


def test_what_carries_a_story_on_is_seen_and_nothing_else_is() -> None:
    """A strike that ends, a bill that is rejected: "Du nouveau". Another region's scheme is no continuation."""
    assert len(ERRORS.missed_continuations) <= stories.MOST_MISSED_CONTINUATIONS
    assert ERRORS.false_continuations == ()
    assert sum(pair.follows for pair in PAIRS) >= 5
