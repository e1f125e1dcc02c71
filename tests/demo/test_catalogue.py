"""The sources.yaml that the publisher writes is one that the strict reader of configurations takes."""

from datetime import timedelta
from pathlib import Path

from watcher import config
from watcher.demo.publisher import Publisher


def test_the_file_is_complete_and_understood_without_a_note(publisher: Publisher, tmp_path: Path) -> None:
    """Every outlet is a source of the right kind and address; the digest and the settings are those of a demo."""
    (tmp_path / "sources.yaml").write_text(publisher.sources_yaml(), "utf-8")
    read = config.load(config.Home(tmp_path), {})
    assert read.notes == ()
    assert [source.id for source in read.sources] == list(publisher.outlets)
    assert [source.url for source in read.sources] == [publisher.url(outlet) for outlet in publisher.outlets]
    assert {source.id: source.kind for source in read.sources if source.kind != "feed"} == {
        "gazette-usine": "page",
        "observatoire-mutations": "sitemap",
        "senat-questions": "senat_questions",
        "assemblee-questions": "assemblee_questions",
    }
    assert [source.id for source in read.sources if not source.enabled] == ["goutte-a-goutte"]
    assert {source.every for source in read.sources} == {timedelta(hours=1)}
    assert (read.settings.gap, read.settings.allow_private, read.settings.mail.mode) == (0, ("127.0.0.0/8",), "spool")
    (digest,) = read.digests
    assert (digest.id, digest.title, digest.day, digest.at) == ("veille", "Veille compétences et métiers", "monday", "07:30")
    assert [recipient.address for recipient in digest.recipients] == ["lecture@example.org"]
