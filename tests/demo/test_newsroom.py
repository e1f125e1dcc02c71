"""The changes that other tests tell their stories with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from watcher.demo.publisher import Publisher

Ask = Callable[..., Any]
FIL, TERRITOIRES, GAZETTE = "fil-des-metiers", "competences-territoires", "gazette-usine"


def test_a_held_article_appears_when_it_is_published(publisher: Publisher, ask: Ask) -> None:
    """Before, neither the feed nor the page knows it; after, both do, and the old validator no longer holds."""
    before = ask(publisher.url(TERRITOIRES))
    assert "Compétences et métiers d’avenir" not in before.text
    with pytest.raises(KeyError):
        publisher.address("ami-cma-vague-territoires")
    address = publisher.publish("ami-cma-vague-territoires")
    after = ask(publisher.url(TERRITOIRES), If_None_Match=before.headers["etag"])
    assert after.status == 200
    assert after.text.index("Compétences et métiers d’avenir") < after.text.index("Cent PME")
    assert "Neuf projets, 31 millions" in ask(address).text.replace("\u00a0", " ")
    assert "samedi 21 novembre" in ask(address).text


def test_an_edited_article_changes_its_page_and_its_validators(publisher: Publisher, ask: Ask) -> None:
    """Each edit gives other bytes and a later Last-Modified; the page says that it was updated."""
    url = publisher.address("mixite-ateliers-femmes")
    seen = [ask(url)]
    publisher.edit("mixite-ateliers-femmes")
    seen.append(ask(url))
    publisher.edit("mixite-ateliers-femmes", title="Un autre titre", body="Un autre texte.")
    seen.append(ask(url))
    assert len({got.headers["etag"] for got in seen}) == len({got.headers["last-modified"] for got in seen}) == 3
    assert "Précision de la rédaction" in seen[1].text
    assert "Mis à jour le 21 novembre 2026" in seen[1].text
    assert "<h1>Un autre titre</h1>" in seen[2].text
    assert "Un autre titre" in ask(publisher.url(GAZETTE)).text


def test_a_withdrawn_article_is_gone_and_can_come_back(publisher: Publisher, ask: Ask) -> None:
    """Off the page and off the listing (row F06), then out again."""
    url = publisher.address("acier-cours-hausse")
    publisher.withdraw("acier-cours-hausse")
    assert ask(url).status == 404
    assert "Acier" not in ask(publisher.url(GAZETTE)).text
    assert ask(publisher.publish("acier-cours-hausse")).status == 200


def test_an_emptied_listing_answers_200_and_its_pages_stay(publisher: Publisher, ask: Ask) -> None:
    """A feed without an entry is well-formed (row F08); mending brings the entries back as they were."""
    before = ask(publisher.url(FIL))
    publisher.empty(FIL)
    empty = ask(publisher.url(FIL))
    assert empty.status == 200
    assert "<item>" not in empty.text
    assert "</channel>" in empty.text
    assert ask(publisher.address("cpf-participation-bilan")).status == 200
    publisher.mend(FIL)
    assert ask(publisher.url(FIL)).body == before.body


def test_a_failing_outlet_fails_everywhere_but_at_robots(publisher: Publisher, ask: Ask) -> None:
    """A 503 with Retry-After on the listing and the pages, even with validators; the others do not notice."""
    tag = ask(publisher.url(FIL)).headers["etag"]
    publisher.fail(FIL, 503, retry_after="120")
    got = ask(publisher.url(FIL), If_None_Match=tag)
    assert (got.status, got.headers["retry-after"]) == (503, "120")
    assert ask(publisher.address("cpf-participation-bilan")).status == 503
    assert ask(publisher.base(FIL) + "/robots.txt").status == 200
    assert ask(publisher.url(TERRITOIRES)).status == 200
    publisher.mend(FIL)
    assert ask(publisher.url(FIL), If_None_Match=tag).status == 304


def test_articles_written_by_a_test_are_served_like_the_others(publisher: Publisher, ask: Ask) -> None:
    """A bulk of old articles may be brought back as new ones (row F09)."""
    model = publisher.newsroom.article("cpf-participation-bilan")
    publisher.newsroom.write(
        *(
            replace(
                model, slug=f"archive-{number}", title=f"Archive {number}", published_at=model.published - timedelta(days=number)
            )
            for number in range(500)
        )
    )
    assert ask(publisher.url(FIL)).text.count("<item>") >= 500
    assert "Archive 499" in ask(publisher.address("archive-499")).text
