"""Which sentences of a text to quote: the ones that say why it was kept, early ones first, whole."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watcher import text
from watcher.digest.leaning import asks, leans, torn
from watcher.model import Document, Evidence, TextStatus

MOST_SENTENCES = 2
RESERVED_LIMIT = 200  # characters, of the summary alone, when text and data mining is reserved
SEARCHED = 80  # sentences

_LEAD = 0.5
_FIGURE = 0.15
_DANGLING = 0.7
_LEAST_CUT = 40  # characters
_LENGTHS = range(50, 241)
_TITLE_AGAIN = 0.8
_WHOLE = re.compile(r"^[\W_]*[^\W_].*[.!?…][»”\"’')\]\s]*$", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    rank: int
    span: text.Span
    terms: frozenset[str]
    score: float
    leans: bool


def telling(document: Document, evidence: Sequence[Evidence], limit: int) -> tuple[str, ...]:
    """Return up to two whole sentences of `document`, in its order, at most `limit` characters in all.

    Sentences that hold weighty terms come first, then early ones; two that follow each other are one excerpt. One that leans on
    the sentence before is quoted after that one, or where nothing else can be. Of a document whose text is reserved, one
    sentence of its summary at most. Only where no sentence is short enough is one cut, after a word, and marked so.
    """
    if document.status is TextStatus.RESERVED:
        return _chosen(document.summary, document.title, (), min(limit, RESERVED_LIMIT), most=1)
    body = document.text or document.summary
    held = [e for e in evidence if e.weight > 0 and e.field == "text" and 0 <= e.start < e.end <= len(body)]
    return _chosen(body, document.title, held, limit, most=MOST_SENTENCES)


def _chosen(body: str, title: str, evidence: Sequence[Evidence], limit: int, *, most: int) -> tuple[str, ...]:
    spans = text.sentences(body)[:SEARCHED]
    weights = _weights(evidence)
    quotable = [span for span in spans if _quotable(span.text, title)]
    sentences = [_weighed(rank, span, evidence, weights) for rank, span in enumerate(quotable)]
    picked = _best(body, sentences, weights, limit, most=most)
    if picked:
        return _joined(body, sorted(picked, key=lambda s: s.rank))
    return _cut(spans, title, limit)


def _best(body: str, sentences: list[_Sentence], weights: dict[str, float], limit: int, *, most: int) -> list[_Sentence]:
    """Return the sentences to quote. One that leans is left for where nothing that stands by itself fits."""
    picked: list[_Sentence] = []
    room = limit
    while sentences and len(picked) < most:
        short = [s for s in sentences if len(s.span.text) <= room]
        standing = [s for s in short if not s.leans or any(_follows(body, before, s) for before in picked)]
        choice = standing or ([] if picked else short)
        if not choice:
            break
        said = frozenset[str]().union(*(p.terms for p in picked))
        best = max(choice, key=lambda s: (s.score - _repeated(s.terms & said, weights), -s.rank))
        picked.append(best)
        room -= len(best.span.text) + 1  # the space between two that follow each other
        # A second one earns its place by a reason of its own, or by being how the text begins.
        sentences = [other for other in sentences if other is not best and (other.terms or other.rank == 0 or not weights)]
    return picked


def _follows(body: str, before: _Sentence, after: _Sentence) -> bool:
    """Tell whether `after` comes right after `before`, in its paragraph, and tells something: then it leans on no other."""
    if asks(after.span.text) or torn(after.span.text) or before.leans:
        return False
    between = body[before.span.end : after.span.start]
    return before.span.end <= after.span.start and not between.strip() and "\n" not in between


def _weights(evidence: Iterable[Evidence]) -> dict[str, float]:
    """Return the weight of each distinct term, the heaviest being 1."""
    weights: dict[str, float] = {}
    for item in evidence:
        term = text.fold(item.term)
        weights[term] = max(weights.get(term, 0.0), item.weight)
    heaviest = max(weights.values(), default=1.0)
    return {term: weight / heaviest for term, weight in weights.items()}


def _weighed(rank: int, span: text.Span, evidence: Sequence[Evidence], weights: dict[str, float]) -> _Sentence:
    terms = frozenset(text.fold(e.term) for e in evidence if e.start < span.end and e.end > span.start)
    score = math.sqrt(sum(weights[term] for term in terms))  # the third term of a sentence says less than the first
    score += _LEAD / (1 + rank / 2)
    score += _FIGURE * any(character.isdigit() for character in span.text)
    score -= _DANGLING * (leaning := leans(span.text))
    score -= 0.2 * (len(span.text) not in _LENGTHS)
    return _Sentence(rank=rank, span=span, terms=terms, score=score, leans=leaning)


def _repeated(terms: Iterable[str], weights: dict[str, float]) -> float:
    return 0.6 * sum(weights[term] for term in terms)


def _quotable(sentence: str, title: str) -> bool:
    """Tell whether `sentence` is one (not a heading, a list item, a lone link) and says more than the title."""
    if len(sentence) < 30 or not _WHOLE.match(sentence) or sentence[0] in "-–—•*#|>":
        return False
    said, heading = _words(sentence), _words(title)
    return not heading or len(said & heading) / len(said | heading) < _TITLE_AGAIN


def _words(line: str) -> set[str]:
    return {text.fold(word.text) for word in text.words(line)}


def _joined(body: str, picked: Sequence[_Sentence]) -> tuple[str, ...]:
    if len(picked) == 2:
        between = body[picked[0].span.end : picked[1].span.start]
        if not between.strip() and "\n" not in between:
            return (f"{_line(picked[0].span.text)} {_line(picked[1].span.text)}",)
    return tuple(_line(sentence.span.text) for sentence in picked)


def _cut(spans: Sequence[text.Span], title: str, limit: int) -> tuple[str, ...]:
    mark = " […]"
    long = [s.text for s in spans if len(s.text) > limit and _quotable(s.text, title)]
    if not long or limit < _LEAST_CUT:
        return ()
    head = _line(min(long, key=leans))[: limit - len(mark)]
    head = head[: head.rfind(" ")] if " " in head else ""
    while torn(head):  # a quotation that is not closed is left out whole
        head = head[: max(map(head.rfind, '«“"'))]
    head = head.rstrip(" ,;:–—-(")
    return (head + mark,) if head else ()


def _line(sentence: str) -> str:
    return text.clean_line(sentence, limit=len(sentence) + 1)
