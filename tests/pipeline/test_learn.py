"""Learning from staff: labels are stored, a new model is trained, compared, adopted or not, and can be undone."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import SOURCES, shorten
from tests.homes import put_archive
from tests.pipeline.conftest import START
from tests.store.builders import document
from watcher import config, seeds, text
from watcher.classify import linear
from watcher.classify.corrections import gather
from watcher.cli.init import lay_out
from watcher.errors import ConfigError, UnknownNameError
from watcher.model import Document
from watcher.pipeline import comparing, labelling, learn, moves, near, private
from watcher.pipeline.desk import Desk
from watcher.pipeline.documents import judge
from watcher.store import Store, documents, labels, private_seeds, retention

TOMATOES = (
    "Les tomates du jardin partagé ont mûri tôt cette année. Les habitants du quartier se relaient pour arroser, désherber et "
    "récolter ; le surplus part chez les voisins ou finit en bocaux. Une fête est prévue dimanche autour du potager."
)
STUDY = (
    "Selon une étude d’un observatoire de branche, l’intelligence artificielle transforme les métiers de quatre salariés sur "
    "dix. Les entreprises veulent former leurs équipes à l’IA générative. Les opérateurs de compétences financeront 12 000 "
    "actions de formation professionnelle en deux ans."
)


@dataclass
class Seen:
    """Progress that remembers what it was told."""

    stages: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    steps: int = 0

    def begin(self, what: str, steps: int) -> None:
        """Remember a stage."""
        self.stages.append((what, steps))

    def step(self) -> None:
        """Count a step."""
        self.steps += 1


def article(key: str, title: str, words: str) -> Document:
    """Return a document that was read."""
    return document(key, source_id="dares", title=title, text=words, published_at=START, recorded_at=START)


GARDEN = article("https://journal.example/tomates", "Le jardin partagé fête ses tomates", TOMATOES)
AI = article("https://journal.example/ia", "IA : une étude mesure l’effet sur les métiers", STUDY)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Lay out a home whose seed corpus has few real texts, so that learning takes a second or two."""
    folder = tmp_path / "home"
    lay_out(folder, skip=("sources.yaml",))
    put_archive(folder / "var" / "watcher.db")
    (folder / "sources.yaml").write_text(SOURCES, "utf-8")
    for name, count in (("negatives.jsonl.gz", 60), (seeds.UNSEEN, 40)):
        shorten(folder / "seeds" / name, count)
    return folder


Open = Callable[[], Desk]


@pytest.fixture
def reopened(home: Path) -> Iterator[Open]:
    """Return a way to open the home again, as the next command does."""
    stores: list[Store] = []

    def opened() -> Desk:
        place = config.Home(home)
        corpus = seeds.load(place.seeds)
        loaded = config.load(place, {}, themes=[theme.id for theme in corpus.themes])
        stores.append(Store.open(place.database_url))
        return Desk(home=place, config=loaded, seeds=corpus, store=stores[-1], now=lambda: START + timedelta(hours=1))

    yield opened
    for store in stores:
        store.close()


@pytest.fixture
def desk(reopened: Open) -> Desk:
    """Return the home, open, with two articles judged by the shipped model."""
    opened = reopened()
    verdicts = {one.key: judge(opened.classifier, one, None) for one in (GARDEN, AI)}
    opened.store.write(lambda tx: documents.save(tx, [GARDEN, AI], verdicts))
    return opened


def model_of(desk: Desk) -> bytes:
    """Return the model in the home's seeds."""
    return (desk.home.seeds / "model.json").read_bytes()


def test_a_label_is_stored_with_its_author_its_date_and_its_features(desk: Desk) -> None:
    """A document is named by its address in any spelling; the label tells the version that was read."""
    said, found = labelling.label(desk, f"{GARDEN.url}?utm_source=mail", "relevance", False, "claire")
    assert found.document.key == GARDEN.key
    assert desk.store.read(labels.every) == (said,)
    assert (said.fingerprint, said.author, said.labelled_at) == (GARDEN.fingerprint, "claire", desk.now())
    assert said.features == desk.classifier.features(GARDEN.title, GARDEN.text)
    assert labelling.take_back(desk, GARDEN.key, "relevance", "claire") == 1


