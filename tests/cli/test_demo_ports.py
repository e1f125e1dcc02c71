"""The demo when something else listens where it did."""

import json
import re
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watcher.cli import group
from watcher.cli.demo import alone
from watcher.errors import WatcherError


def demo(folder: Path) -> Result:
    """Run the demo in `folder`."""
    return CliRunner().invoke(group, ["demo", "--dir", str(folder)])


def search(folder: Path) -> list[str]:
    """Return the titles in the archive of `folder`."""
    done = CliRunner().invoke(group, ["--home", str(folder), "search", "--limit", "500", "--json"])
    return sorted(json.loads(line)["title"] for line in done.output.splitlines())


def test_a_port_that_was_taken_does_not_end_the_demo(tmp_path: Path) -> None:
    """It goes elsewhere, reads everything anew into an archive of its own, doubles nothing, and says so; edits are kept."""
    folder = tmp_path / "home"
    first = demo(folder)
    assert first.exit_code == 0, first.output
    titles = search(folder)
    sources = folder / "sources.yaml"
    sources.write_text(sources.read_text("utf-8").replace("title: Veille compétences", "title: Ma veille, compétences"), "utf-8")
    port = json.loads((folder / "publisher.json").read_text("utf-8"))["ports"][2]
    with socket.create_server(("127.0.0.1", port)):
        second = demo(folder)
    assert second.exit_code == 0, second.output
    assert f"Port {port} is taken" in second.output
    kept = folder / "var-1"
    assert str(kept) in second.output
    assert (kept / "watcher.db").exists()
    assert search(folder) == titles
    text = sources.read_text("utf-8")
    assert "title: Ma veille, compétences" in text
    assert f":{port}/" not in text
    ports = json.loads((folder / "publisher.json").read_text("utf-8"))["ports"]
    # One outlet leads to an address that nobody may reach, which is none of the publisher's.
    assert {int(found) for found in re.findall(r"127\.0\.0\.1:(\d+)", text)} <= {*ports}
    third = demo(folder)
    assert third.exit_code == 0, third.output
    assert "0 new" in third.output
    assert "is taken" not in third.output


def test_two_demos_of_one_home_keep_apart(tmp_path: Path) -> None:
    """A demo that runs is not taken for a stranger on its ports."""
    with alone(tmp_path), pytest.raises(WatcherError, match="is running already"), alone(tmp_path):
        pass


def test_the_demo_leaves_a_home_of_somebody_alone(tmp_path: Path) -> None:
    """In a folder with sources of its own it does nothing, says why and names the way out."""
    folder = tmp_path / "home"
    assert CliRunner().invoke(group, ["init", str(folder)]).exit_code == 0
    mine = (folder / "sources.yaml").read_bytes() + b"# mine\n"
    (folder / "sources.yaml").write_bytes(mine)
    files = sorted(folder.rglob("*"))
    done = demo(folder)
    assert isinstance(done.exception, WatcherError | SystemExit)
    assert f"{folder / 'sources.yaml'} is there already" in done.output + str(done.exception)
    assert (folder / "sources.yaml").read_bytes() == mine
    assert sorted(folder.rglob("*")) == files
