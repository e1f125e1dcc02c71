"""A mistake in sources.yaml keeps nobody from reading the archive, also where no service ever kept a good version."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import SOURCES, Shell
from tests.store.builders import document, verdict
from tests.store.question_builders import question, save
from watcher.config import Home
from watcher.model import SourceState
from watcher.store import Store, documents, sources

# Twenty past eight in the evening in Paris is the next day on Réunion.
EVENING = datetime(2026, 11, 15, 20, 20, tzinfo=UTC)
WHOLE = SOURCES.replace("settings:\n", "settings:\n  timezone: Indian/Reunion\n")
ENTRY = "  - {id: dares, kind: feed,"
MISTAKES = {
    "an unknown key": WHOLE.replace(ENTRY, f"{ENTRY} evry: 6 h,"),
    "a tab": WHOLE.replace("  contact", "\tcontact"),
    "no last line": WHOLE.replace("# end of sources.yaml\n", ""),
    "a bracket left open": WHOLE.replace("https://cereq.example/flux}", "https://cereq.example/flux"),
    "a theme that is none": WHOLE.replace(ENTRY, f"{ENTRY} themes: [rien],"),
}
READING = (
    ("search", "titre"),
    ("search", "--json"),
    ("search", "--since", "2026-11-16", "--theme", "ia-emploi"),
    ("questions",),
    ("questions", "--overdue", "--json"),
    ("themes",),
    ("themes", "list", "--json"),
    ("themes", "near"),
)
OF_SOURCES = (("status",), ("status", "--json"), ("sources", "list"), ("review", "list"))
WRITING = (
    ("check",),
    ("poll",),
    ("digest", "send", "veille"),
    ("review", "accept", "dares"),
    ("outbox", "retry"),
    ("sources", "add", "https://dares.example/flux"),
    ("themes", "label", "https://example.org/a", "off-topic"),
)


@pytest.fixture
def home(home: Path) -> Path:
    """Put an article and a question in the archive of a home whose days are those of Réunion."""
    (home / "sources.yaml").write_text(WHOLE, "utf-8")
    store = Store.open(Home(home).database_url)
    article = document(source_id="dares", published_at=EVENING)
    store.write(lambda tx: documents.save(tx, [article], {article.key: verdict()}))
    store.write(lambda tx: sources.save_states(tx, [SourceState(source_id="dares")]))
    save(store, question())
    store.close()
    return home


def spoil(home: Path, text: str = MISTAKES["an unknown key"]) -> None:
    """Write a sources.yaml that holds a mistake."""
    assert text != WHOLE
    (home / "sources.yaml").write_text(text, "utf-8")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_hides_nothing_of_the_archive(home: Path, shell: Shell, mistake: str) -> None:
    """What only asks the archive answers as before, in the zone that the text names; standard error tells the mistake once."""
    before = [shell(*words) for words in READING]
    assert all(code == 0 and not errors for code, _, errors in before), before
    assert "2026-11-16  Un titre" in before[0][1]
    spoil(home, MISTAKES[mistake])
    for words, (_, expected, _) in zip(READING, before, strict=True):
        code, output, errors = shell(*words)
        assert (code, output) == (0, expected)
        if words[0] == "questions" and mistake == "a theme that is none":
            assert not errors  # the themes are not read for questions
            continue
        (note,) = errors.splitlines()
        assert note.startswith(f"watcher: sources.yaml has a mistake ({home / 'sources.yaml'}:")
        assert note.endswith("); the archive is read all the same. `watcher check` tells all of them.")


def test_the_first_of_several_mistakes_is_told_with_its_place(home: Path, shell: Shell) -> None:
    """One line says where to go; the others are for `watcher check`."""
    spoil(home, MISTAKES["an unknown key"].replace("# end of sources.yaml\n", ""))
    (note,) = shell("search", "titre")[2].splitlines()
    assert f"{home / 'sources.yaml'}:5:29: " in note
    assert "`every`" in note
    assert len(shell("check")[2].splitlines()) == 2


def test_a_name_is_held_against_the_archive(home: Path, shell: Shell) -> None:
    """A source is known by what it left there, while the file that lists it is not understood; themes are those of the seeds."""
    spoil(home)
    assert shell("search", "--source", "dares")[0] == 0
    for option, name, meant in (("theme", "ia-emplois", "ia-emploi"), ("source", "dare", "dares")):
        code, _, errors = shell("search", f"--{option}", name)
        assert (code, errors.splitlines()[-1]) == (2, f"There is no {option} {name!r}. Did you mean {meant!r}?")


@pytest.mark.parametrize("words", [*READING, *OF_SOURCES])
def test_the_version_that_the_service_kept_comes_first(home: Path, shell: Shell, words: tuple[str, ...]) -> None:
    """Where there is one, its sources and its zone are those of the answer; questions need neither."""
    assert shell("reload", "--confirm")[0] == 0
    before = shell(*words)[1]
    spoil(home)
    code, output, errors = shell(*words)
    assert (code, len(output.splitlines())) == (0, len(before.splitlines()))
    if words[0] != "questions":
        assert "running on the last good version of what is edited, of 20" in errors
        assert shell("search", "--source", "cereq")[:2] == (0, "0 found.\n")
    assert f"{home / 'sources.yaml'}:5:29: " in errors


@pytest.mark.parametrize("words", [*OF_SOURCES, *WRITING])
def test_what_needs_the_file_refuses(home: Path, shell: Shell, words: tuple[str, ...]) -> None:
    """Whatever tells of sources without a good version, writes, polls, sends or checks ends with exit code 3."""
    spoil(home)
    code, output, errors = shell(*words)
    assert (code, output) == (3, "")
    assert errors.startswith(f"{home / 'sources.yaml'}:5:29: ")


@pytest.mark.parametrize("words", READING)
def test_without_an_archive_the_mistake_is_all_there_is(home: Path, shell: Shell, words: tuple[str, ...]) -> None:
    """Nothing is made for a command that only reads; nor is a database guessed that a secret may name."""
    spoil(home)
    secret = home.parent / "credentials" / "database"
    secret.parent.mkdir()
    secret.write_text("postgresql://u:p@db/veille", "utf-8")
    secret.chmod(stat.S_IRUSR | stat.S_IROTH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREDENTIALS_DIRECTORY", str(secret.parent))
        assert shell(*words)[0] == 3
    for file in (home / "var").glob("watcher.db*"):
        file.unlink()
    code, output, errors = shell(*words)
    assert (code, output) == (3, "")
    assert errors.startswith(f"{home / 'sources.yaml'}:5:29: ")
    assert not (home / "var" / "watcher.db").exists()


def test_a_file_without_a_zone_makes_no_archive_either(home: Path, shell: Shell) -> None:
    """Where the zone is the default, the archive is read, and none is made."""
    spoil(home, MISTAKES["an unknown key"].replace("  timezone: Indian/Reunion\n", ""))
    assert "2026-11-15  Un titre" in shell("search", "titre")[1]
    for file in (home / "var").glob("watcher.db*"):
        file.unlink()
    for words in (("search", "titre"), ("themes",)):
        assert shell(*words)[0] == 3
        assert not (home / "var" / "watcher.db").exists()


def test_a_mistake_in_the_seeds_is_no_mistake_of_that_file(home: Path, shell: Shell) -> None:
    """Themes that are not understood are no themes to list: that stays an error, told as it is."""
    spoil(home)
    (home / "seeds" / "themes.yaml").write_text("themes: [", "utf-8")
    for words in (("search", "titre"), ("themes",)):
        code, output, errors = shell(*words)
        assert (code, output) == (3, "")
        assert errors.startswith(f"{home / 'seeds' / 'themes.yaml'}:")
