"""What a question says of its own: its text without formulas, and whether it only reminds of another one."""

import re

from watcher.model import Question
from watcher.text import formulas

_REMINDER = re.compile(r"\brappelle\b.{0,400}?\b(?:termes de sa|sa) question\b", re.DOTALL)
_SHORT = 700  # characters: a reminder quotes a title and says that no answer came
_LONGEST = 20_000


def bare_text(question: Question) -> str:
    """Return the text of `question` without its formulas, its author's name and the titles of ministers.

    What is left is what it is about: "ministre chargée de l'intelligence artificielle" is gone, "sur l'intelligence
    artificielle" stays. Blanks are single.
    """
    text = question.text[:_LONGEST]
    ranges = [*formulas.titles(text), *formulas.polite(text), *formulas.closing(text)]
    for phrase in _own_words(question):
        # Names are shown with the typographic apostrophe; texts have either.
        words = re.escape(phrase).replace("’", "['’]")
        ranges += [match.span() for match in re.finditer(rf"\b{words}\b", text, re.IGNORECASE)]
    return " ".join(formulas.without(text, ranges).split())


def is_reminder(question: Question) -> bool:
    """Say whether `question` only asks again what an older one asked: its words are the same whatever the subject."""
    if len(question.text) > _SHORT:
        return False
    return question.recalls is not None or _REMINDER.search(question.text) is not None


def _own_words(question: Question) -> list[str]:
    ministries = (question.asked_ministry, question.ministry)
    phrases = [question.author.name if question.author else "", *(one.label for one in ministries if one)]
    return [phrase for phrase in phrases if len(phrase) > 5]
