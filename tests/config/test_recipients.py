"""Who receives a digest."""

from collections.abc import Callable
from pathlib import Path

import pytest

from watcher.config.load import understand
from watcher.errors import ConfigError

Refused = Callable[[str | bytes], tuple[ConfigError, ...]]


@pytest.mark.parametrize("spelling", ["lectrice@example.org", "Lectrice@EXAMPLE.org", "{address: LECTRICE@example.org, name: L}"])
def test_one_person_once(good: str, refused: Refused, spelling: str) -> None:
    """The same person twice in one digest is refused, at the second place, however it is spelt (row Y10)."""
    (error,) = refused(good.replace("      - {address: lecteur", f"      - {spelling}\n      - {{address: lecteur"))
    assert error.line == 25
    assert "already on line 24" in error.message
    assert "example" not in error.message


@pytest.mark.parametrize("address", ['"a@example.org\\nBcc: b@example.org"', "marie@", "12", "[]", '"Marie <marie@example.org>"'])
def test_bad_recipient(good: str, refused: Refused, address: str) -> None:
    """A recipient that is no address is refused with line and column; the address is not in the message (rows Y10, S01)."""
    (error,) = refused(good.replace("- lectrice@example.org", f"- {address}"))
    assert (error.line, error.column) == (24, 9)
    assert "marie" not in error.message
    assert "b@example" not in error.message


def test_header_characters_in_a_name(good: str, refused: Refused) -> None:
    """A name that would add a line to a header is refused (row Y10)."""
    (error,) = refused(good.replace("name: Zoé Petit", 'name: "Zoé\\nBcc: x@example.org"'))
    assert (error.line, error.column) == (25, 46)


def test_opaque_ids(good: str) -> None:
    """The id of a person tells nothing of the address, is the same in every digest and from one start to the next."""
    one, two = understand(good.encode(), Path("sources.yaml")).digests[0].recipients
    assert one.id == "4fbd161597b5263d"
    assert one.id != two.id
