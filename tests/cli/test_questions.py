"""`watcher questions`: lists, one question with its life, and a table for a spreadsheet."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from tests.store.question_builders import LABOUR, answered, event, question, save
from watcher.cli import group
from watcher.cli.init import lay_out
from watcher.errors import UnknownNameError
from watcher.model import Chamber, EventKind, Member, Ministry, Question, QuestionStatus
from watcher.store import Store, questions

TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()  # days are those of the zone of the settings
NOW = datetime.now(UTC)
SEED = "https://www.senat.fr/questions/base/2024/qSEQ241000719.html"
HOSTILE = '=HYPERLINK("http://evil.example";"clic")'

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose store holds the question of seed 001, one overdue, one just asked, one withdrawn and hostile."""
    folder = tmp_path_factory.mktemp("questions") / "home"
    lay_out(folder)
    store = Store.open(f"sqlite:///{folder}/var/watcher.db")
    state = Ministry(label="Secrétariat d'État, chargé de l'intelligence artificielle")
    first = answered(
        719,
        on=date(2025, 7, 17),
        title="Formation et IA",
        asked_on=date(2024, 10, 3),
        addresses=(SEED,),
        asked_ministry=state,
    )
    late = question(2, title="En retard", asked_on=TODAY - timedelta(days=100), chamber=Chamber.ASSEMBLEE)
    fresh = question(3, title="Toute récente", asked_on=TODAY, author=Member(name="Jean Martin", group="LR"))
    hostile = question(4, title=HOSTILE, status=QuestionStatus.WITHDRAWN, status_label="-retirée", asked_on=date(2023, 1, 5))
    twin = answered(5, on=date(2025, 7, 17), asked_on=date(2024, 10, 10), answer=first.answer)
    save(store, first, late, fresh, hostile, twin, now=NOW, themes=["ia-emploi", "formation"])
    life = (
        event(first, EventKind.ANSWERED, on=date(2025, 7, 17), days=287, page="4196"),
        event(first, EventKind.TRANSFERRED, on=None, detail="1", from_ministry=state.label, to_ministry=LABOUR.label),
        event(first, on=date(2024, 10, 3), page="3506"),
    )
    store.write(lambda tx: questions.add_events(tx, life, now=NOW, news=False))
    store.close()
    return folder


@pytest.fixture
def run(home: Path) -> Run:
    """Run the command on that home."""
    return lambda *words: CliRunner().invoke(group, ["--home", str(home), "questions", *words])


def titles(done: Result) -> list[str]:
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    return [json.loads(line)["title"] for line in done.stdout.splitlines()]


def rows(done: Result) -> list[dict[str, str]]:
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    return list(csv.DictReader(io.StringIO(done.stdout_bytes.decode("utf-8-sig")), delimiter=";"))


