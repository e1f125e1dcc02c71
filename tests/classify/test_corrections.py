"""Labels put together into rows to train on."""

from datetime import UTC, datetime

from watcher.classify.corrections import gather
from watcher.model import Example, Features, Label

NOW = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)
FEATURES = Features(version=1, dense={"group:ia": 1.0}, words={3: 1})


def said(theme: str, value: bool, author: str = "claire", document: str = "a", fingerprint: str = "f") -> Label:
    """Return a label."""
    return Label(
        document=document,
        fingerprint=fingerprint,
        theme=theme,
        value=value,
        author=author,
        labelled_at=NOW,
        features=FEATURES,
    )


def test_what_is_said_of_one_version_is_one_row() -> None:
    """Opinions on themes and relevance of the same version meet in one row, with its text while it is held."""
    text = Example(id="a", kind="article", title="T", text="Un texte.", themes=(), relevance=0)
    labels = [
        said("ia-emploi", True),
        said("relevance", False, "paul"),
        said("ia-emploi", True, "paul"),
        said("x", True, document="b"),
    ]
    rows, contested = gather(labels, {("a", "f"): text})
    assert [(row.version, dict(row.marks), row.text) for row in rows] == [
        (("a", "f"), {"ia-emploi": True, "relevance": False}, text),
        (("b", "f"), {"x": True}, None),
    ]
    assert contested == 0


def test_what_people_disagree_on_is_left_out() -> None:
    """Two authors who say the contrary teach nothing of that theme, and it is counted; a new version is another text."""
    labels = [said("ia-emploi", True), said("ia-emploi", False, "paul"), said("ia-emploi", False, "paul", fingerprint="g")]
    rows, contested = gather(labels, {})
    assert [(row.version, dict(row.marks)) for row in rows] == [(("a", "g"), {"ia-emploi": False})]
    assert contested == 1


def test_a_row_is_named_by_what_was_said() -> None:
    """A model remembers which labels it has seen: another opinion on the same version is another row."""
    first, _ = gather([said("ia-emploi", True)], {})
    other, _ = gather([said("ia-emploi", False)], {})
    assert first[0].id != other[0].id
