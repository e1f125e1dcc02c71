"""Pages of questions of the Sénat, in today's form and the one before, read exactly as the JSON beside each says.

A case is `senat_questions/pages/<reference>_<what it shows>.html`, found at the address that its reference makes.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from watcher import questions, sources
from watcher.errors import BlockedError, ExtractError
from watcher.model import EventKind, Extracted, FetchResult, Question, QuestionStatus, Source
from watcher.sources import senat_questions

Answer = Callable[..., FetchResult]
MakeSource = Callable[..., Source]

ROOT = Path(__file__).parents[2]
PAGES = Path(__file__).parent / "senat_questions" / "pages"
CASES = sorted(PAGES.glob("*.html"))
SHARED = Path(os.environ.get("WATCHER_SHARED", ROOT.parent / "shared"))
TODAY = date(2026, 11, 20)
LATE = PAGES / "qSEQ241000719_reponse_tardive.html"


def address_of(case: Path) -> str:
    reference = case.name.split("_")[0]
    return f"https://www.senat.fr/questions/base/20{reference[4:6]}/{reference}.html"


def read(case: Path, source: Source, answer: Answer, body: bytes | None = None) -> Extracted:
    page = answer(body or case.read_bytes(), url=address_of(case), media_type="text/html")
    return senat_questions.read_page(source, page)


def question_of(extracted: Extracted) -> Question:
    assert extracted.question is not None
    return extracted.question


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_page_is_read_as_expected(case: Path, answer: Answer, source: MakeSource) -> None:
    """Everything that a page shows of a question: dates, pages, transfers, errata, links, states, both texts."""
    extracted = read(case, source("senat_questions"), answer)
    expected = case.with_suffix(".expected.json")
    assert extracted == TypeAdapter(Extracted).validate_json(expected.read_bytes())


def test_every_page_has_its_expectation_and_every_expectation_its_page() -> None:
    """A page without its pair checks nothing."""
    assert {case.with_suffix(".expected.json") for case in CASES} == set(PAGES.glob("*.expected.json"))
    assert len(CASES) >= 12


def seed_events(question: Question) -> list[tuple[EventKind, date | None, str | None, int | None]]:
    found = questions.events(None, question, today=TODAY, read_from=question.addresses[0])
    return [(event.kind, event.on, event.page, event.days) for event in found]


WHOLE_LIFE = [
    (EventKind.ASKED, date(2024, 10, 3), "3506", None),
    (EventKind.TRANSFERRED, None, None, None),
    (EventKind.ANSWERED, date(2025, 7, 17), "4196", 287),
]


def test_a_late_answer_gives_exactly_the_events_of_its_question(answer: Answer, source: MakeSource) -> None:
    """Asked on 3 October 2024, page 3506; transferred; answered 287 days later, page 4196. No more and no less."""
    question = question_of(read(LATE, source("senat_questions"), answer))
    assert question.key == "question:senat:17:QE:719"
    assert seed_events(question) == WHOLE_LIFE
    transferred = questions.timeline(question, today=TODAY)[1]
    assert transferred.from_ministry is not None
    assert transferred.from_ministry.startswith("secrétaire d'État auprès du ministre de l'enseignement supérieur")
    assert transferred.to_ministry is not None
    assert transferred.to_ministry.startswith("Ministère auprès de la ministre du travail, de la santé")


def test_the_original_seed_page_gives_the_same_events(answer: Answer, source: MakeSource) -> None:
    """The visible text of the real page, where it is at hand, has the life that our own page shows."""
    found = sorted((SHARED / "seeds").glob("001_*.txt"))
    if not found:
        pytest.skip(f"no original of seed 001 under {SHARED}: set WATCHER_SHARED")
    paragraphs = "".join(f"<p>{line}</p>" for line in found[0].read_text("utf-8").splitlines() if line.strip())
    body = f"<!DOCTYPE html><html><head><meta charset='utf-8'></head><body>{paragraphs}</body></html>".encode()
    extracted = read(LATE, source("senat_questions"), answer, body)
    question = question_of(extracted)
    assert seed_events(question) == WHOLE_LIFE
    assert question.answer is not None
    assert "- page" not in extracted.text
    assert extracted.text == f"{question.text}\n\n{question.answer.text}"
    assert extracted.published_at is not None
    assert extracted.published_at.isoformat() == "2025-07-16T22:00:00+00:00"


def test_markup_does_not_matter_only_order_and_headings(answer: Answer, source: MakeSource) -> None:
    """Other tags, other classes, other lines in the source: the same question."""
    words = LATE.read_text("utf-8")
    changed = (
        words.replace("<h2>", "<div class='x'><span>").replace("</h2>", "</span></div>").replace("<section>", "<article>\n\n")
    )
    changed = changed.replace("</section>", "</article>").replace(" publiée le", "\n  <b>publiée le</b>\n")
    page = source("senat_questions")
    assert question_of(read(LATE, page, answer, changed.encode())) == question_of(read(LATE, page, answer))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<html><body><h1>Recherche</h1><p>Aucun résultat.</p></body></html>", "no heading"),
        ("<html><body><p>Question de M. RIVAL Marc (Loire - SER) publiée le 03/10/2024</p></body></html>", "no text"),
        (
            "<html><body><p>Question de M. RIVAL Marc (Loire - SER) publiée le 03/10/2024</p><p>Texte.</p>"
            "<p>Question de Mme PETIT Anne (Ain - SER) publiée le 03/10/2024</p><p>Texte.</p></body></html>",
            "several questions",
        ),
        (
            "<html><body><h2>Question écrite n° 00720 de M. Marc Rival (Loire - SER)</h2><p>Texte.</p></body></html>",
            "shows question 720",
        ),
    ],
)
def test_a_page_without_the_expected_headings_is_refused(body: str, why: str, answer: Answer, source: MakeSource) -> None:
    """A page that is no question's, or another's, or a list, is an error with its address, never an empty question (row F13)."""
    with pytest.raises(ExtractError, match=why) as caught:
        read(LATE, source("senat_questions"), answer, body.encode())
    assert caught.value.reason == "unexpected_page"
    assert caught.value.url == address_of(LATE)


def test_a_real_results_page_of_the_old_search_is_no_question(answer: Answer, source: MakeSource) -> None:
    """The page of ten results, as the old site served it, is refused."""
    found = SHARED / "data" / "parliament" / "senat" / "question_search_result_2016_QG.iso-8859-1.html"
    if not found.exists():
        pytest.skip(f"no parliamentary samples under {SHARED}: set WATCHER_SHARED")
    with pytest.raises(ExtractError) as caught:
        read(LATE, source("senat_questions"), answer, found.read_bytes())
    assert caught.value.reason == "unexpected_page"


def test_what_is_no_page_and_what_is_a_robot_check_are_told_apart(answer: Answer, source: MakeSource) -> None:
    """A PDF is `media_type`; a gatekeeper's check is a wall, so that the operator looks at the right thing (row S)."""
    with pytest.raises(ExtractError) as caught:
        read(LATE, source("senat_questions"), answer, b"%PDF-1.7\n...")
    assert caught.value.reason == "media_type"
    check = b"<html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script></body></html>"
    with pytest.raises(BlockedError):
        read(LATE, source("senat_questions"), answer, check)


