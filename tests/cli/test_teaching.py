"""`watcher themes label | labels | learn | near | explain`, as staff and administrators use them."""

import json
import math
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Shell, shorten
from tests.homes import put_archive, shipped
from tests.store.builders import document
from watcher import classify, config, seeds
from watcher.model import Document, ThemeScore, Verdict
from watcher.pipeline.documents import judge
from watcher.store import Store, Transaction, documents, retention

URL = "https://dares.example/ia"
TITLE = "IA : une étude mesure l’effet sur les métiers"
WORDS = (
    "Selon une étude d’un observatoire de branche, l’intelligence artificielle transforme les métiers de quatre salariés sur "
    "dix. Les opérateurs de compétences financeront 12 000 actions de formation professionnelle en deux ans."
)


def article(key: str, at: datetime) -> Document:
    """Return an article that was published and read at an instant."""
    return document(key, source_id="dares", title=TITLE, text=WORDS, published_at=at, recorded_at=at)


def in_store(home: Path, work: Callable[[Transaction], object]) -> None:
    """Change the archive of a home."""
    store = Store.open(config.Home(home).database_url)
    store.write(work)
    store.close()


def store_judged(home: Path, *articles: Document) -> None:
    """Put articles, judged by the shipped model, in the archive of the home."""
    place = config.Home(home)
    corpus = shipped()
    if not (place.var / "watcher.db").exists():
        put_archive(place.var / "watcher.db")
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
    verdicts = {one.key: judge(classifier, one, None) for one in articles}
    in_store(home, lambda tx: documents.save(tx, articles, verdicts))


@pytest.fixture
def archive(home: Path) -> Path:
    """Put one judged article in the archive of the home."""
    store_judged(home, article(URL, datetime.now(UTC) - timedelta(hours=2)))
    return home


@pytest.mark.usefixtures("archive")
def test_a_correction_in_a_line(shell: Shell) -> None:
    """Relevant, off-topic, a theme yes or no: said in a line, listed with author and date, and taken back."""
    assert shell("themes", "label", URL, "territoires", "yes", "--author", "claire")[0] == 0
    code, output, _ = shell("themes", "label", URL, "off-topic", "--author", "paul")
    assert code == 0
    assert output.startswith(f"{TITLE}: off-topic, says paul (it was graded 3 of 3).")
    told = [json.loads(line) for line in shell("themes", "labels", "--json")[1].splitlines()]
    assert [(one["author"], one["theme"], one["value"]) for one in told] == [
        ("claire", "territoires", True),
        ("paul", "relevance", False),
    ]
    assert "features" not in told[0]
    assert "2 labels." in shell("themes", "labels")[1]
    assert "1 label of paul taken back." in shell("themes", "label", URL, "off-topic", "--take-back", "--author", "paul")[1]


