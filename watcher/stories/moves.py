"""Which news moves on: the same story with new facts, or another text that carries an older one on.

Whoever read the older entry should see what is new as a continuation. A doubtful one is another story, with an entry of its
own: nothing is hidden either way.
"""

from collections.abc import Sequence
from datetime import timedelta

from watcher.stories.alike import COPY, likeness, one_pattern
from watcher.stories.traces import WINDOW, Trace

_FEWEST_FACTS = 3  # new figures, months or names
_NEW_WORDS = 0.3  # share of the beginning's words that the older texts do not hold
_LATER = timedelta(hours=20)
_SHARED_TITLE = 0.5  # share of the shorter title's words that stand in the other
_FEWEST_SHARED = 2
_FEWEST_COMMON = 2  # names and figures
_HELD = 0.6  # share of the older title's words that the new document holds


def moved_on(new: Trace, old: Sequence[Trace]) -> bool:
    """Tell whether `new`, of the same story as the `old` ones, says what none of them did: facts, in its own sentences."""
    if any(likeness(new, trace) >= COPY or new.when - trace.when < _LATER for trace in old):
        return False
    facts = (new.lead_facts | new.names).difference(*(trace.facts for trace in old))
    words = new.lead.difference(*(trace.words for trace in old))
    return len(facts) >= _FEWEST_FACTS and len(words) >= _NEW_WORDS * len(new.lead)


def continues(new: Trace, old: Trace) -> bool:
    """Tell whether `new` carries on the story of `old`: later, about the same thing, under a title that says something else.

    The same thing: most of the older title's words are in the new document, with all its names; half of a title's words are in
    the other title; and two names or figures are in both. A pattern filled in twice is about two things.
    """
    if not timedelta(0) < new.when - old.when <= WINDOW or not old.title_words or not new.title_words:
        return False
    shared = new.title_words & old.title_words
    fewest = min(len(new.title_words), len(old.title_words))
    if len(shared) < _FEWEST_SHARED or len(shared) < _SHARED_TITLE * fewest:
        return False
    if len(old.title_words & new.words) < _HELD * len(old.title_words):
        return False
    common = (new.names & old.names) | (new.lead_figures & old.lead_figures)
    named = len(common) >= _FEWEST_COMMON and old.title_names <= new.facts
    return named and likeness(new, old) < COPY and not one_pattern(new, old)
