"""Reading seeds/: what is shipped, and what is told of mistakes."""

import gzip
import re
from pathlib import Path

import pytest

from watcher import seeds
from watcher.errors import ConfigError, ConfigErrors

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
        (THEMES + "    label: encore\n", 'themes.yaml:7:5: is not valid YAML: found duplicate key "label".'),
        (THEMES + "relevance: {must_read: [[ia]]}\n", "themes.yaml:7:25: must_read: 'ia' is not a concept."),
        (THEMES.replace("{pattern: robot}", "{pattern: '!!'}"), "themes.yaml:6:19: pattern: expected a word or a phrase"),
        (THEMES.replace("robot", "_"), "themes.yaml:6:19: pattern: expected a word or a phrase"),
        (THEMES.replace("robot", "le de la"), "themes.yaml:6:19: pattern: expected a word or a phrase, not link words only"),
        (THEMES.replace("robot", '"à l\'"'), "themes.yaml:6:19: pattern: expected a word or a phrase, not link words only"),
        (THEMES.replace("robot", "De La"), "themes.yaml:6:19: pattern: expected a word or a phrase, not link words only"),
        (
            THEMES + "relevance: {concepts: [{id: a, terms: [{pattern: b}], excludes: [{pattern: aux}]}]}\n",
            "themes.yaml:7:76: pattern: expected a word or a phrase, not link words only, found 'aux'.",
        ),
        (THEMES.replace("robot", "ro\x07bot"), "themes.yaml:6:21: is not valid YAML: the character U+0007 cannot be used."),
        (THEMES + '    "\\UFFFFFFFF": 1\n', "themes.yaml:7:6: is not valid YAML: \\UFFFFFFFF is no character."),
        (THEMES + '    "\\U00110000": 1\n', "themes.yaml:7:6: is not valid YAML: \\U00110000 is no character."),
        (THEMES + "    weight: 2019-02-35\n", "themes.yaml:7:13: is not valid YAML: '2019-02-35' cannot be read (day is out of"),
        (THEMES + f"    weight: {'1' * 5000}\n", "themes.yaml:7:13: is not valid YAML: '1111"),
        (THEMES + "    weight: !!bool peut-être\n", "themes.yaml:7:13: is not valid YAML: 'peut-être' cannot be read"),
        ("themes: " + "[" * 500, "themes.yaml: is not valid YAML: it is nested too deeply."),
        (THEMES + "relevance: {marginal: 0.9}\n", "themes.yaml:7:23: marginal: 0.9 is above sure, which is 0.6."),
        (THEMES + "relevance: {sure: 0.1}\n", "themes.yaml:7:19: marginal: 0.15 is above sure, which is 0.1."),
        (THEMES + "relevance: {useful: 0.3, marginal: 0.5}\n", "themes.yaml:7:36: marginal: 0.5 is above useful, which is 0.3."),
        (THEMES + "relevance: {sure: }\n", "themes.yaml:7:18: sure: expected a number from 0 to 1, found None."),
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
    ("right", "wrong", "expected"),
    [
        ("2025-02-14", "2019-02-35", "000-one.md:4:7: is not valid YAML: '2019-02-35' cannot be read (day is out of range"),
        ("2025-02-14", "2024-13-40", "000-one.md:4:7: is not valid YAML: '2024-13-40' cannot be read (month must be in 1..12"),
        ("Un titre", "Un\x00titre", "000-one.md:2:10: is not valid YAML: the character U+0000 cannot be used."),
        ("[ia]", "[]", "000-one.md:6:9: themes: there is no theme in it."),
        ("[ia]", "[[ia]]", "000-one.md:6:10: themes: expected the id of a theme, found ['ia']."),
        (
            "''",
            "pas une adresse",
            "000-one.md:5:6: url: expected an address as https://www.example.org/article, or nothing, found",
        ),
    ],
)
def test_a_mistake_in_a_record_is_told_with_its_place(tmp_path: Path, right: str, wrong: str, expected: str) -> None:
    """A day that there is not, a character that no YAML holds, no theme, no address: file, line and column, never a trace."""
    (message,) = problems(folder(tmp_path, **{"000-one_md": RECORD.replace(right, wrong)}))
    assert message.startswith(expected)
    with pytest.raises(ConfigErrors) as caught:
        seeds.read_seed(tmp_path / "000-one.md", frozenset({"ia"}))
    assert caught.value.message == f"{tmp_path}/{message}"