@pytest.mark.usefixtures("archive")
def test_an_author_is_one_person_however_typed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blanks around a name are no part of it, on the command line as in the environment."""
    assert shell("themes", "label", URL, "relevant", "--author", " claire ")[0] == 0
    monkeypatch.setenv("WATCHER_AUTHOR", "claire\t")
    assert shell("themes", "label", URL, "off-topic")[0] == 0
    assert [json.loads(line)["author"] for line in shell("themes", "labels", "--json")[1].splitlines()] == ["claire"]
    monkeypatch.setenv("WATCHER_AUTHOR", " ")
    assert shell("themes", "label", URL, "off-topic")[0] == 2


def test_a_day_begins_where_the_readers_are(home: Path, shell: Shell) -> None:
    """`--since` is a day of the configured zone, as the days that are shown: from midnight in Paris on."""
    midnight = datetime(2026, 6, 30, 22, tzinfo=UTC)  # 1 July in Paris
    half_an_hour = timedelta(minutes=30)
    store_judged(home, article(f"{URL}/before", midnight - half_an_hour), article(f"{URL}/after", midnight + half_an_hour))
    _, output, _ = shell("themes", "near", "--since", "2026-07-01", "--margin", "1", "--json")
    assert {json.loads(line)["url"] for line in output.splitlines()} == {f"{URL}/after"}
    shown = shell("themes", "near", "--since", "2026-07-01", "--margin", "1")[1]
    assert "2026-07-01  " in shown
    assert shown.endswith("just below a threshold since 2026-07-01.\n")
    _, output, _ = shell("search", "--since", "2026-07-01", "--json")
    assert [json.loads(line)["url"] for line in output.splitlines()] == [f"{URL}/after"]


@pytest.mark.usefixtures("archive")
def test_a_day_that_there_is_not_stops_the_import(shell: Shell, tmp_path: Path) -> None:
    """A mistake in the front matter of a document to import is told with its place, and nothing is trained."""
    mine = tmp_path / "fm.md"
    mine.write_text("---\ntitle: a\npublisher: b\ndate: 2024-13-40\nthemes: [ia-emploi]\n---\nUn texte.\n", "utf-8")
    code, output, errors = shell("themes", "learn", "--from", str(mine))
    assert (code, output) == (3, "")
    assert errors.startswith(f"{mine}:4:7: is not valid YAML: '2024-13-40' cannot be read")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("label", URL, "territoire", "yes"), "There is no theme 'territoire'. Did you mean 'territoires'?"),
        (("label", "https://nulle.example/part", "relevant"), "There is no document 'https://nulle.example/part'."),
        (("label", URL, "territoires"), "Is it of territoires? Add yes or no."),
        (("label", URL, "relevant", "yes"), "'relevant' says it all"),
        (("learn", "seeds/themes.yaml"), "does not exist"),
        (("learn", "--rollback", "--lower-floors", "reason"), "--rollback goes back"),
        (("learn", "--rollback", "--theme", "zzz"), "--rollback goes back"),
        (("learn", "--theme", "ia-emploi"), "--theme is that of imported files: name them with --from."),
        (("label", URL, "relevant", "--author", ""), "nobody is named. Write who says it: --author claire."),
        (("label", URL, "relevant", "--author", " \t"), "nobody is named. Write who says it: --author claire."),
        (("label", URL, "relevant", "--take-back", "--author", " "), "nobody is named."),
    ],
)
@pytest.mark.usefixtures("archive")
def test_wrong_use_says_what_to_write(shell: Shell, words: tuple[str, ...], said: str) -> None:
    """Wrong use ends with code 2 and the right words."""
    code, _, errors = shell("themes", *words)
    assert code == 2
    assert said in errors


def test_what_moved_a_theme_adds_up_to_its_score(archive: Path, shell: Shell) -> None:
    """The terms shown and what all else added are, together, the log-odds of the score."""
    _, output, _ = shell("themes", "explain", URL)
    scores = {one["theme"]: one["score"] for one in json.loads(shell("themes", "explain", URL, "--json")[1])["verdict"]["themes"]}
    weighed = [part for part in re.split(r"^  (?:yes |no  |best) ", output, flags=re.MULTILINE)[1:] if "all else" in part]
    assert weighed
    for part in weighed:
        weights = re.findall(r"(?:raised by|lowered by|all else) +([+-][0-9.]+)", part)
        score = scores[part.split()[0]]
        assert sum(map(float, weights)) == pytest.approx(math.log(score / (1 - score)), abs=0.05)


def test_explain_tells_every_theme_with_places(archive: Path, shell: Shell) -> None:
    """For each theme: score against threshold, terms that raised and lowered it where they stand, nearest seed, labels."""
    shell("themes", "label", URL, "ia-emploi", "yes", "--author", "claire")
    code, output, _ = shell("themes", "explain", URL)
    assert code == 0
    for theme in seeds.load(archive / "seeds").themes:
        assert f" {theme.id} " in output
    start = TITLE.index("IA")
    assert f"IA  (title {start}-{start + 2})" in output
    start = WORDS.index("opérateurs de compétences")
    assert f"(text {start}-{start + len('opérateurs de compétences')}): … " in output
    assert "raised by" in output
    assert "lowered by" in output
    assert "nearest seed" in output
    assert "claire said: ia-emploi yes" in output
    told = json.loads(shell("themes", "explain", URL, "--json")[1])
    assert len(told["verdict"]["themes"]) == 8
    assert told["labels"][0]["author"] == "claire"


def test_explain_says_when_the_text_is_gone(archive: Path, shell: Shell) -> None:
    """Reasons for what is not on are made again from the text; once it is gone, those that were kept are, and it is said."""
    assert "no longer held" not in shell("themes", "explain", URL)[1]
    assert json.loads(shell("themes", "explain", URL, "--json")[1])["reasons"] == "all"
    in_store(archive, lambda tx: retention.purge_texts(tx, datetime.now(UTC)))
    output = shell("themes", "explain", URL)[1]
    assert "its text is no longer held" in output
    assert "(text " in output
    assert json.loads(shell("themes", "explain", URL, "--json")[1])["reasons"] == "kept"


def test_explain_leaves_the_verdict_of_another_classifier_alone(archive: Path, shell: Shell) -> None:
    """What another classifier said is shown as it was said, with what to do to have it judged again."""
    before = json.loads(shell("themes", "explain", URL, "--json")[1])["verdict"]
    themes = tuple(ThemeScore(theme=one["theme"], score=0.5, on=True, threshold=0.4) for one in before["themes"])
    other = Verdict(relevance=2, score=0.5, themes=themes, language="fr", classifier="other")
    in_store(archive, lambda tx: documents.classify(tx, {URL: other}))
    output = shell("themes", "explain", URL)[1]
    assert "another classifier gave this verdict" in output
    assert "`watcher themes learn` judges" in output
    assert output.count("0.50 against 0.40") == len(themes)


@pytest.mark.usefixtures("archive")
def test_near_lists_and_counts(shell: Shell) -> None:
    """A wide margin shows the themes that the article nearly had, a narrow one shows nothing; both count."""
    lines = [json.loads(line) for line in shell("themes", "near", "--margin", "0.9", "--json")[1].splitlines()]
    assert lines
    assert all(line["url"] == URL and line["score"] <= line["threshold"] for line in lines)
    assert shell("themes", "near", "--margin", "0.9")[1].endswith("\n")
    assert "0 just below a threshold" in shell("themes", "near", "--margin", "0")[1]


def test_learn_prints_the_table_and_writes_nothing_when_dry(archive: Path, shell: Shell) -> None:
    """A dry run prints every figure beside its floor and what would move, on a corpus made small to be quick."""
    for name in ("negatives.jsonl.gz", seeds.UNSEEN):
        shorten(archive / "seeds" / name, 30)
    (archive / "seeds" / "floors.json").unlink()
    before = (archive / "seeds" / "model.json").read_bytes()
    code, output, errors = shell("themes", "learn", "--dry-run")
    assert code == 0, errors
    assert "relevance_average_precision" in output
    assert "Of 1 recent document, " in output
    assert "It would be adopted. Nothing was written." in output
    assert "training: 27 steps" in errors
    (archive / "seeds" / "floors.json").write_text('{"floors": {"themes_micro_f1": 1.0}}', "utf-8")
    code, output, _ = shell("themes", "learn", "--json")
    told = [json.loads(line) for line in output.splitlines()]
    assert code == 1
    assert told[-1]["what"] == "outcome"
    assert told[-1]["dropped"] == ["themes_micro_f1"]
    assert not told[-1]["adopted"]
    assert (archive / "seeds" / "model.json").read_bytes() == before
    code, _, errors = shell("themes", "learn", "--rollback")
    assert code == 3
    assert "no model was replaced yet" in errors


def test_broken_floors_are_told_with_their_file(archive: Path, shell: Shell) -> None:
    """A floors.json that cannot be read stops learning, with the shape that is expected."""
    (archive / "seeds" / "floors.json").write_text('{"floors": {"relevance_f1": "high"}}', "utf-8")
    code, _, errors = shell("themes", "learn", "--dry-run")
    assert code == 3
    assert "floors.json: does not hold floors" in errors


def imported(home: Path, *words: str) -> tuple[set[str], float]:
    """Run a command in a process of its own; return which libraries it imported, and the CPU it took in seconds."""
    code = f"import sys; sys.argv = ['watcher', '--home', {str(home)!r}, *{list(words)!r}]\n"
    code += "try:\n import watcher.cli as c; c.main()\nexcept SystemExit: pass\nprint('|' + ','.join(sys.modules))"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    modules = {name.split(".")[0] for name in done.stdout.rpartition("|")[2].strip().split(",")}
    return modules, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_what_trains_is_loaded_by_training_alone(archive: Path) -> None:
    """No command but `learn` imports scikit-learn; those that judge nothing import no numerical library either."""
    for words in (("search", "étude"), ("themes", "learn", "--help")):
        modules, _ = imported(archive, *words)
        assert "watcher" in modules
        assert not modules & {"sklearn", "numpy", "scipy"}, words
    assert "sklearn" not in imported(archive, "themes", "near")[0]


def test_a_first_verdict_is_soon_there(archive: Path, tmp_path: Path) -> None:
    """From nothing to the verdict on one text takes less than three seconds of processor."""
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps({"id": 1, "title": TITLE, "text": WORDS}) + "\n", "utf-8")
    modules, seconds = imported(archive, "classify", str(file))
    assert "sklearn" not in modules
    assert seconds < 3
