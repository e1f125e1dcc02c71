"""A file meant to harm: it is refused quickly, and nothing in it is run."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from watcher.config.load import understand
from watcher.config.nodes import resolve
from watcher.errors import ConfigError

Refused = Callable[[str | bytes], tuple[ConfigError, ...]]
END = "\n# end of sources.yaml\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join(['*' + old] * 9)}]\n" for old, new in zip("abcdef", "bcdefg", strict=True)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sources: " + "[" * 20_000 + END, "nested deeper"),
        ("sources: " + "{a: " * 400 + END, "nested deeper"),
        ("".join(f"{' ' * n}a:\n" for n in range(400)) + END, "nested deeper"),
        (BOMB + END, "expand to too much"),
        ("a: &a [b]\nc: [" + "*a, " * 70 + "]" + END, "expand to too much"),
        ("a: &a [*a]" + END, "names nothing"),
        ("sources:\n" + "- a\n" * 120_000 + END, "more than 50000 values"),
        ("a: " + "x" * (1 << 20) + END, "larger than 1 MiB"),
        ("? [a, b]\n: c" + END, "a key must be a word"),
        ('a: "\\UFFFFFFFF"' + END, "cannot be read"),
        ('a: "\\uD800"' + END, "U+D800"),
        ('a: "x\\0y"' + END, "U+0000"),
        ("a: \x01" + END, "U+0001"),
        ("%YAML 9.9\n---\na: b" + END, "incompatible"),
    ],
)
def test_bounded(refused: Refused, text: str, words: str) -> None:
    """Depth, aliases, size and odd characters are refused with their place, in a few seconds of CPU at most (row Y04)."""
    start = time.process_time()
    errors = refused(text)
    assert any(words in e.message for e in errors), [e.message for e in errors][:5]
    assert all(e.line for e in errors)
    assert time.process_time() - start < 20


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!!binary", "!own", "!!timestamp"])
def test_no_tag_is_obeyed(refused: Refused, tmp_path: Path, tag: str) -> None:
    """No tag constructs anything: it is refused, and what it names is not run (row Y04)."""
    witness = tmp_path / "witness"
    errors = refused(f"sources: {tag} ['touch {witness}']\ndigests: []{END}")
    assert any("tags are not used" in e.message and (e.line, e.column) == (1, 10) for e in errors)
    assert not witness.exists()


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("NO", "NO"), ("on", "on"), ("yes", "yes"), ("12:30", "12:30"), ("2026-01-02", "2026-01-02"), ("1_000", "1_000"),
        ("0b11", "0b11"), ("true", True), ("False", False), ("~", None), ("", None), ("007", 7), ("0o17", 15), ("0x1F", 31),
        ("-12", -12), ("1e3", 1000.0), ("1.5", 1.5), (".5", 0.5), ("1e999", "1e999"), (".inf", ".inf"), ("9" * 5000, "9" * 5000),
        ("<<", "<<"), ("=", "="),
    ],
)  # fmt: skip
def test_core_schema(word: str, value: object) -> None:
    """Plain words mean what the core schema of YAML 1.2 says (10.3.2), and no more (row Y03)."""
    assert resolve(word) == value
    assert type(resolve(word)) is type(value)


def test_aliases_may_be_used(good: str, refused: Refused) -> None:
    """A list written once and named again is an ordinary convenience; a merge key of YAML 1.1 is an unknown key."""
    text = good.replace("[ia-emploi]\n", "&t [ia-emploi]\n").replace("[ia-emploi]}", "*t}")
    assert understand(text.encode(), Path("sources.yaml")).digests[0].recipients[1].themes == ("ia-emploi",)
    errors = refused(good.replace("    name: NO", "    name: N\n    <<: {weight: 1}"))
    assert "unknown key `<<`" in errors[0].message
