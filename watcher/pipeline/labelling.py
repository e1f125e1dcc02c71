"""Labels: what people say of a verdict, kept with what can be learned from it."""

from collections.abc import Iterable
from dataclasses import replace

from watcher import urls
from watcher.classify.corrections import Version
from watcher.classify.linear import RELEVANCE
from watcher.errors import UnknownNameError
from watcher.model import Candidate, Document, Example, Label, Verdict
from watcher.pipeline.desk import Desk
from watcher.pipeline.documents import explained, words_of
from watcher.store import Transaction, documents, labels, questions


def label(desk: Desk, document: str, theme: str, value: bool, author: str) -> tuple[Label, Candidate]:
    """Store that `author` says of a document (its key or address) that it is of `theme`, or not; return it, and on what.

    `theme` is the id of a theme, or `relevance` for whether it belongs in a digest. Raises UnknownNameError for a document or
    a theme that there is not.
    """
    check_theme(desk, theme)
    found = find(desk, document)
    said = Label(
        document=found.document.key,
        fingerprint=found.document.fingerprint,
        theme=theme,
        value=value,
        author=author,
        labelled_at=desk.now(),
        features=desk.classifier.features(found.document.title, words_of(found.document), kind=kind_of(found.document)),
    )
    desk.store.write(lambda tx: labels.save(tx, [said]))
    return said, found


def take_back(desk: Desk, document: str, theme: str, author: str) -> int:
    """Forget what `author` said of `theme` in a document; return how many labels there were. Raises UnknownNameError."""
    check_theme(desk, theme)
    key = find(desk, document).document.key
    return desk.store.write(lambda tx: labels.remove(tx, key, theme, author))


def check_theme(desk: Desk, theme: str) -> None:
    """Raise UnknownNameError when `theme` is neither a theme of themes.yaml nor `relevance`."""
    known = [RELEVANCE, *(one.id for one in desk.seeds.themes)]
    if theme not in known:
        raise UnknownNameError("theme", theme, known, remedy="`watcher themes` lists them.")


def find(desk: Desk, document: str) -> Candidate:
    """Return the stored document whose key or address is `document`. Raises UnknownNameError."""

    def read(tx: Transaction) -> Candidate | None:
        keys = [document, *([urls.canonical(document)] if urls.is_web(document) else []), questions.key_of(tx, document)]
        held = documents.of_keys(tx, [key for key in keys if key])
        return next((with_questions(tx, [held[key]])[0] for key in keys if key in held), None)

    found = desk.store.read(read)
    if found is None:
        raise UnknownNameError("document", document, remedy="`watcher search` shows their addresses.")
    return found


def with_reasons(desk: Desk, found: Candidate) -> tuple[Verdict, bool]:
    """Return the verdict on a stored document with the reasons for every theme, and whether they could be had.

    Kept are those of what readers may be told of. The others are made again, and are believed where the same words give the
    same scores: not once the text is forgotten, nor when the verdict is another classifier's. Nothing else of it changes.
    """
    verdict = found.verdict
    again = {score.theme: score for score in explained(desk.classifier, found.document, None).themes}
    if any(score.theme not in again or again[score.theme].score != score.score for score in verdict.themes):
        return verdict, False
    themes = tuple(replace(score, evidence=again[score.theme].evidence, seed=again[score.theme].seed) for score in verdict.themes)
    return replace(verdict, themes=themes), True


def with_questions(tx: Transaction, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return `candidates`, those that contain a parliamentary question with it."""
    some = tuple(candidates)
    held = questions.get(tx, (one.document.key for one in some))
    return tuple(
        replace(one, document=replace(one.document, question=held[one.document.key])) if one.document.key in held else one
        for one in some
    )


def kind_of(document: Document) -> str:
    """Return the kind under which a document is judged: `question` when it contains one, else `article`."""
    return "article" if document.question is None else "question"


def texts_held(tx: Transaction, versions: Iterable[Version]) -> dict[Version, Example]:
    """Return the texts of those `versions` that the archive still holds, as the present versions of their documents."""
    wanted = set(versions)
    held = with_questions(tx, documents.of_keys(tx, {key for key, _ in wanted}).values())
    texts: dict[Version, Example] = {}
    for document in (one.document for one in held):
        words = words_of(document)
        if words and (document.key, document.fingerprint) in wanted:
            kind = kind_of(document)
            text = Example(id=document.key, kind=kind, title=document.title, text=words, themes=(), relevance=0)
            texts[document.key, document.fingerprint] = text
    return texts