def test_unknown_names_are_answered_with_the_nearest(desk: Desk) -> None:
    """A theme or a document that there is not is wrong use, and nothing is stored."""
    with pytest.raises(UnknownNameError, match="'ia-emploi'"):
        labelling.label(desk, AI.key, "ia-emplois", True, "claire")
    with pytest.raises(UnknownNameError, match="watcher search"):
        labelling.label(desk, "https://nulle.example/part", "ia-emploi", True, "claire")
    assert desk.store.read(labels.every) == ()


def test_what_staff_says_is_learned_shown_and_can_be_undone(desk: Desk, reopened: Open) -> None:
    """A label moves its document, with reasons; the model is replaced, recent documents are judged anew; rollback undoes it."""
    shipped = model_of(desk)
    before = desk.store.read(lambda tx: documents.get(tx, GARDEN.key))
    labelling.label(desk, GARDEN.key, "relevance", True, "claire")
    progress = Seen()
    lesson = learn.learn(desk, progress, lower_floors="a home with few real texts")
    assert lesson.adopted
    assert lesson.labels == 1
    assert {what for what, _ in progress.stages} == {"training", "real texts", "documents"}
    assert progress.steps == sum(count for _, count in progress.stages)
    model = linear.decode(model_of(desk))
    assert model.inputs == lesson.version
    assert len(model.labels) == 1
    assert set(model.figures) < {figure.name for figure in lesson.figures}
    moved = {move.key: move for move in lesson.moves}
    assert moved[GARDEN.key].relevance_before < 2 <= moved[GARDEN.key].relevance_after
    assert moved[GARDEN.key].score_after > moved[GARDEN.key].score_before
    shifts = {shift.theme: (shift.score_after, shift.threshold_after) for shift in moved[GARDEN.key].shifts}
    assert shifts
    assert shifts.keys() >= {*moved[GARDEN.key].gained, *moved[GARDEN.key].lost}
    assert (desk.home.seeds / "model.previous.json").read_bytes() == shipped

    again = reopened()
    stored = again.store.read(lambda tx: documents.get(tx, GARDEN.key))
    assert stored is not None
    assert stored.verdict.classifier == again.classifier.version == lesson.classifier
    assert stored.verdict.relevance >= 2
    assert shifts == {one.theme: (one.score, one.threshold) for one in stored.verdict.themes if one.theme in shifts}

    learn.roll_back(again, Seen())
    assert model_of(desk) == shipped
    assert desk.store.read(lambda tx: documents.get(tx, GARDEN.key)) == before
    learn.roll_back(reopened(), Seen())
    assert linear.decode(model_of(desk)).inputs == lesson.version


def test_a_figure_under_its_floor_keeps_the_old_model(desk: Desk) -> None:
    """A floor that is not held is named, and nothing is written; with a reason it is lowered, and the reason kept."""
    seeds.write_floors(desk.home.seeds, seeds.Floors(floors={"relevance_f1": 0.999}, reason="for a test"))
    shipped = model_of(desk)
    lesson = learn.learn(desk, Seen())
    assert not lesson.adopted
    assert lesson.dropped == ("relevance_f1",)
    assert model_of(desk) == shipped
    assert not (desk.home.seeds / "model.previous.json").exists()
    assert learn.learn(desk, Seen(), lower_floors="another corpus").adopted
    floors = seeds.read_floors(desk.home.seeds)
    assert floors.reason == "another corpus"
    assert floors.floors["relevance_f1"] < 0.999


def test_a_dry_run_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    """Everything is computed, nothing is kept: no model, no floors, no private seed, no verdict."""
    file = tmp_path / "étude.txt"
    file.write_text("Une étude interne\n" + STUDY, "utf-8")
    (desk.home.seeds / "floors.json").unlink()
    shipped = model_of(desk)
    added = private.read(desk, [file], ["ia-emploi"])
    lesson = learn.learn(desk, Seen(), added=added, dry_run=True)
    assert not lesson.adopted
    assert not lesson.dropped
    assert lesson.private == 1
    assert model_of(desk) == shipped
    assert desk.store.read(private_seeds.every) == ()


