"""Walls and innocents: no wall is taken for an article, no article for a wall (row H04).

`walls/<reason>/` holds the pages that come instead of another, `innocents/` the bodies of articles that speak of the same
things; each innocent is tried in five layouts.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from watcher import extract
from watcher.errors import BlockedError
from watcher.extract.walls import MEANINGS
from watcher.model import FetchResult

HERE = Path(__file__).parent
WALLS = sorted((HERE / "walls").glob("*/*.html"))
INNOCENTS = sorted((HERE / "innocents").glob("*.html"))
LAYOUTS = {
    "bare": None,
    "ordinary": "",
    "with a login form": "<form class='login'><input name=u><input type=password><button>Se connecter</button></form>",
    "with a noscript": "<noscript>Activez JavaScript pour voir les vidéos.</noscript>",
    "with an offer beside it": "<aside class='promo'><p>Soutenez-nous : abonnez-vous dès 1 € par mois.</p></aside>",
}


@pytest.mark.parametrize("path", WALLS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_wall_is_named_and_never_an_article(path: Path, answer: Callable[..., FetchResult]) -> None:
    """A wall is refused with the code of what it is (row H04)."""
    with pytest.raises(BlockedError) as caught:
        extract.read(answer(path.read_bytes()), language="fr")
    assert caught.value.reason == path.parent.name
    assert caught.value.url == "https://gazette.example/eco/deux-robots"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("path", INNOCENTS, ids=lambda path: path.stem)
def test_an_article_that_speaks_of_walls_is_an_article(
    path: Path, layout: str, answer: Callable[..., FetchResult], page: Callable[..., str]
) -> None:
    """No article, however short or whatever it speaks of, is taken for a wall (row H04)."""
    body, extra = f"<article>{path.read_text()}</article>", LAYOUTS[layout]
    title = path.read_text().split("</h1>")[0].removeprefix("<h1>")
    bare = f"<!DOCTYPE html><html lang='fr'><head><meta charset='utf-8'><title>{title}</title></head><body>{body}</body></html>"
    extracted = extract.read(answer(bare if extra is None else page(body + extra, title=title)), language="fr")
    assert len(extracted.text) >= 60
    assert "partenaires déposons" not in extracted.text


def test_every_reason_has_its_walls() -> None:
    """Each code is exercised by three pages or more, and there are innocents enough to be wrong about."""
    assert {path.parent.name for path in WALLS} == set(MEANINGS)
    assert all(sum(path.parent.name == reason for path in WALLS) >= 3 for reason in MEANINGS)
    assert len(WALLS) >= 30
    assert len(INNOCENTS) >= 10
