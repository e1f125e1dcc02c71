"""Documents made of items, and the verdicts that are kept on them."""

from tests.store.builders import document
from watcher.model import Source
from watcher.pipeline.desk import Desk
from watcher.pipeline.documents import explained, judge

TEXT = "L’intelligence artificielle transforme les métiers : les salariés veulent une formation à l’IA générative."


def test_a_source_is_filed_under_the_themes_it_is_restricted_to_alone(desk: Desk) -> None:
    """A better theme that the source is not restricted to is no theme of its documents, on or off."""
    one = document("k", title="IA : une étude", text=TEXT)
    source = Source(
        id="dares", kind="feed", name="Dares", url="https://dares.example/feed", themes=("cyber-donnees", "territoires")
    )
    assert "ia-competences" in judge(desk.classifier, one, None).on
    kept = judge(desk.classifier, one, source)
    assert {score.theme for score in kept.themes} == {"cyber-donnees", "territoires"}
    assert kept == explained(desk.classifier, one, source)
    assert any(score.evidence for score in kept.themes)
