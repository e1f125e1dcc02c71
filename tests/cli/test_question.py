"""`watcher questions KEY`: one question, how it ended in its source's own words, and the questions around it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.store.builders import NOW
from tests.store.question_builders import event, question, save
from watcher.cli import group
from watcher.cli.init import lay_out
from watcher.model import EventKind, QuestionStatus
from watcher.store import Store, questions

ORAL = question(104, kind="QOSD", title="La question orale")
FIRST = question(719, title="La première", status=QuestionStatus.CONVERTED, converted_to=ORAL.key)
AGAIN = question(900, title="Le rappel", recalls=FIRST.key)
ODD = question(4, title="Sans suite connue", status=QuestionStatus.CLOSED, status_label="Motif inédit (XYZ_PUB)")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose store holds a question that became another one, one that reminds of it, and one closed nobody knows how."""
    folder = tmp_path_factory.mktemp("question") / "home"
    lay_out(folder)
    store = Store.open(f"sqlite:///{folder}/var/watcher.db")
    save(store, FIRST, ORAL, AGAIN, ODD, now=NOW)
    life = (event(FIRST, EventKind.CONVERTED, linked=ORAL.key), event(AGAIN, EventKind.RECALLED, linked=FIRST.key))
    store.write(lambda tx: questions.add_events(tx, life, now=NOW, news=False))
    store.close()
    return folder


def shown(home: Path, *words: str) -> str:
    done: Result = CliRunner().invoke(group, ["--home", str(home), "questions", *words])
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    return done.stdout


def test_a_question_and_the_one_it_became_lead_to_each_other(home: Path) -> None:
    """Whichever of the two is asked for, the other one is named."""
    assert f"became {ORAL.key}" in shown(home, FIRST.key)
    assert f"was {FIRST.key}" in shown(home, ORAL.key)
    told = json.loads(shown(home, ORAL.key, "--json"))
    assert told["linked_from"] == [{"question": FIRST.key, "kind": "converted"}]


def test_a_question_and_its_reminder_lead_to_each_other(home: Path) -> None:
    """A question that was put again says so, as the one that puts it again does."""
    assert f"recalled by {AGAIN.key}" in shown(home, FIRST.key)
    assert f"reminds of {FIRST.key}" in shown(home, AGAIN.key)


def test_an_unknown_ending_is_shown_as_one_with_its_own_word(home: Path) -> None:
    """Nothing is made of a closing that nobody explained: its label stands there, in lists and alone, and in JSON."""
    for words in ((ODD.key,), ("sans", "suite")):
        assert "closed, nobody here knows how (Motif inédit (XYZ_PUB))" in shown(home, *words)
    (line,) = shown(home, "--status", "closed", "--json").splitlines()
    assert (json.loads(line)["status"], json.loads(line)["status_label"]) == ("closed", "Motif inédit (XYZ_PUB)")
