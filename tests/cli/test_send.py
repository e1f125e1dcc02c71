"""A Monday with a mistake in a template, as the operator meets it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from watcher.demo.publisher import Publisher


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """Run the demo publisher as of now."""
    with Publisher(now=datetime.now(UTC)) as running:
        yield running


def test_a_monday_with_a_broken_template(shell: Shell, home: Path, publisher: Publisher) -> None:
    """The edition is frozen, the mistake is told with file and line, the mail waits and is counted; mended, it leaves (E13)."""
    (home / "sources.yaml").write_text(publisher.sources_yaml(), "utf-8")
    assert shell("poll", "cyber-donnees-hebdo", "fil-des-metiers")[0] == 0
    page = home / "templates" / "email" / "parts.html.j2"
    whole = page.read_text("utf-8")
    page.write_text(whole.replace("{{ entry.publisher }}", "{{ entry.outlet }}"), "utf-8")
    line = whole[: whole.index("{{ entry.publisher }}")].count("\n") + 1

    code, output, errors = shell("digest", "send", "veille")
    assert code == 1
    assert "0 mails queued" in output
    assert f"{page}:{line}: " in errors
    assert "`watcher digest send veille` sends what is held" in errors
    assert "1 mail held (`watcher review`)" in shell("status")[1]
    assert f"{page}:{line}: " in shell("review")[1]
    assert json.loads(shell("outbox", "list", "--json")[1]) == {"held": 1}

    page.write_text(whole, "utf-8")
    code, output, errors = shell("digest", "send", "veille")
    assert (code, errors) == (0, "")
    assert "1 mail held until now queued" in output
    assert len(list((home / "var" / "spool").glob("*.eml"))) == 1
    assert json.loads(shell("outbox", "list", "--json")[1]) == {"sent": 1}
    assert "nothing new is mailed" in shell("digest", "send", "veille")[1]


def test_polling_forgets_what_is_too_old(shell: Shell, home: Path, publisher: Publisher) -> None:
    """The end of a poll applies settings.retention, once a day, and says what it forgot (row S05)."""
    text = publisher.sources_yaml().replace("settings:\n", "settings:\n  retention: {logs: 1 day}\n", 1)
    (home / "sources.yaml").write_text(text, "utf-8")
    shell("poll", "cyber-donnees-hebdo")
    stamp = home / "var" / "purged-at"
    assert datetime.now(UTC) - datetime.fromisoformat(stamp.read_text("utf-8")) < timedelta(minutes=5)
    assert "Forgotten" not in shell("poll", "cyber-donnees-hebdo")[1]