class TestLists:
    def test_the_newest_first(self, run: Run) -> None:
        """Without anything asked, all questions, the later of question and answer deciding."""
        assert titles(run("--json")) == ["Toute récente", "En retard", "Formation et IA", "Compétences n° 5", HOSTILE]
        shown = run("--limit", "3").output
        assert "5 found, the first 3 shown." in shown
        assert f"{TODAY}  Toute récente" in shown
        assert "Sénat QE 719, answered (Réponse publiée), asked 2024-10-03, answered 2025-07-17 after 287 days" in shown
        assert SEED in shown

    def test_what_is_overdue_with_the_days_elapsed(self, run: Run) -> None:
        """A table, the longest first, with what has passed since the question was asked."""
        shown = run("--overdue").output
        line = next(line for line in shown.splitlines() if "En retard" in line)
        assert line.split()[:5] == ["100", str(TODAY - timedelta(days=100)), "Assemblée", "QE", "2"]
        assert "1 found." in shown
        told = json.loads(run("--overdue", "--json").output)
        assert (told["days"], told["status"], told["themes"]) == (100, "open", ["ia-emploi", "formation"])

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            (["--chamber", "assemblee"], ["En retard"]),
            (["--status", "withdrawn"], [HOSTILE]),
            (["--kind", "qe", "--author", "martin"], ["Toute récente"]),
            (["--since", "2025-07-01", "--status", "answered"], ["Formation et IA", "Compétences n° 5"]),
            (["--ministry", "travail", "--overdue"], ["En retard"]),
            (["--ministry", "compétences sante", "--status", "withdrawn"], [HOSTILE]),
            (["--theme", "ia-emploi", "--author", "martin"], ["Toute récente"]),
            (["formations"], ["Formation et IA"]),
            (["toutes", "récentes"], ["Toute récente"]),
            (["--kind", "QG"], []),
        ],
    )
    def test_by_each_filter(self, run: Run, asked: list[str], found: list[str]) -> None:
        """Options narrow the list, alone and together; words go through the search."""
        assert titles(run(*asked, "--json")) == found

    @pytest.mark.parametrize("asked", ["719", "QE 719", "n° 00719", "Sénat QE 719", "qe n°719"])
    def test_by_its_number_as_people_write_it(self, run: Run, asked: str) -> None:
        """A number finds its question, with or without its kind, as lists and letters write it."""
        assert "Formation et IA" in run(*asked.split()).output
        assert run(*asked.split()).output.rstrip().endswith("1 found.")

    @pytest.mark.parametrize(
        ("asked", "told"),
        [
            (["--ministry", "travial"], "'travail'"),
            (["--ministry", "cultes"], "There are: "),
            (["--theme", "ia-emplois"], "'ia-emploi'"),
            (["question:senat:17:QE:404"], "no question"),
            (["https://www.senat.fr/questions/base/2024/qSEQ241000720.html"], "no question"),
        ],
    )
    def test_wrong_names_are_answered_with_the_right_ones(self, run: Run, asked: list[str], told: str) -> None:
        """What does not exist is said, with what was perhaps meant: wrong use, exit code 2."""
        done = run(*asked)
        assert isinstance(done.exception, UnknownNameError)
        assert told in done.exception.message

    def test_a_ministry_without_anything_found_is_no_mistake(self, run: Run) -> None:
        """A right name that the other filters leave nothing of is simply nothing."""
        assert run("--ministry", "travail", "--kind", "QG").output == "0 found.\n"

    @pytest.mark.parametrize("words", [["--json", "--csv"], ["--csv", SEED], ["--status", "late"], ["--limit", "0"]])
    def test_wrong_use(self, run: Run, words: list[str]) -> None:
        """Forms that exclude each other, states and numbers that are none: exit code 2."""
        assert run(*words).exit_code == 2


class TestSpreadsheet:
    def test_a_french_excel_opens_it(self, run: Run) -> None:
        """Semicolons, CRLF and the byte-order mark of UTF-8; one row a question, its fields by name, and nothing else."""
        done = run("--csv")
        assert done.stdout_bytes.startswith(b"\xef\xbb\xbfkey;chamber;")
        assert done.stdout_bytes.count(b"\xef\xbb\xbf") == 1
        assert done.stdout_bytes.count(b"\r\n") == 6
        first = rows(done)[2]
        wanted = {
            "key": "question:senat:17:QE:719",
            "chamber": "senat",
            "asked_on": "2024-10-03",
            "answered_on": "2025-07-17",
            "due_on": "",
            "days": "287",
            "ministry": LABOUR.label,
            "status": "answered",
            "themes": "ia-emploi, formation",
        }
        assert {name: first[name] for name in wanted} == wanted

    def test_no_cell_is_run_as_a_formula(self, run: Run) -> None:
        """A title that begins like a formula is text, and stays whole (formula injection)."""
        row = next(row for row in rows(run("--csv")) if row["status"] == "withdrawn")
        assert row["title"] == f"'{HOSTILE}"
        assert row["status_label"] == "'-retirée"

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
    def test_every_beginning_of_a_formula(self, start: str) -> None:
        """What any spreadsheet takes for the beginning of a formula is set apart, line breaks and quotes included."""
        from watcher.cli.spreadsheet import spreadsheet
        from watcher.store.questions import Listed

        told: dict[str, Any] = dict.fromkeys(("asked_on", "answered_on", "due_on", "days", "ministry_id"))
        told |= dict.fromkeys(("key", "kind", "number", "status_label", "ministry", "author", "group", "url"), "")
        one = Listed(
            **told,
            chamber=Chamber.SENAT,
            legislature=17,
            status=QuestionStatus.OPEN,
            title=f'{start}1;"2"',
            themes=(f"{start}x",),
        )
        row = next(csv.DictReader(io.StringIO(spreadsheet([one]).decode("utf-8-sig"), newline=""), delimiter=";"))
        assert row["title"] == f'\'{start}1;"2"'
        assert row["themes"] == f"'{start}x"

    def test_what_is_left_out_is_said_beside(self, run: Run) -> None:
        """A cut list is told on standard error, so that the table stays a table."""
        done = run("--csv", "--limit", "2")
        assert len(rows(done)) == 2
        assert done.stderr == "5 found, the first 2 shown.\n"
        assert run("--csv").stderr == ""