def test_a_record_that_stands_there_twice_is_told(tmp_path: Path) -> None:
    """Under two names, a text would count twice."""
    (message,) = problems(folder(tmp_path, **{"001-two_md": RECORD.replace("Un titre", "Un autre titre")}))
    assert message.startswith("001-two.md:1:1: holds the same text as 000-one.md.")


@pytest.mark.parametrize(
    "record",
    [
        "\ufeff" + RECORD,
        RECORD.replace("---\n", "--- \n"),
        RECORD.replace("---\n", "---\t \n"),
        ("\ufeff" + RECORD.replace("---\n", "--- \n")).replace("\n", "\r\n"),
    ],
)
def test_a_record_is_read_as_editors_save_it(tmp_path: Path, record: str) -> None:
    """A byte order mark, blanks after the dashes and CRLF line ends are no mistakes."""
    folder(tmp_path)
    (tmp_path / "000-one.md").write_bytes(record.encode())
    (tmp_path / "themes.yaml").write_bytes(b"\xef\xbb\xbf" + THEMES.encode())
    (tmp_path / "examples.jsonl").write_bytes(b'\xef\xbb\xbf{"id": 1, "text": "x", "relevance": 0}\r\n')
    corpus = seeds.load(tmp_path)
    assert corpus.seeds[0].text == "Un compte rendu."
    assert corpus.examples[0].id == "1"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"id": "a", "text": null, "relevance": 2}', "text: expected a text, found null."),
        ('{"id": "a", "text": ["b"], "relevance": 2}', 'text: expected a text, found ["b"].'),
        ('{"id": "a", "text": "\\ud800", "relevance": 2}', 'text: expected a text, found "\\ud800".'),
        ('{"id": "a", "title": null, "text": "b", "relevance": 2}', "title: expected a text, found null."),
        ('{"id": null, "text": "b", "relevance": 2}', "id: expected a text or a whole number, found null."),
        ('{"id": true, "text": "b", "relevance": 2}', "id: expected a text or a whole number, found true."),
        ('{"id": "a", "text": "b", "relevance": 2.9}', "relevance: expected 0, 1, 2 or 3, found 2.9."),
        ('{"id": "a", "text": "b", "relevance": true}', "relevance: expected 0, 1, 2 or 3, found true."),
        ('{"id": "a", "text": "b", "relevance": "2"}', 'relevance: expected 0, 1, 2 or 3, found "2".'),
        ('{"id": "a", "text": "b", "relevance": 4}', "relevance: expected 0, 1, 2 or 3, found 4."),
        ('{"id": "a", "text": "b", "relevance": 2, "themes": "ia"}', 'themes: expected a list of texts, found "ia".'),
        ('{"id": "a", "text": "b", "relevance": 2, "maybe": [["ia"]]}', 'maybe: expected a list of texts, found [["ia"]].'),
        ('{"id": "a", "text": "b", "relevance": 2, "ambiguous": "no"}', 'ambiguous: expected true or false, found "no".'),
        ('{"id": "a", "relevance": 2}', "is not a labelled text: the key 'text' is missing. Each line needs id, text and"),
        ('{"id": "a"}', "is not a labelled text: the keys 'text' and 'relevance' are missing. Each line needs id, text and"),
        ("[1]", "is not a labelled text: expected an object. Each line needs id, text and relevance."),
        ("[" * 200_000, "is not valid JSON: a number is too long, or it is nested too deeply."),
        ('{"id": ' + "1" * 5000 + "}", "is not valid JSON: a number is too long, or it is nested too deeply."),
    ],
)
def test_a_mistake_in_a_labelled_text_names_its_key(tmp_path: Path, line: str, expected: str) -> None:
    """Nothing is made into what it is not: the key, what was expected there and what was found are told with the line."""
    good = '{"id": "z", "text": "b", "relevance": 0}\n'
    (message,) = problems(folder(tmp_path, examples_jsonl=f"{good}\n{line}\n{good}"))
    assert message.startswith(f"examples.jsonl:3:1: {expected}")


