"""Whoever mistypes, cuts a file or asks for what does not exist is told what, where, and what to do."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

GOOD = '{"id": "a", "title": "IA et formation", "text": "Les salariés se forment à l’intelligence artificielle."}'


# ------------------------------------------------------------------------------------------------------------ classify


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{broken", "this is not JSON (Expecting property name enclosed in double quotes, column 2)"),
        (b"[1, 2]", "this is a list, not an object"),
        (b"null", "this is null, not an object"),
        (b"{}", "there is neither `title` nor `text`"),
        (b'{"id": "x", "title": ["a"]}', "`title` is a list, not a string"),
        (b'{"id": "x", "text": 12}', "`text` is a number, not a string"),
        (b'{"id": "x", "text": true}', "`text` is true or false, not a string"),
        (b'{"id": {"a": 1}, "text": "x"}', "`id` is an object, not a string or a whole number"),
        (b'{"id": true, "text": "x"}', "`id` is true or false, not a string or a whole number"),
        (b'{"id": 1.5, "text": "x"}', "`id` is a number, not a string or a whole number"),
        (b'{"kind": 3, "text": "x"}', "`kind` is a number, not a string"),
        (b'{"text": "\\ud800"}', "it holds half a surrogate pair, which is no character"),
        (b'{"text": "\xe9"}', "this is not UTF-8"),
        (b"[" * 200_000, "it is nested too deeply"),
    ],
)
def test_a_line_that_cannot_be_judged_costs_only_itself(shell: Shell, tmp_path: Path, line: bytes, problem: str) -> None:
    """It is told with its number and what was expected; the others are judged; the exit code says that something failed."""
    file = tmp_path / "texts.jsonl"
    file.write_bytes(b"\n".join((GOOD.encode(), b"", line, GOOD.encode().replace(b'"a"', b"7"))))
    code, output, errors = shell("classify", str(file))
    assert code == 1
    assert [json.loads(one)["id"] for one in output.splitlines()] == ["a", 7]
    assert errors.splitlines() == [
        f'{file}:3: {problem}. Expected {{"id", "kind", "title", "text"}}, one JSON object a line.',
        "watcher: 1 of 3 lines could not be judged.",
    ]


def test_classify_reads_what_windows_writes(shell: Shell, tmp_path: Path) -> None:
    """A byte order mark and CRLF line ends are no mistakes, nor is a text without id."""
    file = tmp_path / "texts.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode() + b'\r\n{"text": "Rien."}\r\n')
    code, output, errors = shell("classify", str(file))
    assert (code, errors) == (0, "")
    assert [json.loads(one)["id"] for one in output.splitlines()] == ["a", None]


# --------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("search", "--theme", "ia-emplois"), "There is no theme 'ia-emplois'. Did you mean 'ia-emploi'?"),
        (("search", "--theme", "zzz"), "There is no theme 'zzz'. `watcher themes` lists them."),
        (("search", "--source", "dare"), "There is no source 'dare'. Did you mean 'dares'?"),
        (("search", "mot", "--source", "zzz"), "There is no source 'zzz'. `watcher sources list` shows their ids."),
        (
            ("preview", "http://[bad"),
            "There is no source or web address 'http://[bad'."
            " An address is http:// or https:// and a host, without blanks: https://www.example.org/actualites.",
        ),
        (("review", "accept", "darse"), "There is no source 'darse'. Did you mean 'dares'?"),
        (("review", "reject", "zzz"), "There is no source 'zzz'. `watcher review` shows those that wait."),
    ],
)
def test_an_unknown_name_is_answered_with_the_right_one(shell: Shell, words: tuple[str, ...], answer: str) -> None:
    """A misspelt theme or source is wrong use (exit code 2), never an empty answer."""
    code, output, errors = shell(*words)
    assert (code, output, errors.strip()) == (2, "", answer)


@pytest.mark.parametrize("words", ["???", "« … »", " "])
def test_a_question_without_a_word_is_wrong_use(shell: Shell, words: str) -> None:
    """It is never answered as if nothing were in the archive."""
    code, output, errors = shell("search", words)
    assert (code, output) == (2, "")
    assert f"{words!r} holds no letter or figure to look for. Without words, everything is listed." in errors


def test_a_known_name_without_anything_is_no_mistake(shell: Shell) -> None:
    """What exists and holds nothing is answered as such."""
    assert shell("search", "--theme", "ia-emploi") == (0, "0 found.\n", "")
    assert shell("search", "--source", "cereq") == (0, "0 found.\n", "")
    assert shell("review", "accept", "cereq") == (0, "Nothing of cereq is held.\n", "")


# --------------------------------------------------------------------------------------------------------------- seeds


def test_a_corrupt_model_fails_the_check_and_nothing_else(shell: Shell, home: Path, tmp_path: Path) -> None:
    """`check` says which file and both remedies; other commands say it once and judge by terms and seeds (row Y)."""
    model = home / "seeds" / "model.json"
    model.write_bytes(model.read_bytes()[:5000])
    code, _, errors = shell("check")
    assert code == 3
    assert errors.startswith(f"{model}: is not a trained model that can be used (")
    assert "`watcher themes learn`" in errors
    assert "`watcher init HOME`" in errors
    file = tmp_path / "texts.jsonl"
    file.write_text(GOOD, "utf-8")
    for words in (("classify", str(file)), ("status",), ("search", "mot"), ("themes", "evaluate", _labelled(tmp_path))):
        code, output, errors = shell(*words)
        assert code == 0, errors
        assert output
        assert errors.count(str(model)) == 1
        assert errors.rstrip().endswith("Until then, scores come from terms and seeds alone.")


def test_check_tells_the_mistakes_of_every_file_at_once(shell: Shell, home: Path) -> None:
    """sources.yaml, seeds and model in one reading; the same as JSON, each with its place and its remedy."""
    (home / "sources.yaml").write_text("settings: {gap: soon}\nsources: []\ndigests: []\n# end of sources.yaml\n", "utf-8")
    (home / "seeds" / "model.json").write_bytes(b"")
    (home / "seeds" / "000-apec-opco2i-cadres-industrie.md").write_text("rien", "utf-8")
    code, _, errors = shell("check")
    assert code == 3
    files = [line.split(":")[0].removeprefix(f"{home}/") for line in errors.splitlines()]
    assert sorted(files) == ["seeds/000-apec-opco2i-cadres-industrie.md", "sources.yaml"]
    (home / "seeds" / "000-apec-opco2i-cadres-industrie.md").unlink()
    code, output, _ = shell("check", "--json")
    told = json.loads(output)["mistakes"]
    assert code == 3
    assert [Path(one["file"]).name for one in told] == ["sources.yaml", "model.json"]
    assert all(one["remedy"] and one["problem"] for one in told)
    assert told[0]["line"] == 1


def test_a_term_of_link_words_is_told_by_every_command(shell: Shell, home: Path, tmp_path: Path) -> None:
    """A term that nothing could be found by is a mistake at its place, not a trace at the first text that is judged."""
    themes = home / "seeds" / "themes.yaml"
    themes.write_text(themes.read_text("utf-8").replace("{pattern: acculturer,", '{pattern: "de la",'), "utf-8")
    line = next(n for n, one in enumerate(themes.read_text("utf-8").splitlines(), start=1) if '"de la"' in one)
    file = tmp_path / "texts.jsonl"
    file.write_text(GOOD, "utf-8")
    for words in (("check",), ("classify", str(file)), ("themes", "evaluate", _labelled(tmp_path))):
        code, _, errors = shell(*words)
        assert code == 3
        assert errors.startswith(f"{themes}:{line}:19: pattern: expected a word or a phrase, not link words only"), errors


def test_check_reads_what_only_learning_uses(shell: Shell, home: Path) -> None:
    """Floors and unseen texts that would stop `learn` are told before."""
    floors, unseen = home / "seeds" / "floors.json", home / "seeds" / "unseen.jsonl.gz"
    floors.write_text("{", "utf-8")
    unseen.write_bytes(unseen.read_bytes()[:1000])
    code, _, errors = shell("check")
    assert code == 3
    assert errors.startswith(f"{floors}:1:2: is not valid JSON: ")
    assert f"\n{unseen}: is not a gzip file (" in errors


@pytest.mark.parametrize("ambiguous", ["true", "false"])
def test_one_labelled_text_is_measured_without_a_warning(shell: Shell, tmp_path: Path, ambiguous: str) -> None:
    """What cannot be measured on one text is null, and nothing is said of it but that."""
    file = tmp_path / "one.jsonl"
    file.write_text(f'{{"id": 1, "text": "Le match était beau.", "relevance": 0, "ambiguous": {ambiguous}}}\n', "utf-8")
    code, output, errors = shell("themes", "evaluate", str(file), "--json")
    assert (code, errors) == (0, "")
    figures = {one["name"]: one for one in map(json.loads, output.splitlines())}
    assert figures["relevance_average_precision"]["value"] is None
    assert figures["relevance_average_precision"]["low"] is None
    assert (figures["relevance_calibration_error"]["value"] is None) == (ambiguous == "true")


def test_texts_that_were_trained_on_flatter(shell: Shell, home: Path, tmp_path: Path) -> None:
    """Measuring on the labelled texts of the home says so, whatever their ids; on others it says nothing."""
    lines = (home / "seeds" / "examples.jsonl").read_text("utf-8").splitlines()
    file = tmp_path / "mine.jsonl"
    renamed = [json.dumps(json.loads(line) | {"id": f"mine-{n}"}) for n, line in enumerate(lines[:20])]
    file.write_text("\n".join(renamed), "utf-8")
    code, output, errors = shell("themes", "evaluate", str(file))
    assert code == 0
    assert "relevance_f1" in output
    assert errors.startswith("watcher: 20 of 20 texts are among those the classifier was trained on")
    code, output, errors = shell("themes", "evaluate", _labelled(tmp_path), "--json")
    assert (code, errors) == (0, "")
    assert {json.loads(line)["name"] for line in output.splitlines()} >= {"relevance_f1", "themes_micro_f1"}


def _labelled(folder: Path) -> str:
    """Write two labelled texts that nobody trained on, and return the file's name."""
    file = folder / "labelled.jsonl"
    file.write_text(
        '{"id": "1", "title": "Former à l’IA", "text": "Une école enseigne.", "themes": ["ia-competences"], "relevance": 2}\n'
        '{"id": "2", "title": "Le championnat reprend", "text": "Le match était beau.", "relevance": 0}\n',
        "utf-8",
    )
    return str(file)


# ------------------------------------------------------------------------------------------------------- what is shown


def test_the_list_of_sources_has_a_heading(shell: Shell) -> None:
    """Columns say what they are."""
    lines = shell("sources", "list")[1].splitlines()
    assert lines[0].split("  ")[0] == "SOURCE"
    assert lines[1].startswith("dares ")


def test_review_alone_lists_what_waits(shell: Shell) -> None:
    """`watcher review` is the list; the status line counts the same."""
    assert shell("review") == (0, "Nothing waits for a decision.\n", "")
    assert "Waiting for a person: nothing." in shell("status")[1]


def test_a_template_mistake_is_named_by_a_path_that_opens(shell: Shell, home: Path) -> None:
    """The place is absolute: an editor or a terminal goes there from any folder."""
    page = home / "templates" / "email" / "edition.html.j2"
    page.write_text("<p>\n{{ nothing_of_that_name }}", "utf-8")
    code, _, errors = shell("check")
    assert code == 3
    assert errors.startswith(f"{page}:2: ")
