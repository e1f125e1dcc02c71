"""The list of questions of the Sénat: what changed, what is half published, what is set aside."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watcher import changes, sources
from watcher.errors import ParseError
from watcher.model import FetchResult, Item, Parsed, QuestionStatus, ReadAs, Source, SourceState
from watcher.sources import senat_words
from watcher.sources.senat_csv import COLUMNS

Answer = Callable[..., FetchResult]
MakeSource = Callable[..., Source]

URL = "https://data.senat.example/questions-depuis-un-an.csv"
HEADING = ";".join(COLUMNS.values())
YEAR = (Path(__file__).parent / "senat_questions" / "douze_mois.csv").read_bytes().decode("cp1252")
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def row(number: int, *, status: str = "En cours", ministry: str = "", answered: str = "", published: str = "2026-10-08") -> str:
    address = f"http://www.senat.fr/questions/base/{published[:4]}/qSEQ{published[2:4]}{published[5:7]}{number:05}.html"
    asked = "Ministère du travail"
    author = "RIVAL;Marc;M.;Loire;CRCE-K;"
    return f"{status};QE;{number:05};;Question {number};{author};{published};{asked};{ministry};{answered};Travail;{address}"


def table(*rows: str, heading: str = HEADING, end: str = "\n") -> bytes:
    return ("\n".join((heading, *rows)) + end).encode("cp1252")


@pytest.fixture
def read(answer: Answer, source: MakeSource, state: SourceState) -> Callable[..., Parsed]:
    """Read a list with the state and the options of a source."""

    def parse(body: bytes, *, before: SourceState | None = None, **options: object) -> Parsed:
        return sources.parse(source("senat_questions", url=URL, **options), answer(body, url=URL), before or state)

    return parse


Read = Callable[..., Parsed]


def one(parsed: Parsed) -> Item:
    (item,) = parsed.items
    return item


def test_the_first_request_carries_the_validators(source: MakeSource, state: SourceState) -> None:
    """An unchanged list costs one conditional request."""
    (request,) = sources.KINDS["senat_questions"].first(source("senat_questions", url=URL), replace(state, etag='"a"'))
    assert (request.url, request.etag, request.read_as) == (URL, '"a"', ReadAs.LISTING)


@pytest.mark.parametrize(
    "later",
    [
        row(1, status="Réponse reçue"),
        row(1, ministry="Ministère de l'industrie"),
        row(1, answered="2026-11-19"),
        row(1, status="Retirée"),
    ],
)
def test_any_change_of_a_question_changes_its_item(later: str, read: Read) -> None:
    """State, ministry, day of the answer: each makes the page worth reading again; nothing else is needed."""
    before, after = one(read(table(row(1)))), one(read(table(later)))
    assert changes.listed_hash(before) != changes.listed_hash(after)
    assert changes.listed_hash(before) == changes.listed_hash(one(read(table(row(1)))))


def test_an_answer_moves_a_question_to_its_day(read: Read) -> None:
    """The later of question and answer is the item's date, at midnight in Paris: nine months do not hide it."""
    item = one(read(table(row(719, answered="2025-07-17", published="2024-10-03"))))
    assert item.published_at == datetime(2025, 7, 16, 22, tzinfo=UTC)
    assert item.question is not None
    assert item.question.answer is not None
    assert (item.question.status, item.question.answer.text) == (QuestionStatus.ANSWERED, "")


def test_pages_of_old_questions_are_left_for_when_they_change(read: Read, state: SourceState) -> None:
    """The first poll reads the pages of the last months; afterwards each is offered, and only those that changed are read."""
    body = table(row(1), row(2, published="2026-01-08"), row(3, published="2026-01-08", answered="2026-11-12"))
    keys = [request.item_key for request in read(body).follow]
    assert keys == ["question:senat:17:QE:1", "question:senat:17:QE:3"]
    assert len(read(body, first_pages=0).follow) == 0
    joined = replace(state, joined_at=datetime(2026, 11, 1, tzinfo=UTC))
    later = read(body, before=joined)
    assert [request.item_key for request in later.follow] == [item.guid for item in later.items]
    assert {request.read_as for request in later.follow} == {ReadAs.DOCUMENT}
    assert all(request.url.startswith("https://www.senat.fr/") for request in later.follow)


