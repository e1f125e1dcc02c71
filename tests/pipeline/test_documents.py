"""Documents made of items, and the verdicts that are kept on them."""

from dataclasses import replace

from tests.store.builders import NOW, document
from watcher.model import Change, ChangeKind, Item, Source
from watcher.pipeline.desk import Desk
from watcher.pipeline.documents import explained, judge, of_change, relisted, says

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


def test_what_was_worked_out_of_an_item_is_believed_where_its_document_says_the_same() -> None:
    """Not of a reserved text, which is left out, and not where a page has given the text."""
    item = Item(title="IA : une étude", url="https://dares.example/ia", content=TEXT, summary="Une étude.")
    change = Change(kind=ChangeKind.NEW, key="k", item=item)
    source = Source(id="dares", kind="feed", name="Dares", url="https://dares.example/feed")
    whole = of_change(change, source, has_page=False, reserved=None, now=NOW, fingerprint="worked out")
    assert says(whole, item)
    assert whole.fingerprint == "worked out"
    reserved = of_change(change, source, has_page=False, reserved="header", now=NOW, fingerprint="worked out")
    assert not says(reserved, item)
    assert reserved.fingerprint != "worked out"
    read = replace(whole, text="Le texte de la page.")
    assert not says(relisted(read, change, has_page=True, now=NOW, reference=None), item)
    assert says(relisted(read, change, has_page=False, now=NOW, reference=None), item)
