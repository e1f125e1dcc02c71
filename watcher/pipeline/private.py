"""Private seeds: an administrator's own documents in full, read from files into the archive, never into a folder of seeds."""

import asyncio
from codecs import BOM_UTF8
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from watcher import extract, media, seeds, text
from watcher.errors import ConfigError, ExtractError, SandboxError, SourceError, UnknownNameError
from watcher.model import Extracted, FetchResult, Request, Seed
from watcher.pipeline.desk import Desk
from watcher.sandbox import Sandbox

MOST_BYTES = 32 * 1024 * 1024
LONGEST_TITLE = 200


def read(desk: Desk, files: Sequence[Path], themes: Sequence[str]) -> tuple[Seed, ...]:
    """Return the private seeds that `files` hold: Markdown with a front matter, plain text, HTML or PDF.

    `themes` are those of files without a front matter. HTML and PDF are read in the sandbox. Raises ConfigErrors for a mistake
    in a front matter, ConfigError for a file that cannot be read, UnknownNameError for a theme that there is not.
    """
    known = frozenset(theme.id for theme in desk.seeds.themes)
    for theme in themes:
        if theme not in known:
            raise UnknownNameError("theme", theme, sorted(known), remedy="`watcher themes` lists them.")
    return tuple(_seed(desk, file, tuple(themes), known) for file in files)


def _seed(desk: Desk, file: Path, themes: tuple[str, ...], known: frozenset[str]) -> Seed:
    ident = f"private:{text.fold(file.stem)}"
    with file.open("rb") as opened:
        data = opened.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ConfigError("is larger than 32 MiB.", file=str(file), remedy="Import its text alone.")
    if data.removeprefix(BOM_UTF8).startswith((b"---\n", b"---\r\n")):
        record = seeds.read_seed(file, known)
        return Seed(
            id=ident,
            title=record.title,
            publisher=record.publisher,
            date=record.date,
            url=record.url,
            themes=record.themes,
            text=record.text,
        )
    if not themes:
        raise ConfigError(
            "does not say its themes.", file=str(file), remedy="Give them with --theme, or in a front matter (title, themes...)."
        )
    page = _page(desk, file, data)
    return Seed(
        id=ident,
        title=page.title or file.stem,
        publisher=page.publisher or "",
        date=page.published_at.date() if page.published_at else _day(desk),
        url="",
        themes=themes,
        text=page.text,
    )


def _page(desk: Desk, file: Path, data: bytes) -> Extracted:
    if media.sniff(data) in ("text/html", "application/pdf"):
        url = file.absolute().as_uri()
        answer = FetchResult(request=Request(url=url), url=url, status=200, body=data, fetched_at=desk.now())
        return asyncio.run(_extracted(file, answer))
    try:
        whole = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise ConfigError("is neither UTF-8 text, HTML nor PDF.", file=str(file)) from error
    if not whole:
        raise ConfigError("is empty.", file=str(file))
    first, _, rest = whole.partition("\n")
    return Extracted(title=text.clean_line(first, LONGEST_TITLE), text=rest.strip() or whole)


async def _extracted(file: Path, answer: FetchResult) -> Extracted:
    with Sandbox(workers=1) as sandbox:
        try:
            page = await sandbox.run(extract.read, answer, language="fr", returns=Extracted)
        except (ExtractError, SandboxError, SourceError) as error:
            raise ConfigError(f"cannot be read ({error.message}).", file=str(file)) from error
    if not page.text:
        raise ConfigError("holds no text that may be read.", file=str(file))
    return page


def _day(desk: Desk) -> date:
    return desk.now().astimezone(desk.zone).date()