def test_each_line_missing_in_turn_never_crashes(answer: Answer, source: MakeSource) -> None:
    """Every page with each of its lines left out gives a question or a refusal with a reason, nothing else (row F13)."""
    page = source("senat_questions")
    refused: list[str] = []
    for case in CASES:
        lines = case.read_bytes().splitlines(keepends=True)
        for left_out in range(len(lines)):
            body = b"".join(lines[:left_out] + lines[left_out + 1 :])
            try:
                assert question_of(read(case, page, answer, body)).key == question_of(read(case, page, answer)).key
            except ExtractError as error:
                refused.append(error.reason)
    assert len(refused) >= len(CASES)
    assert set(refused) <= {"unexpected_page", "media_type"}


def test_a_reserved_page_keeps_its_dates_and_not_its_text(answer: Answer, source: MakeSource) -> None:
    """Where text mining is reserved, the life of the question is known and no text is kept (row S06)."""
    page = replace(answer(LATE.read_bytes(), url=address_of(LATE)), reserved="tdm-reservation")
    extracted = senat_questions.read_page(source("senat_questions"), page)
    question = question_of(extracted)
    assert (extracted.text, question.text, question.answer and question.answer.text) == ("", "", "")
    assert seed_events(question) == WHOLE_LIFE


def test_a_page_served_elsewhere_is_known_by_the_key_it_was_asked_under(answer: Answer, source: MakeSource) -> None:
    """An address without a reference leads to its question through the key of the request."""
    page = answer(LATE.read_bytes(), url="https://senat.example/q/719")
    asked = replace(page, request=replace(page.request, item_key="question:senat:17:QE:719"))
    assert question_of(senat_questions.read_page(source("senat_questions"), asked)).key == "question:senat:17:QE:719"
    with pytest.raises(ExtractError, match="names no question"):
        senat_questions.read_page(source("senat_questions"), page)


def test_the_kind_reads_its_own_pages() -> None:
    """The pipeline finds the reader of pages beside the two functions that every kind has."""
    assert callable(getattr(sources.KINDS["senat_questions"], "read_page", None))
    assert QuestionStatus.UNKNOWN.value == "unknown"
