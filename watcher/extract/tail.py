"""What trails an article and is not part of it: links to others, share bars, the source's name, the foot of the page."""

from watcher.extract import phrases

_PROSE = 220  # characters: a paragraph this long, ended like a sentence, is the article's


def trimmed(words: str, title: str | None) -> str:
    """Return the text of an article without what trails it, and without its title at its head.

    Only whole lines go. A marker in the first third of the text is never taken for its end.
    """
    lines = [line for line in words.split("\n") if not phrases.TOOL.match(line)]
    headline = " ".join(title.split()) if title else ""
    while lines and " ".join(lines[0].split()) in ("", headline):
        lines.pop(0)
    end = _end(lines)
    kept = [line for line in lines[:end] if not phrases.INLINE.match(line)]
    return "\n".join(kept).strip()


def _end(lines: list[str]) -> int:
    """Return where the trailing part begins: the first marker after the first third that no paragraph follows."""
    total = sum(len(line) for line in lines)
    seen = 0
    for index, line in enumerate(lines):
        marked = 3 * seen > total and len(line) < _PROSE and phrases.LAST.match(line) is not None
        if marked and not any(_is_prose(later) for later in lines[index + 1 :]):
            return index
        seen += len(line)
    return len(lines)


def _is_prose(line: str) -> bool:
    return len(line) >= _PROSE and line.rstrip().endswith((".", "!", "?", "»", "…", '"', "”"))
