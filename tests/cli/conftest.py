"""A home laid out as `watcher init` does, which polls nothing, and a way to run a command as a shell would."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rehearsed import rehearse_once
from watcher.cli import main
from watcher.cli.init import lay_out

SOURCES = """\
settings:
  contact: veille@example.org
sources:
  - {id: dares, kind: feed, name: Dares, url: https://dares.example/flux}
  - {id: cereq, kind: feed, name: Céreq, url: https://cereq.example/flux}
digests:
  - {id: veille, title: Veille, recipients: [lecture@example.org]}
# end of sources.yaml
"""


@pytest.fixture(autouse=True)
def _quick_reloads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not rehearse again what was in order."""
    monkeypatch.setattr("watcher.service.reload.rehearse", rehearse_once)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Lay out a home of two sources, never polled."""
    folder = tmp_path / "home"
    lay_out(folder, skip=("sources.yaml",))
    (folder / "sources.yaml").write_text(SOURCES, "utf-8")
    return folder


def shorten(file: Path, lines: int) -> None:
    """Keep the first lines of a compressed file: on few texts, learning takes a second or two."""
    file.write_bytes(gzip.compress(b"\n".join(gzip.decompress(file.read_bytes()).splitlines()[:lines])))


Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shell(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Return what runs `watcher --home HOME ...` whole, exit codes and messages included: (code, output, errors)."""
    monkeypatch.chdir(home.parent)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["watcher", "--home", str(home), *words])
        with pytest.raises(SystemExit) as caught:
            main()
        said = capsys.readouterr()
        return int(caught.value.code or 0), said.out, said.err

    return run
