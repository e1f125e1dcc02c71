"""The line under a headline: when it was put online, and who wrote it."""

import re

_MONTHS = r"(?:janv|f[ée]vr?|mars|avr|mai|juin|juil|ao[uû]t|sept|oct|nov|d[ée]c)[a-zé]*\.?"
_DATE = rf"(?:\d{{1,2}}(?:er)?\s+{_MONTHS}\s+(?:19|20)\d\d|\d{{1,2}}[/.]\d{{1,2}}[/.](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)"
_CLOCK = r"(?:\s*(?:,|à|-|–|·|\|)?\s*\d{1,2}\s?[h:]\s?\d{0,2}(?:\s?min)?)?"
_PUBLISHED = re.compile(
    rf"(?:publi[ée]e?|mis(?:e)? en ligne|post[ée]|paru|posted|published)\s*(?:le|on)?\s*:?\s*(?:\w+\s+)?({_DATE}{_CLOCK})",
    re.IGNORECASE,
)
_BY = re.compile(rf"^(?:par|by)\s.{{3,120}}?\s(?:[-–—|,·]\s*)?(?:publi[ée]e?\s+)?(?:le\s+)?({_DATE}{_CLOCK})\.?$", re.IGNORECASE)
_ALONE = re.compile(
    r"^(?:(?:publi[ée]e?|mis(?:e)? (?:en ligne|[àa] jour)|post[ée]|paru|posted|published|modifi[ée]e?|actualis[ée]e?|le|on|et"
    rf"|,|:|-|–|\||·|\s|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)+)?({_DATE}{_CLOCK})"
    rf"(?:\W+(?:mis(?:e)? [àa] jour|modifi[ée]e?|actualis[ée]e?)\s+(?:le\s+)?{_DATE}{_CLOCK})?\W*$",
    re.IGNORECASE,
)
_FIRST = 6


def dated(words: str) -> str:
    """Return the date of publication that one of the first lines gives, as written; empty when none does."""
    for line in words.split("\n")[:_FIRST]:
        if len(line) <= 200:
            found = _ALONE.match(line) or _BY.match(line) or _PUBLISHED.search(line)
            if found is not None:
                return found[1]
    return ""


def without(words: str) -> str:
    """Return the text without the lines at its head that hold a date and nothing else."""
    lines = words.split("\n")
    head = [line for line in lines[:_FIRST] if not (len(line) <= 160 and _ALONE.match(line))]
    return "\n".join([*head, *lines[_FIRST:]]).strip()
