"""`watcher init DIR`."""

import shutil
from importlib.resources import files
from pathlib import Path

import click

from watcher.cli.common import many
from watcher.errors import ConfigError

LAID_OUT = ("sources.yaml", "sources.schema.json", "seeds", "templates")


@click.command("init")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def command(directory: Path) -> None:
    """Lay out sources.yaml, seeds/ and templates/ in DIRECTORY, for editing.

    Files that exist are left as they are, so that it can be run again after an upgrade.

    \b
    Examples:
      watcher init veille && $EDITOR veille/sources.yaml
    """
    written, kept = lay_out(directory)
    click.echo(f"{many(len(written), 'file')} written to {directory}, {kept} already there and left alone.")
    click.echo(f"Next: put your address in `contact:` of {directory / 'sources.yaml'}, then `watcher --home {directory} check`.")


def lay_out(directory: Path, *, skip: tuple[str, ...] = ()) -> tuple[list[Path], int]:
    """Copy what ships with the package into `directory`; return what was written and how many files were left alone."""
    written: list[Path] = []
    kept = 0
    shipped = origin()
    for name in LAID_OUT:
        if name in skip:
            continue
        for source in _files(shipped / name):
            target = directory / source.relative_to(shipped)
            if target.exists():
                kept += 1
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            written.append(target)
    (directory / "var").mkdir(mode=0o700, exist_ok=True)
    return written, kept


def origin() -> Path:
    """Return the folder of the shipped files: inside the installed package, or the top of a checkout."""
    inside = Path(str(files("watcher"))) / "shipped"
    top = Path(str(files("watcher"))).parent
    for place in (inside, top):
        if (place / "sources.yaml").is_file():
            return place
    raise ConfigError(
        "the files to lay out are missing from this installation.", file=str(inside), remedy="Install watcher again."
    )


def _files(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