def test_only_a_line_feed_ends_a_labelled_text(tmp_path: Path) -> None:
    """The separators of Unicode may stand in a JSON text as they are (RFC 8259, section 7)."""
    folder(tmp_path, examples_jsonl='{"id": "a", "text": "un\u2028deux\u2029trois\x85", "relevance": 0}\n')
    assert [one.text for one in seeds.load(tmp_path).examples] == ["un\u2028deux\u2029trois\x85"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "floors.json:1:2: is not valid JSON: "),
        ("[]", "floors.json: does not hold floors. Expected {"),
        ('{"reason": "a"}', "floors.json: does not hold floors. Expected {"),
        ('{"floors": {"relevance_f1": "high"}}', "floors.json: does not hold floors. Expected {"),
        ("[" * 200_000, "floors.json: does not hold floors. Expected {"),
    ],
)
def test_broken_floors_are_told_with_their_file(tmp_path: Path, content: str, expected: str) -> None:
    """A floors.json of another shape is told with its file and the remedy, whatever it holds."""
    (tmp_path / "floors.json").write_text(content, "utf-8")
    with pytest.raises(ConfigError) as caught:
        seeds.read_floors(tmp_path)
    assert caught.value.message.startswith(f"{tmp_path}/{expected}")
    assert "`watcher init HOME`" in caught.value.remedy


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
    assert problems(tmp_path) == ["themes.yaml: is missing. `watcher init HOME` lays one out."]


EXAMPLES = "".join(f'{{"id": "{n}", "text": "x", "relevance": 2, "themes": ["ia", "t{n % 5}"]}}\n' for n in range(200))


@pytest.mark.parametrize("text", ["", "# rien\n", "themes: []\n", "themes:\n", "---\n"])
def test_an_empty_themes_file_is_one_error(tmp_path: Path, text: str) -> None:
    """Nothing in themes.yaml is one mistake, told with its remedy, not one for every text that names a theme."""
    (message,) = problems(folder(tmp_path, themes_yaml=text, examples_jsonl=EXAMPLES))
    assert message.startswith("themes.yaml")
    assert ("no theme" in message and "watcher init" in message) or "expected a list" in message


def test_a_themes_file_that_was_cut_is_one_error(tmp_path: Path) -> None:
    """Wherever the shipped file was cut: a handful of mistakes, all of them about themes.yaml."""
    whole = (ROOT / "seeds" / "themes.yaml").read_text("utf-8")
    for name in ("examples.jsonl", "000-apec-opco2i-cadres-industrie.md"):
        (tmp_path / name).write_bytes((ROOT / "seeds" / name).read_bytes())
    for tenth in range(1, 6):
        (tmp_path / "themes.yaml").write_text(whole[: len(whole) * tenth // 10], "utf-8")
        found = problems(tmp_path)
        assert len(found) <= 3
        assert all(message.startswith("themes.yaml") for message in found), found


def test_themes_that_are_gone_are_told_together(tmp_path: Path) -> None:
    """Two hundred labelled texts that name five lost themes are one mistake, with the first place."""
    (message,) = problems(folder(tmp_path, examples_jsonl=EXAMPLES))
    assert message == (
        "themes.yaml: does not define 't0', 't1', 't2', 't3', 't4', which 200 lines of the seeds and labelled texts name, "
        "first examples.jsonl:1. Restore the file if it was cut, or take these themes out of the others."
    )


def test_a_file_full_of_mistakes_tells_the_first_ten(tmp_path: Path) -> None:
    """A thousand broken lines do not push the other files' mistakes off the screen."""
    found = problems(folder(tmp_path, examples_jsonl="{oops\n" * 1000))
    assert len(found) == 11
    assert found[-1] == "examples.jsonl: holds 990 more mistakes."


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x81",
        b"{",
        b"[]",
        b'{"format": 2}',
        b'{"format":1,"features":1,"inputs":"","outputs":{"ia":{"dense":{"a":"b"}}},"rule":{},"words":{}}',
        b"[" * 100_000,
    ],
)
def test_a_broken_model_is_set_aside_and_named(tmp_path: Path, data: bytes) -> None:
    """A model that cannot be used is no model; what is wrong with it is told with both remedies."""
    (folder(tmp_path) / "model.json").write_bytes(data)
    corpus = seeds.load(tmp_path)
    assert corpus.model is None
    assert corpus.broken_model is not None
    assert corpus.broken_model.message.startswith(f"{tmp_path}/model.json: ")
    assert "`watcher themes learn`" in corpus.broken_model.remedy
    assert "`watcher init HOME`" in corpus.broken_model.remedy


