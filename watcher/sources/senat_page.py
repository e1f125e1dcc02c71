"""The page of a question of the Sénat, by its visible order and headings: today's form and the one before about 2022.

Today: "Question de M. NOM Prénom (Département - Groupe) publiée le ...", text, "- page N", what became of it, "Réponse du ...
publiée le ...", text, "- page N". Before: the number in the heading, date and page in a line of their own under it.
"""

from dataclasses import replace

from watcher import challenges, media, numbering
from watcher.errors import BlockedError, ExtractError
from watcher.model import Chamber, Extracted, FetchResult, Question, TextStatus
from watcher.sources import senat_lines, senat_marks, senat_words

_LONGEST = 200_000  # characters of a text


def read(result: FetchResult, *, language: str) -> Extracted:
    """Return the question that a page shows: its text, then its answer, and all that it says of its life.

    Raises ExtractError: `media_type`, or `unexpected_page` for a page without the headings of a question, with those of several,
    or of another question than the one asked for. Raises BlockedError when a robot check came instead.
    """
    if (sniffed := media.sniff(result.body)) != "text/html":
        raise ExtractError(f"{result.url} holds {sniffed} instead of a page.", reason="media_type", url=result.url)
    lines = senat_lines.read(media.decode(result.body, result.header("content-type")), result.url)
    found = senat_marks.follow(lines)
    if found.author is None:
        _blocked(result)
        raise _unexpected(result, 'it has no heading "Question de ..."')
    if found.several:
        raise _unexpected(result, "it shows several questions")
    question = _question(found, result)
    if not question.text and not found.ended:
        raise _unexpected(result, "no text stands under its heading")
    status = TextStatus.FULL
    if result.reserved:
        answer = replace(question.answer, text="") if question.answer else None
        question, status = replace(question, text="", answer=answer), TextStatus.RESERVED
    return Extracted(
        title=question.title or None,
        text="\n\n".join(part for part in (question.text, question.answer.text if question.answer else "") if part),
        author=question.author.name if question.author else None,
        published_at=senat_words.latest(question, now=result.fetched_at),
        canonical_url=question.addresses[0] if question.addresses else None,
        language=language,
        status=status,
        question=question,
    )


def _question(found: senat_marks.Found, result: FetchResult) -> Question:
    named = _named(result)
    if named is None:
        raise _unexpected(result, "its address names no question")
    if found.number and found.number != named.number:
        raise _unexpected(result, f"it shows question {found.number}")
    return found.question(
        Question(
            chamber=Chamber.SENAT,
            legislature=named.legislature,
            kind=named.kind,
            number=named.number,
            addresses=tuple(dict.fromkeys(filter(None, map(senat_words.address, (result.request.url, result.url))))),
        ),
        longest=_LONGEST,
    )


def _named(result: FetchResult) -> numbering.Numbered | None:
    """Return which question the page was asked for: by its address, else by the key it was asked for under."""
    for address in (result.request.url, result.url):
        if (named := numbering.senat_reference(address)) is not None:
            return named
    match (result.request.item_key or "").split(":"):
        case ["question", "senat", legislature, kind, number] if legislature.isdecimal():
            return numbering.Numbered(int(legislature), kind, number)
        case _:
            return None


def _blocked(result: FetchResult) -> None:
    check = challenges.named(result.body, result.headers)
    if check is not None:
        message = f"{result.url} answered a robot check ({check}) instead of the page."
        raise BlockedError(message, reason="robot_check", url=result.url)


def _unexpected(result: FetchResult, why: str) -> ExtractError:
    message = f"{result.url} is not the page of a question as it is known here: {why}. If all pages say so, the site has changed."
    return ExtractError(message, reason="unexpected_page", url=result.url)
