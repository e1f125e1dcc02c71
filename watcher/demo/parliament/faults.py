"""What a reader of the chambers must survive. None of it is in the demo's sources: give `PLANS` to a publisher."""

from collections.abc import Callable
from urllib.parse import urlsplit

from watcher.demo.faults import Fixed
from watcher.demo.newsroom import Newsroom
from watcher.demo.outlet import Outlet, Plan, Response
from watcher.demo.parliament import archives, assemblee, questions, records, senat, senat_pages
from watcher.demo.parliament.questions import Entry
from watcher.model import Chamber as House

Make = Callable[[tuple[Entry, ...], Newsroom], dict[str, Response]]


def renamed_column(table: bytes) -> bytes:
    """Return the Sénat's CSV with `Numéro` under another name."""
    return table.replace("Numéro".encode(senat.ENCODING), "N° de la question".encode(senat.ENCODING), 1)


def cut_in_the_middle(table: bytes) -> bytes:
    """Return the CSV cut inside a row, as a download that broke off leaves it."""
    return table[: table.index(b"\r\n", len(table) // 2) + 60]


def commented(table: bytes) -> bytes:
    """Return the CSV under two `%` lines, as other data sets of the Sénat have them."""
    return "% Questions depuis un an\r\n% Licence ouverte\r\n".encode(senat.ENCODING) + table


def without_headings(page: bytes) -> bytes:
    """Return a page of the Sénat, in UTF-8, of which the words that a reader goes by are gone."""
    text = page.decode()
    for words in ("Question de", "publiée le", "Réponse du", "- page", "Transmise au"):
        text = text.replace(words, "Information")
    return text.encode()


def _table(spoil: Callable[[bytes], bytes]) -> Make:
    def make(entries: tuple[Entry, ...], _newsroom: Newsroom) -> dict[str, Response]:
        return {senat.PATH: Response(media_type="text/csv", body=spoil(senat.table(entries)))}

    return make


def _headless(entries: tuple[Entry, ...], _newsroom: Newsroom) -> dict[str, Response]:
    pages = {
        urlsplit(entry.question.addresses[0]).path: Response(body=without_headings(senat_pages.today(entry))) for entry in entries
    }
    return pages | {senat.PATH: Response(media_type="text/csv", body=senat.table(entries))}


def _archive(make: Callable[[tuple[Entry, ...], Newsroom], bytes]) -> Make:
    return lambda entries, newsroom: {
        assemblee.PATH: Response(media_type="application/zip", body=make(entries, newsroom)),
    }


def _cut(entries: tuple[Entry, ...], newsroom: Newsroom) -> bytes:
    return archives.truncated(archives.build(assemblee.json_members(entries), newsroom.now))


def _wandering(entries: tuple[Entry, ...], newsroom: Newsroom) -> bytes:
    return archives.wandering(records.as_json(entries[0]), newsroom.now)


def _broken_only(entries: tuple[Entry, ...], newsroom: Newsroom) -> bytes:
    return archives.build({assemblee.BROKEN: assemblee.json_members(entries)[assemblee.BROKEN]}, newsroom.now)


def _plan(ident: str, purpose: str, like: Plan, house: House, make: Make) -> Plan:
    def build(_plan: Plan, base: str, newsroom: Newsroom) -> Outlet:
        return Fixed(make(questions.entries(house, base, newsroom.now, 0), newsroom))

    return Plan(id=ident, name=f"{like.name} : {ident}", kind=like.kind, path=like.path, purpose=purpose, build=build)


PLANS: tuple[Plan, ...] = (
    _plan("senat-renamed-column", "a column has another name", senat.PLAN, House.SENAT, _table(renamed_column)),
    _plan("senat-cut", "the CSV stops inside a row", senat.PLAN, House.SENAT, _table(cut_in_the_middle)),
    _plan("senat-commented", "comment lines before the header", senat.PLAN, House.SENAT, _table(commented)),
    _plan("senat-no-headings", "pages without the expected headings", senat.PLAN, House.SENAT, _headless),
    _plan("assemblee-truncated", "the archive was cut", assemblee.PLAN, House.ASSEMBLEE, _archive(_cut)),
    _plan(
        "assemblee-bomb",
        "members overlap and open into 500 MiB",
        assemblee.PLAN,
        House.ASSEMBLEE,
        _archive(lambda _entries, _newsroom: archives.overlap_bomb()),
    ),
    _plan("assemblee-wandering", "names with ../", assemblee.PLAN, House.ASSEMBLEE, _archive(_wandering)),
    _plan("assemblee-broken-only", "its only member is no JSON", assemblee.PLAN, House.ASSEMBLEE, _archive(_broken_only)),
)