@pytest.mark.parametrize("wrong", ["NaN", '"a"', "[1]", "null", "true"])
def test_a_weight_that_is_no_number_breaks_the_model(tmp_path: Path, wrong: str) -> None:
    """A shipped model with one odd weight is set aside whole: half a model would judge in silence."""
    whole = (ROOT / "seeds" / "model.json").read_text("utf-8")
    changed = re.sub(r'("slope":)[-\d.]+', rf"\g<1>{wrong}", whole, count=1)
    assert changed != whole
    (folder(tmp_path) / "model.json").write_text(changed, "utf-8")
    assert seeds.load(tmp_path).broken_model is not None


def test_the_shipped_model_is_sound() -> None:
    """What ships is not set aside."""
    assert seeds.load(ROOT / "seeds").broken_model is None


SHOWN = re.findall(
    r"^```yaml themes\.yaml\n(.*?)^```", (ROOT / "docs" / "classification.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize("number", range(len(SHOWN)))
def test_the_themes_shown_in_the_documentation_are_accepted(tmp_path: Path, number: int) -> None:
    """Every example of themes.yaml in docs/classification.md is valid, beside a theme where it shows none."""
    shown = SHOWN[number]
    whole = shown if shown.startswith("themes:") else THEMES + shown
    record = RECORD.replace("[ia]", f"[{re.findall(r'^  - id: (.+)$', whole, re.MULTILINE)[0]}]")
    corpus = seeds.load(folder(tmp_path, themes_yaml=whole, **{"000-one_md": record}))
    assert corpus.themes


def test_costs_are_read_and_mistakes_in_them_told(tmp_path: Path) -> None:
    """`costs` of the relevance rule are numbers; what is not is told at its line."""
    good = seeds.load(folder(tmp_path, themes_yaml=THEMES + "relevance:\n  costs: {miss: 4}\n"))
    assert (good.rule.miss, good.rule.false_alarm) == (4.0, 1.0)
    found = problems(folder(tmp_path, themes_yaml=THEMES + "relevance:\n  costs: {miss: 0, alarm: 2}\n"))
    assert any("miss: expected a number from 0.1 to 100, found 0" in one for one in found)
    assert any("unknown key 'alarm'" in one for one in found)


def test_adopting_keeps_the_former_model_unless_it_is_of_no_use(tmp_path: Path) -> None:
    """What can be gone back to is always a model: a corrupt one does not take its place."""
    shipped = (ROOT / "seeds" / "model.json").read_bytes()
    other = shipped.replace(b'"format":1', b'"format":1 ')
    seeds.adopt(tmp_path, shipped)
    seeds.adopt(tmp_path, other)
    assert seeds.previous(tmp_path) == shipped
    (tmp_path / "model.json").write_bytes(b"{")
    seeds.adopt(tmp_path, other)
    assert seeds.previous(tmp_path) == shipped
    assert {path.name for path in tmp_path.iterdir()} == {"model.json", "model.previous.json"}
