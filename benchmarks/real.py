"""The main job on real texts: `make real DATA=DIR`.

DIR holds `seeds/*.txt` (the originals of the seed corpus) and `data/parliament/an/legislature15_qosd_with_text.csv` (629 oral
questions, Assemblée nationale, Licence Ouverte). Both are served as feeds with a page each by a server on loopback; the
pipeline reads them with `first_fetch: all` and leaves the edition in var/real.
"""

import csv
import html
import re
import sys
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from watcher.cli.common import opened
from watcher.cli.demo import show
from watcher.cli.init import lay_out
from watcher.pipeline.publish import preview

HOME = Path("var/real")
QUESTIONS = Path("data/parliament/an/legislature15_qosd_with_text.csv")
FRENCH = re.compile(
    r"(\d{1,2})(?:er)? (janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre) (\d{4})"
)
MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One text to serve as a page."""

    slug: str
    title: str
    paragraphs: tuple[str, ...]
    day: date | None
    author: str | None = None


def seeds(folder: Path) -> tuple[Paper, ...]:
    """Read the originals: the first long line is the title, the first French date in the text the day."""
    papers: list[Paper] = []
    for path in sorted(folder.glob("*.txt")):
        lines = [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
        title = next(line for line in lines if len(line) > 30)
        found = FRENCH.search(" ".join(lines))
        day = date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1])) if found else None
        papers.append(Paper(slug=path.stem, title=title, paragraphs=tuple(line for line in lines if line != title), day=day))
    return tuple(papers)


def questions(path: Path) -> tuple[Paper, ...]:
    """Read the oral questions: they carry no number, so that each is a plain document (title: author and ministry)."""
    papers: list[Paper] = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            title = f"Question orale de {row['nom_depute']} ({row['ministere_interrogem']})"
            day = datetime.strptime(row["date_publication"], "%d/%m/%Y").replace(tzinfo=UTC).date()
            papers.append(
                Paper(slug=f"q{row['index']}", title=title, paragraphs=(row["question"],), day=day, author=row["nom_depute"])
            )
    return tuple(papers)


def page(paper: Paper) -> bytes:
    """Return `paper` as a plain page with the furniture that pages have."""
    body = "".join(f"<p>{html.escape(text)}</p>" for text in paper.paragraphs)
    title = html.escape(paper.title)
    return (
        f"<!doctype html><html lang=fr><head><meta charset=utf-8><title>{title}</title></head><body>"
        f"<nav><a href=/>Accueil</a> <a href=/contact>Contact</a></nav><main><article><h1>{title}</h1>{body}</article></main>"
        f"<footer>Mentions légales</footer></body></html>"
    ).encode()


def feed(base: str, papers: tuple[Paper, ...]) -> bytes:
    """Return an RSS 2.0 feed of `papers`, without summaries: everything must come from the pages."""
    items = "".join(
        f"<item><title>{html.escape(p.title)}</title><link>{base}/{p.slug}</link><guid>{p.slug}</guid>"
        + (f"<pubDate>{format_datetime(datetime(p.day.year, p.day.month, p.day.day, 9, tzinfo=UTC))}</pubDate>" if p.day else "")
        + "</item>"
        for p in papers
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Textes</title>{items}</channel></rss>'.encode()
    )


@contextmanager
def served(papers: tuple[Paper, ...]) -> Generator[str]:
    """Serve `papers` on loopback and yield the base address."""
    pages = {f"/{paper.slug}": page(paper) for paper in papers}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            base = f"http://{self.headers['Host']}"
            body = feed(base, papers) if self.path == "/feed.xml" else pages.get(self.path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "application/rss+xml" if self.path == "/feed.xml" else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """Stay silent: the pipeline tells what it read."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def configuration(seed_base: str, question_base: str) -> str:
    """Return the sources.yaml of the run: both feeds as news from the first fetch."""
    return f"""\
settings:
  contact: real@example.org
  gap: 0
  allow_private: [127.0.0.0/8]
sources:
  - id: originals
    kind: feed
    name: Textes de départ
    url: {seed_base}/feed.xml
    first_fetch: all
  - id: oral-questions
    kind: feed
    name: Assemblée nationale, questions orales
    url: {question_base}/feed.xml
    first_fetch: all
digests:
  - id: veille
    title: Veille compétences et métiers
    day: monday
    time: "07:30"
    min_relevance: 2
    recipients: [lecture@example.org]
# end of sources.yaml
"""


def main(data: Path) -> None:
    """Run the job on `data` and print where the five originals stand in the edition, and what follows."""
    originals, oral = seeds(data / "seeds"), questions(data / QUESTIONS)
    if HOME.exists():
        sys.exit(f"{HOME} is there from an earlier run: remove it to start from nothing.")
    lay_out(HOME, skip=("sources.yaml",))
    with served(originals) as seed_base, served(oral) as question_base:
        (HOME / "sources.yaml").write_text(configuration(seed_base, question_base), "utf-8")
        with opened(str(HOME)) as desk:
            show(desk)
            edition, _ = preview(desk, "veille")
    entries = [entry for section in edition.sections for entry in section.entries]
    ranked = sorted(entries, key=lambda entry: (-entry.relevance, -entry.score))
    print(f"\n{len(originals)} originals and {len(oral)} oral questions read; {len(entries)} entries in the edition:")
    for rank, entry in enumerate(ranked, 1):
        print(f"{rank:3}. {entry.relevance} {entry.score:.3f} {entry.publisher:38} {entry.title[:80]}")
    print("by relevance:", dict(sorted(Counter(entry.relevance for entry in entries).items(), reverse=True)))


if __name__ == "__main__":
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / QUESTIONS).is_file():
        sys.exit("Say where the texts are: make real DATA=DIR, with DIR/seeds and DIR/data/parliament.")
    main(Path(sys.argv[1]))
