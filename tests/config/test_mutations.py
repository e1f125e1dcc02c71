"""Whatever an editor, a disk or a hand does to a right file: it loads, or every mistake has a file and a line."""

from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from watcher.config.load import Config, understand
from watcher.errors import ConfigErrors

PATH = Path("sources.yaml")
HARSH = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
PIECES = [
    "\t",
    ":",
    "- ",
    "&a ",
    "*a",
    "!!str ",
    '"',
    "'",
    "{",
    "]",
    "|",
    ">",
    "#",
    "%",
    "@",
    "---\n",
    "...\n",
    "\0",
    "\ufeff",
    "\r",
    "\u2028",
    "? ",
]


def loads_or_tells(data: bytes) -> Config | None:
    """Return the configuration, or None when all mistakes have their place."""
    config, errors = None, ()
    try:
        config = understand(data, PATH)
    except ConfigErrors as refused:
        errors = refused.errors
    assert config or errors
    for error in errors:
        assert error.file == "sources.yaml"
        assert error.line is not None
        assert error.line >= 1
        assert error.message.startswith(f"sources.yaml:{error.line}:")
    return config


@HARSH
@given(data=st.data())
def test_cut(good: str, data: st.DataObject) -> None:
    """A range of characters is lost (rows Y01, Y03)."""
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 60)))
    loads_or_tells((good[:start] + good[end:]).encode())


@HARSH
@given(data=st.data())
def test_line_twice(good: str, data: st.DataObject) -> None:
    """A line stands twice, in any place (row Y03)."""
    lines = good.splitlines(keepends=True)
    line = data.draw(st.sampled_from(lines))
    lines.insert(data.draw(st.integers(0, len(lines))), line)
    loads_or_tells("".join(lines).encode())


@HARSH
@given(data=st.data())
def test_truncated(good: str, data: st.DataObject) -> None:
    """The end is lost: it never loads (row Y01)."""
    end = data.draw(st.integers(0, len(good.encode().rstrip()) - 1))
    assert loads_or_tells(good.encode()[:end]) is None


@HARSH
@given(data=st.data())
@example(data=None)
def test_piece_added(good: str, data: st.DataObject | None) -> None:
    """A character that means something in YAML, or any other, slips in (rows Y03, Y04)."""
    if data is None:
        for piece in PIECES:
            for place in range(0, len(good), 97):
                loads_or_tells((good[:place] + piece + good[place:]).encode())
        return
    piece = data.draw(st.sampled_from(PIECES) | st.text(min_size=1, max_size=3))
    place = data.draw(st.integers(0, len(good)))
    loads_or_tells((good[:place] + piece + good[place:]).encode("utf-8", "surrogatepass"))


@HARSH
@given(noise=st.binary(max_size=200))
def test_noise(noise: bytes) -> None:
    """Bytes of no meaning are refused with a place (row Y05)."""
    assert loads_or_tells(noise) is None
    loads_or_tells(noise + b"\n# end of sources.yaml\n")
