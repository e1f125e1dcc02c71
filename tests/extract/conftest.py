"""What the tests of the extractor share: pages and PDFs written for them, in French, and answers made of them."""

import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from watcher.model import FetchResult, Request

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

_SENTENCES = (
    "L’atelier de Morvelle a installé en septembre deux cellules robotisées, et avec elles un nouveau rythme.",
    "Les opératrices ont d’abord observé, puis corrigé les gestes que la machine avait appris trop vite.",
    "Le chef d’équipe, vingt-deux ans de maison, assure que personne n’a perdu son poste, mais que tous ont changé de métier.",
    "Une formation de neuf jours, moitié à l’atelier, moitié en salle, a précédé la mise en service.",
    "Trois salariés sur quatre en sont sortis avec un certificat reconnu par la branche.",
    "Le coût, 61 000 euros, a été partagé entre l’entreprise, la région et l’opérateur de compétences.",
    "Reste la maintenance : faute de techniciens formés, une panne sur deux attend le lendemain.",
    "Au lycée voisin, une classe de douze élèves s’exerce désormais sur la même machine.",
    "La direction promet de publier chaque année le bilan des heures de formation et des mobilités.",
    "Les élus du personnel demandent que ce bilan dise aussi ce que les salariés en ont pensé.",
)


def story(paragraphs: int = 6, start: int = 0) -> str:
    """Return paragraphs of a French article, about 300 characters each."""
    chosen = [[_SENTENCES[(start + 3 * n + k) % len(_SENTENCES)] for k in range(3)] for n in range(paragraphs)]
    return "\n".join(f"<p>{' '.join(sentences)}</p>" for sentences in chosen)


def page(
    body: str, *, title: str = "Deux robots à l’atelier de Morvelle", head: str = "", banner: bool = True, lang: str = "fr"
) -> str:
    """Return a whole page: menus, a cookie banner, the body in `main`, links to others, a footer."""
    cookies = (
        '<div id="cookie-banner"><p>Nous et nos 120 partenaires déposons des cookies pour mesurer l’audience.</p>'
        "<button>Tout accepter</button><button>Continuer sans accepter</button></div>"
    )
    return f"""<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title} | La Gazette de Morvelle</title>{head}</head>
<body>{cookies if banner else ""}
<header><nav><ul><li><a href="/">Accueil</a></li><li><a href="/eco">Économie</a></li>
<li><a href="/connexion">Se connecter</a></li><li><a href="/abo">S’abonner</a></li></ul></nav></header>
<main>{body}</main>
<aside><h2>Les plus lus</h2><ul><li><a href="/1">Le marché couvert rouvre samedi</a></li></ul></aside>
<footer><a href="/mentions">Mentions légales</a> <a href="/contact">Contact</a></footer></body></html>"""


def article(paragraphs: int = 6, title: str = "Deux robots à l’atelier de Morvelle", **options: object) -> str:
    """Return a page whose body is an ordinary article."""
    body = f"<article><h1>{title}</h1>\n{story(paragraphs)}</article>"
    return page(body, title=title, **options)  # pyright: ignore[reportArgumentType]


def pdf(pages: Sequence[Sequence[str]], *, info: str = "", trailer: str = "") -> bytes:
    """Return a PDF 1.4 of the given lines of text, one sequence per page. `info` and `trailer` are inside their dictionaries."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{5 + 2 * n} 0 R' for n in range(len(pages)))}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< {info} >>".encode("latin-1"),
    ]
    for n, lines in enumerate(pages):
        shown = b"".join(b"(%s) Tj T*\n" % line.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)") for line in lines)
        stream = zlib.compress(b"BT /F1 11 Tf 15 TL 60 770 Td\n%sET" % shown)
        resources = f"/Resources << /Font << /F1 3 0 R >> >> /Contents {6 + 2 * n} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {resources} >>".encode())
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream))
    out, offsets = b"%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R {trailer} >>".encode("latin-1")
    xref = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + xref + b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (end, len(out))


@pytest.fixture
def answer() -> Callable[..., FetchResult]:
    """Make a complete answer, as the fetcher hands it over."""

    def make(
        body: bytes | str,
        *,
        url: str = "https://gazette.example/eco/deux-robots",
        media_type: str = "text/html; charset=utf-8",
        reserved: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> FetchResult:
        return FetchResult(
            request=Request(url=url),
            url=url,
            status=200,
            headers=(("content-type", media_type), *headers),
            body=body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body,
            fetched_at=NOW,
            reserved=reserved,
        )

    return make


@pytest.fixture(name="story")
def _story() -> Callable[..., str]:
    return story


@pytest.fixture(name="page")
def _page() -> Callable[..., str]:
    return page


@pytest.fixture(name="article")
def _article() -> Callable[..., str]:
    return article


@pytest.fixture(name="make_pdf")
def _make_pdf() -> Callable[..., bytes]:
    return pdf
