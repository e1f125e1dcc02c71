"""Fragments of HTML become readable text, whatever state they are in."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import text

READ = {
    "<p>L&rsquo;IA &amp; les m&eacute;tiers</p>": "L’IA & les métiers",
    "<p>Un</p><p>Deux</p>": "Un\n\nDeux",
    "Un<br>Deux<br/>Trois": "Un\nDeux\nTrois",
    "<ul><li>un<li>deux</ul>fin": "un\ndeux\n\nfin",
    "<p>Une ligne\n   coupée\tici</p>": "Une ligne coupée ici",
    "avant<script>alert('<p>')</script>après": "avant\n\naprès",
    "avant<STYLE type=x>p{}</STYLE >après": "avant\n\naprès",
    "<style>p{color:red}": "",
    "a<!-- caché --> b": "a b",
    "a<!-- jamais fermé": "a<!-- jamais fermé",
    "<b>a</b><!-- jamais fermé <i>b</i>": "a",
    "<![CDATA[<p>dans</p>]]>": "dans",
    "&lt;p&gt;Deux fois &amp;eacute;crit&lt;/p&gt;": "Deux fois écrit",
    "&amp;lt;b&amp;gt;gras&amp;lt;/b&amp;gt;": "gras",
    "R&amp;amp;D": "R&D",
    "3 < 5 et 7 > 2": "3 < 5 et 7 > 2",
    "<b>3 < 5</b>": "3 < 5",
    "moins de <5 ans> ici": "moins de <5 ans> ici",
    '<a title="a > b" href=x>lien</a>': "lien",
    "<a title=l'IA>lien</a> suite d'un \"mot": "lien suite d'un \"mot",
    "<p>coupé en plein <a href=": "coupé en plein <a href=",
    "texte brut\navec ses lignes\n\n\n\net ses paragraphes": "texte brut\navec ses lignes\n\net ses paragraphes",
    "<td>un</td><td>deux</td>": "un deux",
    "&#233;&#xe9;&#146;&#0;&#xD800;": "éé’\ufffd\ufffd",
    "un&nbsp;deux&nbsp;: trois « quatre »": "un deux\u00a0: trois « quatre »",
    "?a=1&copy=2&para=3": "?a=1&copy=2&para=3",
    "&#" + "9" * 5000 + ";": "&#" + "9" * 5000 + ";",
    "<div>" * 400 + "au fond" + "</div>" * 400: "au fond",
    "nul\x00, sonnette\x07, retour\u202e, espace\u200bnul, c\u00e9sure\u00ad": "nul, sonnette, retour, espacenul, césure",
    "demi \ud83d paire \ud83d\ude00": "demi \ufffd paire 😀",
    "MÃ©tiers dâ€™avenir": "Métiers d’avenir",
    "e\u0301te\u0301": "été",
    "": "",
}

HOSTILE: dict[str, Callable[[int], str]] = {
    "paragraphs": lambda n: "<p>mot " * n,
    "openings": lambda n: "<" * 6 * n,
    "comments": lambda n: "<!--" * n,
    "comments and an end": lambda n: "<!--" * n + ">",
    "quotes": lambda n: "<a '" * n + ">",
    "quoted ends": lambda n: '<a ">' * n,
    "odd quotes": lambda n: "<a \"'>" * n,
    "attributes": lambda n: "<a" + " x=1" * n + ">",
    "equals": lambda n: "<a " + "= " * n + '">',
    "half quotes": lambda n: "<a " + '="' * n + ">" * n,
    "depth": lambda n: "<div>" * n + "x" + "</div>" * n,
    "drawings": lambda n: "<svg>" * n,
    "scripts": lambda n: "<script>" * n + "</scrip>" * n,
    "objects": lambda n: "<object></objec>" * n,
    "ampersands": lambda n: "&amp;" * n + "&" * n,
    "escaped": lambda n: "&amp;lt;p&amp;gt;" * n,
    "blanks": lambda n: " \n\u00a0\t" * n,
    "garbled": lambda n: "Ã©ж" * n,
}


@pytest.mark.parametrize("html", READ, ids=lambda html: ascii(html[:30]))
def test_a_fragment_is_read_as_its_reader_would_see_it(html: str) -> None:
    """A summary loses its markup and keeps its words, accents and paragraphs (rows F10, F11, H02)."""
    assert text.plain(html) == READ[html]


@given(st.text(max_size=300) | st.text(alphabet="<>/!-='\" &;#x39apbrscitlgé\x00\ud800\u202e", max_size=80))
def test_nothing_unsafe_comes_out(html: str) -> None:
    """No fragment raises, and what comes out can be stored and shown: no NUL, surrogate, control or reordering (row F10)."""
    read = text.plain(html)
    read.encode("utf-8")
    assert not any(c < " " and c not in "\n\t" for c in read)
    assert not any(c in "\x7f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" for c in read)
    assert read == read.strip()


@pytest.mark.parametrize("case", HOSTILE)
def test_reading_takes_linear_time(case: str) -> None:
    """Eight times the markup costs about eight times the work, not sixty-four, however it is built (rows H01, H03)."""

    def seconds(size: int) -> float:
        html = HOSTILE[case](size)
        begin = time.process_time()
        text.plain(html)
        return time.process_time() - begin

    small = min(seconds(4_000) for _ in range(3))
    assert min(seconds(32_000) for _ in range(3)) < 24 * max(small, 0.002)


def test_no_more_than_two_million_characters_are_read() -> None:
    """An endless fragment costs a bounded amount of work and memory (row H01)."""
    assert len(text.plain("a" * 3_000_000)) == 2_000_000