def test_the_same_inputs_change_nothing(desk: Desk, reopened: Open) -> None:
    """Learning twice from the same keeps the model that is in use, and what can be gone back to."""
    learn.learn(desk, Seen(), lower_floors="a home with few real texts")
    once, kept = model_of(desk), (desk.home.seeds / "model.previous.json").read_bytes()
    lesson = learn.learn(reopened(), Seen())
    assert lesson.unchanged
    assert lesson.moves == ()
    assert (model_of(desk), (desk.home.seeds / "model.previous.json").read_bytes()) == (once, kept)


def test_retention_does_not_unlearn(desk: Desk, reopened: Open) -> None:
    """When the text of a labelled document is gone, the label still teaches, from its features (row S05)."""
    labelling.label(desk, GARDEN.key, "relevance", True, "claire")
    desk.store.write(lambda tx: retention.purge_texts(tx, START + timedelta(days=1)))
    bare = desk.store.read(lambda tx: labelling.texts_held(tx, [(GARDEN.key, GARDEN.fingerprint)]))
    assert bare == {}
    learn.learn(desk, Seen(), lower_floors="a home with few real texts")
    after = reopened().classifier
    assert judge(after, GARDEN, None).score > 2 * judge(desk.classifier, GARDEN, None).score


def test_what_was_forgotten_keeps_its_verdict(desk: Desk) -> None:
    """A document whose words are gone is not judged again on nothing; one that never had more than a title is."""
    bare = document(
        "bare", source_id="dares", title="IA et métiers", text="", summary="", fingerprint=text.fingerprint("IA et métiers", "")
    )
    desk.store.write(lambda tx: retention.purge_texts(tx, START + timedelta(days=1)))
    desk.store.write(lambda tx: documents.save(tx, [bare], {}))
    assert [one.document.key for one in moves.recent(desk)] == ["bare"]


def test_a_front_matter_is_one_whichever_editor_saved_it(desk: Desk, tmp_path: Path) -> None:
    """A byte order mark and line ends of Windows change nothing of what a file says of itself."""
    front = "---\ntitle: Note interne\npublisher: Nous\ndate: 2026-01-05\nurl: ''\nthemes: [ia-emploi]\n---\nUn texte.\n"
    file = tmp_path / "note.md"
    for content in (front.encode(), front.encode("utf-8-sig"), front.replace("\n", "\r\n").encode("utf-8-sig")):
        file.write_bytes(content)
        (seed,) = private.read(desk, [file], [])
        assert (seed.title, seed.themes, seed.text) == ("Note interne", ("ia-emploi",), "Un texte.")


def test_a_private_seed_stays_in_the_archive(desk: Desk) -> None:
    """An imported document is in the database alone: no file of the seeds holds a sentence of it."""
    file = desk.home.path / "note.md"
    front = "---\ntitle: Note interne\npublisher: Nous\ndate: 2026-01-05\nurl: ''\nthemes: [ia-emploi]\n---\n"
    file.write_text(front + STUDY, "utf-8")
    added = private.read(desk, [file], [])
    learn.learn(desk, Seen(), added=added, lower_floors="a home with few real texts")
    assert [seed.id for seed in desk.store.read(private_seeds.every)] == ["private:note"]
    for kept in desk.home.seeds.iterdir():
        assert b"Selon une \xc3\xa9tude d\xe2\x80\x99un observatoire" not in kept.read_bytes(), kept