def read_or_refuse(read: Read, body: bytes) -> list[str | None] | str:
    """Return the questions of a list, or why it was refused."""
    try:
        return [item.guid for item in read(body).items]
    except ParseError as error:
        return error.reason


def refusal(read: Read, body: bytes, **more: object) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read(body, **more)
    return caught.value


@pytest.mark.parametrize("column", ["status", "kind", "number", "title", "asked_on", "url", "answered_on", "ministry", "surname"])
def test_a_renamed_column_is_named_with_what_was_found(column: str, read: Read) -> None:
    """The alarm says which heading is missing and which ones stand there; no row is read wrongly (row F13)."""
    renamed = HEADING.replace(f";{COLUMNS[column]};", ";Autre chose;") if column not in ("status", "url") else HEADING
    renamed = renamed.replace("Sort;", "Autre chose;") if column == "status" else renamed
    renamed = renamed.replace(";URL Question", ";Autre chose") if column == "url" else renamed
    error = refusal(read, table(row(1), heading=renamed))
    assert (error.reason, error.where) == ("renamed_column", COLUMNS[column])
    assert "Autre chose" in error.message


def test_a_column_renamed_a_little_is_guessed(read: Read) -> None:
    """The message proposes the heading that looks like the missing one."""
    error = refusal(read, table(row(1), heading=HEADING.replace("Date de réponse JO", "Date de la réponse au JO")))
    assert "'Date de réponse JO' is perhaps 'Date de la réponse au JO'" in error.message


def test_columns_come_in_any_order_and_number(read: Read) -> None:
    """An added column is not looked at, names are matched without case and accents."""
    heading = HEADING.upper().replace("É", "E") + ";Nouvelle colonne"
    item = one(read(table(row(1) + ";x", heading=heading)))
    assert (item.guid, item.title) == ("question:senat:17:QE:1", "Question 1")


def test_a_half_published_list_is_an_alarm_and_no_deletion(read: Read, state: SourceState) -> None:
    """Far fewer rows than last time, no rows, a cut last line: `shrunken`, and what was known stays (rows F08, F16)."""
    full = read(table(*(row(number) for number in range(1, 101))))
    assert full.cursor == {"rows": "100"}
    remembered = replace(state, cursor=full.cursor or {}, joined_at=datetime(2026, 11, 1, tzinfo=UTC))
    half = table(*(row(number) for number in range(1, 51)))
    error = refusal(read, half, before=remembered)
    assert error.reason == "shrunken"
    assert "50" in error.message
    assert "100" in error.message
    assert len(read(half).items) == 50, "a source that was never read has nothing to compare with"
    assert len(read(half, before=remembered, rows_at_least=40).items) == 50, "an operator who knows better says so"
    assert refusal(read, half, rows_at_least=60).reason == "shrunken"
    assert refusal(read, table()).reason == "shrunken"
    assert refusal(read, b"").reason == "shrunken"
    assert refusal(read, b"% en cours de publication\n").reason == "shrunken"


@given(st.integers(min_value=1, max_value=400))
@QUIET
def test_a_list_cut_anywhere_is_told_or_harmless(read: Read, cut: int) -> None:
    """Wherever the last line stops, there is an alarm, or its question is whole as far as it is told apart."""
    body = table(*(row(number) for number in range(1, 4)), end="")
    guids = read_or_refuse(read, body[: max(len(HEADING.encode("cp1252")) + 2, len(body) - cut)])
    assert guids == "shrunken" or set(guids) <= {f"question:senat:17:QE:{number}" for number in range(1, 4)}


@pytest.mark.parametrize("body", [b"<html><body>Maintenance</body></html>", b"{}", b"a;b;c\n1;2;3\n"])
def test_what_is_no_list_is_refused(body: bytes, read: Read) -> None:
    """A page or another table is not taken for questions."""
    assert refusal(read, body).reason == "not_a_csv"


