"""Reading seeds/: what is shipped, and what is told of mistakes."""

import gzip
import re
from pathlib import Path

import pytest

from watcher import seeds
from watcher.errors import ConfigErrors

ROOT = Path(__file__).resolve().parent.parent
THEMES = "themes:\n  - id: ia\n    label: IA\n    description: L'IA.\n    terms:\n      - {pattern: robot}\n"
RECORD = "---\ntitle: Un titre\npublisher: Un journal\ndate: 2025-02-14\nurl: ''\nthemes: [ia]\n---\nUn compte rendu.\n"


def folder(path: Path, **files: str) -> Path:
    """Write a seed folder with a good theme and record, and `files` over them (`_` in a name stands for a dot)."""
    named = {"themes.yaml": THEMES, "000-one.md": RECORD} | {name.replace("_", "."): text for name, text in files.items()}
    for name, text in named.items():
        (path / name).write_text(text, "utf-8")
    return path


def problems(path: Path) -> list[str]:
    """Return the messages of the mistakes found in a folder, without the folder."""
    with pytest.raises(ConfigErrors) as caught:
        seeds.load(path)
    return [error.message.replace(f"{path}/", "") for error in caught.value.errors]


def test_the_shipped_corpus_is_whole() -> None:
    """Eight themes, five records, examples of every theme, and a model trained for them are shipped."""
    corpus = seeds.load(ROOT / "seeds")
    assert len(corpus.themes) == 8
    assert len(corpus.seeds) == 5
    assert corpus.model is not None
    assert {theme.id for theme in corpus.themes} == {theme for example in corpus.examples for theme in example.themes}
    assert all(example.relevance == 0 for example in corpus.negatives)
    assert {theme for seed in corpus.seeds for theme in seed.themes} == {theme.id for theme in corpus.themes}


def test_every_term_has_its_reason() -> None:
    """Each term of themes.yaml is followed by a comment that says why it is there."""
    lines = (ROOT / "seeds" / "themes.yaml").read_text("utf-8").splitlines()
    bare = [line for line in lines if "pattern:" in line and not re.search(r"\}\s+# \S", line)]
    assert bare == []


def test_colours_can_be_read_on_white() -> None:
    """The colour of every theme has a contrast of 4.5 or more on white (WCAG 2.2, 1.4.3)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    colours = [theme.colour for theme in seeds.load(ROOT / "seeds").themes]
    assert len(set(colours)) == len(colours)
    assert all(1.05 / (luminance(colour) + 0.05) >= 4.5 for colour in colours)


def test_records_are_accounts_in_good_typography() -> None:
    """Each record holds 250 to 500 words, with typographic apostrophes and guillemets."""
    for seed in seeds.load(ROOT / "seeds").seeds:
        assert 250 <= len(seed.text.split()) <= 500, seed.id
        assert "'" not in seed.text + seed.title, seed.id
        assert not re.search(r"« | »|\d [%€]| [;?!]", seed.text), seed.id


def test_a_small_corpus_is_read(tmp_path: Path) -> None:
    """Themes, terms and records come back as they were written; what is optional may be left out."""
    corpus = seeds.load(folder(tmp_path))
    assert corpus.themes[0].terms[0].pattern == "robot"
    assert corpus.seeds[0].id == "000-one"
    assert corpus.seeds[0].date.isoformat() == "2025-02-14"
    assert corpus.model is None
    assert corpus.examples == ()


def test_the_version_follows_the_files(tmp_path: Path) -> None:
    """The version changes when any file does, and only then."""
    first = seeds.load(folder(tmp_path)).version
    assert seeds.load(tmp_path).version == first
    folder(tmp_path, **{"000-one_md": RECORD.replace("Un compte", "Le compte")})
    assert seeds.load(tmp_path).version != first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (THEMES.replace("label:", "lable:"), "themes.yaml:3:5: unknown key 'lable'. Did you mean 'label'?"),
        (THEMES + "    colour: red\n", "themes.yaml:7:13: colour: expected #RRGGBB, found 'red'."),
        (THEMES + "    threshold: 2\n", "themes.yaml:7:16: threshold: expected a number from 0 to 1, found 2."),
        (THEMES.replace("id: ia", "id: I A"), "themes.yaml:2:9: id: expected lower-case words joined by -, found 'I A'."),
        (THEMES + "    label: encore\n", "themes.yaml:7:5: is not valid YAML: found duplicate key"),
        (THEMES + "relevance: {must_read: [[ia]]}\n", "themes.yaml:7:25: must_read: 'ia' is not a concept."),
        (THEMES.replace("{pattern: robot}", "{pattern: '!!'}"), "themes.yaml:6:19: pattern: expected a word or a phrase"),
    ],
)
def test_a_mistake_in_themes_is_told_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    """File, line, column, what was expected, and the nearest right word (rows Y)."""
    found = problems(folder(tmp_path, themes_yaml=text))
    assert any(message.startswith(expected) for message in found), found


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """A bad theme, a bad record and a bad example are all named in one reading."""
    path = folder(tmp_path, themes_yaml=THEMES + "    weight: heavy\n", examples_jsonl='{"id": "a"}\n{oops\n')
    (path / "000-one.md").write_text(RECORD.replace("2025-02-14", "hier").replace("[ia]", "[io]"), "utf-8")
    found = problems(path)
    assert [message.split(": ")[0] for message in found] == [
        "themes.yaml:7:13",
        "000-one.md:6:10",
        "000-one.md:4:7",
        "examples.jsonl:1:1",
        "examples.jsonl:2:2",
    ]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("000-one.md", b"no front matter", "expected a front matter"),
        ("000-one.md", RECORD.replace("Un compte rendu.\n", "").encode(), "holds no text"),
        ("themes.yaml", "thèmes".encode("cp1252"), "is not written in UTF-8."),
        ("negatives.jsonl.gz", b"plain", "is not a gzip file"),
        ("negatives.jsonl.gz", gzip.compress(b'{"id": "a", "text": "b", "relevance": 9}\n', mtime=0), "expected 0, 1, 2 or 3"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, name: str, data: bytes, expected: str) -> None:
    """A file of the wrong make is told by its name, never as a trace."""
    (folder(tmp_path) / name).write_bytes(data)
    found = problems(tmp_path)
    assert any(message.startswith(name) and expected in message for message in found), found


def test_a_missing_themes_file_tells_the_remedy(tmp_path: Path) -> None:
    """An empty folder is refused with the command that lays one out."""
    assert problems(tmp_path) == ["themes.yaml: is missing. `watcher init` lays one out."]
