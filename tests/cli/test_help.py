"""The help of every command and subcommand, walked through."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from watcher.cli import COMMANDS, group

READING = ("check", "poll", "preview", "search", "status", "themes list", "themes explain", "themes evaluate", "digest list",
           "digest preview", "outbox list", "recipients list", "sources list", "review list")  # fmt: skip


def paths() -> Iterator[tuple[str, ...]]:
    """Yield the words of every command and of every subcommand."""
    context = click.Context(group)
    for name in COMMANDS:
        yield (name,)
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((name, inner) for inner in command.list_commands(context))


@pytest.mark.parametrize("words", list(paths()), ids=" ".join)
def test_every_command_shows_examples_of_itself(words: tuple[str, ...]) -> None:
    """`--help` ends in an `Examples:` block whose lines name the command."""
    shown = CliRunner().invoke(group, [*words, "--help"])
    assert shown.exit_code == 0
    _, found, block = shown.output.partition("Examples:")
    assert found, shown.output
    examples = [line for line in block.partition("Options:")[0].splitlines() if line.strip()]
    assert any(" ".join(words) in line for line in examples), shown.output


@pytest.mark.parametrize("words", READING)
def test_what_reads_can_be_read_by_programs(words: str) -> None:
    """Every command that only reads has `--json`."""
    assert "--json" in CliRunner().invoke(group, [*words.split(), "--help"]).output