def test_a_quote_that_nobody_closes_spoils_its_own_row_only(read: Read) -> None:
    """A title with one quotation mark does not swallow the rows behind it."""
    broken = row(2).replace("Question 2", '"Question 2')
    parsed = read(table(row(1), broken, row(3), row(4)))
    assert [item.guid for item in parsed.items] == [f"question:senat:17:QE:{number}" for number in range(1, 5)]


def test_a_row_with_each_cell_missing_in_turn_never_crashes(read: Read) -> None:
    """Every real row with each of its cells emptied is an item or is set aside with its line (row F13)."""
    rows = [line for line in YEAR.splitlines()[3:] if not line.startswith("%") and line.count(";") >= 16 and '"' not in line]
    assert len(rows) >= 9
    for line in rows:
        cells = line.split(";")
        for empty in range(len(cells)):
            parsed = read(table(";".join([*cells[:empty], "", *cells[empty + 1 :]]), row(99)))
            assert len(parsed.items) + len(parsed.set_aside) == 2
            assert all(where.startswith("line ") for where, _ in parsed.set_aside)


@given(st.lists(st.text(alphabet=st.characters(codec="cp1252"), max_size=60), min_size=1, max_size=30))
@QUIET
def test_any_lines_are_rows_or_refused(read: Read, lines: list[str]) -> None:
    """Whatever follows the heading, what is read are questions and what is not is counted."""
    parsed = read(("\n".join((HEADING, row(1), *lines)) + "\n").encode("cp1252", "replace"))
    assert "question:senat:17:QE:1" in {item.guid for item in parsed.items}
    counted = sum(times for reason, times in parsed.rejected.items() if reason in ("misshapen", "no_number"))
    assert len(parsed.set_aside) == counted


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ("En cours", QuestionStatus.OPEN),
        ("Sans réponse", QuestionStatus.OPEN),
        ("Réponse reçue", QuestionStatus.ANSWERED),
        ("Retirée", QuestionStatus.WITHDRAWN),
        ("La question a été retirée (pour cause de décès)", QuestionStatus.WITHDRAWN),
        ("Caduque, sans réponse", QuestionStatus.LAPSED),
        ("Transformée en question orale", QuestionStatus.CONVERTED),
        ("Rappelée", QuestionStatus.UNKNOWN),
        ("Autre", QuestionStatus.UNKNOWN),
        ("", QuestionStatus.UNKNOWN),
    ],
)
def test_states_are_understood_or_unknown(label: str, status: QuestionStatus) -> None:
    """A word nobody has met is unknown, and stays beside as it is (row F13)."""
    assert senat_words.status_of(label) is status


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("PLUCHET Kristina", "Kristina Pluchet"),
        ("Kristina PLUCHET", "Kristina Pluchet"),
        ("de LA TOURELLE Jean-Éric", "Jean-Éric de La Tourelle"),
        ("EUSTACHE-BRUN Anne", "Anne Eustache-Brun"),
        ("LE BIHAN DUPRÉ Ève", "Ève Le Bihan Dupré"),
        ("N'GOMA Paul", "Paul N'Goma"),
        ("Yves Saint-Aubœuf", "Yves Saint-Aubœuf"),
        ("PAUL Philippe", "Philippe Paul"),
        ("X", "X"),
    ],
)
def test_names_are_put_in_order(written: str, name: str) -> None:
    """First name first, usual letters, particles kept with the name."""
    assert senat_words.senator(written).name == name


def test_groups_and_constituencies_keep_their_own_dashes() -> None:
    """The first dash parts them; "Loire-Atlantique" and "CRCE-K" keep theirs."""
    senator = senat_words.senator("RIVAL Marc", civility="M.", place="Français établis hors de France - CRCE - Kanaky")
    assert (senator.constituency, senator.group) == ("Français établis hors de France", "CRCE - Kanaky")
