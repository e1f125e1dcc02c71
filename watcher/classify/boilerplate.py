"""What stands in every text of a kind and says nothing of its subject: parliamentary formulas, titles of ministers."""

from watcher.text import formulas


def set_aside(text: str, kind: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges of characters of `text` that are not read, sorted, from the wording of `kind`.

    Titles of ministers are set aside everywhere; the opening and the closing formulas only in parliamentary questions
    (`kind` "question"), where they name a minister, never a subject.
    """
    ranges = formulas.titles(text)
    if kind == "question":
        ranges += formulas.polite(text)
    return tuple(sorted(ranges))