class TestOne:
    @pytest.mark.parametrize(
        "name",
        [
            "question:senat:17:QE:719",
            SEED,
            f"{SEED.replace('https', 'http')}?utm_source=x",
            "http://www.senat.fr/basile/visio.do?id=qSEQ241000719",
            "qSEQ241000719",
        ],
    )
    def test_by_its_key_or_any_form_of_its_address(self, run: Run, name: str) -> None:
        """Every form of an address, stored or merely known, leads to the question."""
        told = json.loads(run(name, "--json").output)
        assert told["key"] == "question:senat:17:QE:719"
        assert [one["kind"] for one in told["events"]] == ["asked", "transferred", "answered"]
        assert told["answered_alike"] == ["question:senat:17:QE:5"]

    def test_its_life_in_order(self, run: Run) -> None:
        """What happened, when and on which page, the undated transfer in its place; then the texts."""
        shown = run(SEED).output
        lines = [line.strip() for line in shown.splitlines()]
        events = [line for line in lines if "https://www.senat.fr/q" in line and line != SEED]
        assert [line.split()[:2] for line in events] == [
            ["2024-10-03", "asked"],
            ["-", "transferred"],
            ["2025-07-17", "answered"],
        ]
        assert "answered after 287 days p. 4196" in shown
        assert "transferred from Secrétariat d'État, chargé de l'intelligence artificielle to Ministère du travail" in shown
        assert "Sénat QE 719 (legislature 17): Formation et IA" in shown
        assert "The same answer was given to 1 other question: question:senat:17:QE:5." in shown
        assert "Le texte de la question." in shown
        assert "La réponse n° 719." in shown

    def test_one_that_says_nothing(self, home: Path, run: Run) -> None:
        """A question with every field missing is shown all the same."""
        store = Store.open(f"sqlite:///{home}/var/watcher.db")
        bare = Question(chamber=Chamber.ASSEMBLEE, legislature=14, kind="QE", number="9")
        save(store, bare)
        store.close()
        try:
            shown = run(bare.key)
            assert shown.exit_code == 0, shown.output
            assert "Assemblée QE 9 (legislature 14)" in shown.output
            assert "unknown" in shown.output
        finally:
            store = Store.open(f"sqlite:///{home}/var/watcher.db")
            store.write(lambda tx: tx.connection.exec_driver_sql("DELETE FROM documents WHERE key LIKE '%:14:QE:9'"))
            store.close()


def test_an_empty_store_has_no_question(tmp_path: Path) -> None:
    """On a new home nothing is found, and naming a ministry is no mistake yet."""
    lay_out(tmp_path / "home")
    for asked in ([], ["--overdue"], ["--ministry", "travail"]):
        done = CliRunner().invoke(group, ["--home", str(tmp_path / "home"), "questions", *asked])
        assert done.output == "0 found.\n", done.exception
