"""The articles that come with the package."""

import re
from collections import Counter

import pytest

from watcher.demo import articles
from watcher.demo.publisher import PLANS
from watcher.errors import ConfigError

THEMES = {
    *("ia-competences", "ia-emploi", "industrie-futur", "politiques-formation"),
    *("metiers-formation", "cyber-donnees", "territoires", "attractivite"),
}
HEAD = "outlet: a\ntitle: b\nchapo: c\nauthor: d\nrubric: e\nwhen: -1w tue 07:10"


def test_every_theme_has_articles_and_a_good_part_is_off_topic() -> None:
    """Each of the eight themes is the first of at least one article and carried by three; a quarter is off-topic."""
    every = articles.load().values()
    carried = Counter(theme for article in every for theme in article.themes)
    assert set(carried) == THEMES
    assert min(carried.values()) >= 3
    assert {article.themes[0] for article in every if article.themes} == THEMES
    assert sum(not article.themes for article in every) >= 13
    assert len(every) >= 50


def test_every_article_belongs_to_an_outlet_that_can_print_it() -> None:
    """No article is written for an outlet that does not exist, or that has no pages."""
    sited = {plan.id for plan in PLANS if plan.site is not None}
    assert {article.outlet for article in articles.load().values()} == sited


def test_articles_are_written_with_french_typography() -> None:
    """Typographic apostrophes, guillemets with their narrow spaces, no straight quote, no doubled space."""
    for article in articles.load().values():
        text = f"{article.title}\n{article.chapo}\n{article.body}"
        assert not re.search(r"['\"]|  |\d %|« | »| [;:!?]", text), article.slug
        assert text.count("«") == text.count("»"), article.slug


def test_articles_have_the_length_of_the_trade_press() -> None:
    """200 to 650 words, short news and pages that nobody should read excepted."""
    for article in articles.load().values():
        if article.outlet not in {"breves-de-branche", "la-reserve", "kiosque-regional"}:
            assert 200 <= len(article.body.split()) <= 650, article.slug


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        f"{HEAD}\n---\n   \n",
        f"{HEAD}\ncolour: red\n---\nText.",
        f"{HEAD}\ntitle: again\n---\nText.",
        f"{HEAD}\naccess: paywall\n---\nText.",
        "title: alone\n---\nText.",
    ],
    ids=["no text", "blank text", "unknown key", "key twice", "unknown access", "missing keys"],
)
def test_a_file_that_is_not_well_formed_is_refused_by_name(text: str) -> None:
    """The error names the file, so that a writer finds it."""
    with pytest.raises(ConfigError, match=r"essai\.md"):
        articles.parse("essai", text)