@pytest.mark.parametrize(
    ("name", "content", "themes", "said"),
    [
        ("a.txt", b"Un texte.", [], "does not say its themes"),
        ("a.txt", b"", ["ia-emploi"], "is empty"),
        ("a.txt", b"\xff\xfe\x00bin", ["ia-emploi"], "is neither UTF-8 text, HTML nor PDF"),
        ("a.md", b"---\ntitle: T\n---\nUn texte.", [], "publisher"),
        ("a.pdf", b"%PDF-1.4 broken", ["ia-emploi"], "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_a_seed_is_named(
    desk: Desk, tmp_path: Path, name: str, content: bytes, themes: list[str], said: str
) -> None:
    """Each mistake of an imported file is told with the file's name and what is wrong."""
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        private.read(desk, [file], themes)
    assert said in caught.value.message
    assert str(file) in caught.value.message


def test_a_web_page_becomes_a_private_seed(desk: Desk, tmp_path: Path) -> None:
    """An HTML file is read in the sandbox as a page of the web is, its menus left out."""
    file = tmp_path / "page.html"
    body = "".join(f"<p>{STUDY} Paragraphe {n}.</p>" for n in range(4))
    file.write_text(
        f"<!doctype html><html><head><title>Une étude</title></head><body><nav>Accueil Contact</nav><article><h1>Une étude</h1>"
        f"{body}</article></body></html>",
        "utf-8",
    )
    seed = private.read(desk, [file], ["ia-emploi"])[0]
    assert (seed.title, seed.themes) == ("Une étude", ("ia-emploi",))
    assert "opérateurs de compétences" in seed.text
    assert "Contact" not in seed.text


def test_too_few_texts_are_told_with_their_file(desk: Desk, home: Path) -> None:
    """A corpus that is too small is a mistake of examples.jsonl, not a failure of the program."""
    file = home / "seeds" / "examples.jsonl"
    small = seeds.load(home / "seeds").examples[:5]
    file.write_text("\n".join(json.dumps({"id": one.id, "text": one.text, "relevance": one.relevance}) for one in small), "utf-8")
    with pytest.raises(ConfigError, match=r"examples\.jsonl.*ten useful"):
        learn.learn(replace(desk, seeds=seeds.load(home / "seeds")), Seen())


def test_what_is_just_below_a_threshold_is_listed(desk: Desk) -> None:
    """Documents that the digest nearly told come first, then themes that useful ones nearly had; far ones do not come."""
    useful = desk.classifier.useful
    stored = desk.store.read(lambda tx: documents.get(tx, GARDEN.key))
    assert stored is not None
    close = replace(stored.verdict, relevance=1, score=useful - 0.01)
    desk.store.write(lambda tx: documents.classify(tx, {GARDEN.key: close}))
    found = near.near(desk, START - timedelta(days=1), margin=0.05)
    assert (found[0].candidate.document.key, found[0].theme, found[0].threshold) == (GARDEN.key, "relevance", useful)
    assert all(0 <= one.gap <= 0.05 for one in found)
    far = replace(stored.verdict, relevance=0, score=useful - 0.2)
    desk.store.write(lambda tx: documents.classify(tx, {GARDEN.key: far}))
    assert GARDEN.key not in {one.candidate.document.key for one in near.near(desk, START - timedelta(days=1), margin=0.05)}
    assert near.near(desk, START + timedelta(days=1), margin=1.0) == ()


def test_a_document_that_changed_meanwhile_keeps_its_verdict(desk: Desk) -> None:
    """The verdict on an old text is not put on the new one that a poll has just brought."""
    some = moves.recent(desk)
    rewritten = replace(GARDEN, text=STUDY, fingerprint=text.fingerprint(GARDEN.title, STUDY))
    verdict = judge(desk.classifier, rewritten, None)
    desk.store.write(lambda tx: documents.save(tx, [rewritten], {rewritten.key: verdict}))
    old = [(one, replace(one.verdict, classifier="other")) for one in some]
    assert moves.put(desk, old) == len(some) - 1
    kept = desk.store.read(lambda tx: documents.get(tx, GARDEN.key))
    assert kept is not None
    assert kept.verdict.classifier == verdict.classifier


def test_labels_lost_beyond_luck_keep_the_old_model(desk: Desk) -> None:
    """Luck explains one label more or less, not many that only the model in use gives back."""
    said, _ = labelling.label(desk, AI.key, "relevance", True, "claire")
    rows, _ = gather([replace(said, document=f"d{n}") for n in range(6)], {})
    from watcher.classify.corpus import Teaching
    from watcher.classify.train import train

    corpus = desk.seeds
    # Taught that each of these is off-topic, the new model contradicts what is asked of it below.
    wrong = tuple(replace(row, marks={"relevance": False}) for row in rows)
    trained = train(
        Teaching(
            themes=corpus.themes,
            seeds=corpus.seeds,
            examples=tuple(replace(one, relevance=3 - one.relevance) for one in corpus.examples),
            negatives=(),
            rule=corpus.rule,
            corrections=wrong,
        )
    )
    told = comparing.on_labels(desk.classifier, trained, rows, frozenset())
    assert (told.count, told.in_use, told.new) == (6, 6, 0)
    assert told.dropped
    assert comparing.on_labels(desk.classifier, trained, rows, frozenset(row.id for row in rows)).count == 0
