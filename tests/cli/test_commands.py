"""The commands, as a newcomer meets them: the demo, then everything on its home."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watcher.cli import COMMANDS, group


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """Run `watcher demo` once; its home is read by the tests."""
    folder = tmp_path_factory.mktemp("demo") / "home"
    return folder, CliRunner().invoke(group, ["demo", "--dir", str(folder)])


def on(demo: tuple[Path, Result], *words: str) -> Result:
    """Run a command on the demo's home."""
    return CliRunner().invoke(group, ["--home", str(demo[0]), *words])


def test_the_demo_ends_with_a_mail_to_look_at(demo: tuple[Path, Result]) -> None:
    """`watcher demo` says where the mail is, what was found per theme, and what could not be read and why."""
    folder, done = demo
    assert done.exit_code == 0, done.output
    for said in ("Found per theme:", "Could not be read:", "To look at:", "IA et compétences"):
        assert said in done.output
    assert len(list((folder / "var" / "spool").glob("*.eml"))) >= 1
    seen = sorted(path.name.partition(".")[2] for path in (folder / "var" / "spool").glob("*.html"))
    assert seen == ["html", "page.html"]


def test_the_demo_again_mails_nothing_twice(demo: tuple[Path, Result]) -> None:
    """A second run finds nothing new and mails nothing."""
    again = CliRunner().invoke(group, ["demo", "--dir", str(demo[0])])
    assert again.exit_code == 0, again.output
    assert "0 new" in again.output
    assert "No mail was waiting." in again.output


def test_status_tells_in_one_screen(demo: tuple[Path, Result]) -> None:
    """`watcher status` counts sources, names what fails and since when, and the outbox; also as JSON."""
    shown = on(demo, "status")
    assert shown.exit_code == 0, shown.output
    assert "Sources:" in shown.output
    assert "journal-presse" in shown.output
    told = json.loads(on(demo, "status", "--json").output)
    assert told["outbox"] == {"sent": 1}
    assert {"id", "state", "since"} <= told["sources"][0].keys()


def test_search_finds_what_was_read(demo: tuple[Path, Result]) -> None:
    """Words without accents, in another number, find the articles; a theme narrows them."""
    hits = [json.loads(line) for line in on(demo, "search", "competence", "--json").output.splitlines()]
    assert len(hits) > 3
    assert on(demo, "search", "--theme", "ia-emploi").exit_code == 0
    assert "0 found." in on(demo, "search", "zzzzzz").output


def test_classify_keeps_its_shape(demo: tuple[Path, Result], tmp_path: Path) -> None:
    """Other programs rely on one verdict a line, evidence pointing at the words it names."""
    text = "L’Opco finance la formation des salariés à l’intelligence artificielle et aux nouvelles compétences."
    record = {"id": "a", "kind": "article", "title": "IA et formation professionnelle", "text": text}
    file = tmp_path / "texts.jsonl"
    file.write_text(json.dumps(record) + "\n\n" + json.dumps(record | {"id": "b"}), "utf-8")
    lines = [json.loads(line) for line in on(demo, "classify", str(file)).output.splitlines()]
    assert [line["id"] for line in lines] == ["a", "b"]
    verdict = lines[0]
    assert 0 <= verdict["relevance"] <= 3
    assert 0 <= verdict["score"] <= 1
    assert len(verdict["themes"]) == 8
    for theme in verdict["themes"].values():
        for evidence in theme["evidence"]:
            words = record["title"] if evidence["field"] == "title" else text
            assert words[evidence["start"] : evidence["end"]] == evidence["term"]


def test_classify_names_the_line_that_is_no_json(demo: tuple[Path, Result], tmp_path: Path) -> None:
    """A broken line is named with its number."""
    file = tmp_path / "texts.jsonl"
    file.write_text('{"id": 1, "text": "Rien."}\n{broken\n', "utf-8")
    done = on(demo, "classify", str(file))
    assert done.exit_code == 1
    assert "texts.jsonl:2" in done.output


def test_poll_reports_one_json_line_per_source(demo: tuple[Path, Result]) -> None:
    """`watcher poll --json` has the keys that other programs rely on."""
    lines = [json.loads(line) for line in on(demo, "poll", "--all", "--json").output.splitlines()]
    keys = {"source", "status", "fetched", "new", "known", "revised", "backfill", "rejected", "failed", "error", "seconds"}
    assert lines
    assert all(keys <= line.keys() for line in lines)


def test_digest_preview_writes_files_and_send_dry_run_sends_nothing(demo: tuple[Path, Result], tmp_path: Path) -> None:
    """A preview is .eml, .html and .txt; a dry run freezes and sends nothing."""
    done = on(demo, "digest", "preview", "veille", "--out", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert {path.suffix for path in tmp_path.iterdir()} == {".eml", ".html", ".txt"}
    assert "Nothing sent." in on(demo, "digest", "send", "veille", "--dry-run").output
    assert "n° 1" in on(demo, "digest", "list").output


def test_init_lays_out_a_home_that_checks(tmp_path: Path) -> None:
    """`init` then `check` is in order; running `init` again overwrites nothing."""
    folder = tmp_path / "veille"
    assert CliRunner().invoke(group, ["init", str(folder)]).exit_code == 0
    checked = CliRunner().invoke(group, ["--home", str(folder), "check"])
    assert checked.exit_code == 0, f"{checked.output}\n{checked.exception!r}"
    assert "Everything is in order." in checked.output
    (folder / "sources.yaml").write_text("edited", "utf-8")
    CliRunner().invoke(group, ["init", str(folder)])
    assert (folder / "sources.yaml").read_text("utf-8") == "edited"


def test_check_refuses_a_template_with_a_mistake(tmp_path: Path) -> None:
    """A template that names what does not exist is found before Monday, with its file and line."""
    folder = tmp_path / "veille"
    CliRunner().invoke(group, ["init", str(folder)])
    page = folder / "templates" / "email" / "edition.html.j2"
    page.write_text(page.read_text("utf-8") + "\n{{ nothing_of_that_name }}\n", "utf-8")
    done = CliRunner().invoke(group, ["--home", str(folder), "check"])
    assert done.exit_code != 0
    assert "edition.html.j2" in str(done.exception)


def test_a_folder_without_home_says_what_to_do(tmp_path: Path) -> None:
    """Outside a home, every command names the remedy."""
    done = CliRunner().invoke(group, ["--home", str(tmp_path), "status"])
    assert "watcher init" in str(done.exception)


def test_sources_add_and_opml_round_trip(demo: tuple[Path, Result], tmp_path: Path) -> None:
    """The sources go out as OPML and come back without doubles."""
    opml = on(demo, "sources", "export").output
    file = tmp_path / "sources.opml"
    file.write_text(opml, "utf-8")
    assert "0 sources added" in on(demo, "sources", "import", str(file)).output


def test_every_command_is_tried_somewhere() -> None:
    """A command that no test runs fails this one."""
    told = "\n".join(path.read_text("utf-8") for path in Path(__file__).parent.parent.rglob("*.py"))
    told += "\n".join(path.read_text("utf-8") for path in (Path(__file__).parent.parent.parent / "docs").glob("*.md"))
    for name in COMMANDS:
        assert f'"{name}"' in told or f"watcher {name}" in told, name
