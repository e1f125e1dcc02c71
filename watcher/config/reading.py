"""Read the bytes of `sources.yaml` into nodes; the only module of the package that names ruamel.yaml.

Only its parser of events is used: `nodes.py` puts them together, so nothing is ever constructed from a tag.
"""

import re
from collections.abc import Callable, Iterator
from typing import cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from watcher.config.nodes import Builder, Event, Mark, Node
from watcher.errors import ConfigError

MAX_BYTES = 1 << 20
END_MARK = "# end of sources.yaml"


def read(data: bytes, file: str) -> tuple[Node | None, list[ConfigError]]:
    """Return the tree of `data` and every mistake found in it; the tree is None when nothing can be made of the file."""
    try:
        text = decode(data, file)
    except ConfigError as error:
        return None, [error]
    errors = [] if complete(text) else [_unfinished(text, file)]
    builder = Builder(file)
    parse = cast("Callable[[str], Iterator[Event]]", YAML(typ="safe", pure=True).parse)  # pyright: ignore[reportUnknownMemberType]
    try:
        for event in parse(text):
            builder.take(event)
    except ConfigError as error:
        return None, [*errors, *builder.errors, error]
    except YAMLError as error:
        return None, [*errors, *builder.errors, _syntax(error, text, file)]
    except (ValueError, OverflowError) as error:  # an escape such as "\UFFFFFFFF" is no character
        line = max(builder.line, 1)
        return None, [*errors, *builder.errors, ConfigError(f"this cannot be read: {error}.", file=file, line=line, column=1)]
    return builder.root, errors + builder.errors


def decode(data: bytes, file: str) -> str:
    """Return `data` as text. Accepts a byte order mark; raises ConfigError for anything that is not UTF-8, or too large."""
    if len(data) > MAX_BYTES:
        raise ConfigError(f"the file is larger than {MAX_BYTES >> 20} MiB.", file=file, line=1, column=1)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ConfigError("the file is in UTF-16.", file=file, line=1, column=1, remedy="Save it as UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # `utf-8-sig` counts from after the byte order mark, and the line of the bad byte is what helps.
        bad = error.object[: error.start]
        line, column = bad.count(b"\n") + 1, len(bad) - (bad.rfind(b"\n") + 1) + 1
        raise ConfigError(
            f"byte 0x{error.object[error.start]:02X} is not UTF-8; the file looks like Latin-1 or Windows-1252.",
            file=file,
            line=line,
            column=column,
            remedy="Save it as UTF-8.",
        ) from error


def complete(text: str) -> bool:
    """Say whether the last line that is not blank is the closing line `# end of sources.yaml`."""
    last = text.rstrip().rpartition("\n")[2].strip()
    return re.fullmatch(r"#\s*end of sources\.yaml", last) is not None


def _unfinished(text: str, file: str) -> ConfigError:
    what = "the file is empty." if not text.strip() else f"the file does not end with its closing line `{END_MARK}`."
    return ConfigError(
        what,
        file=file,
        line=text.rstrip().count("\n") + 1,
        column=1,
        remedy=f"If it was saved whole, make `{END_MARK}` its last line: it tells a whole file from a half-written one.",
    )


_REMEDIES = {
    "'\\t'": "Indent with spaces: YAML allows no tabs.",
    "mapping values": "Quote a text that holds `: `, and check the indentation.",
    "expected <block end>": "Check the indentation of this line and of those above.",
    "could not find expected ':'": "A key is followed by a colon and a space.",
    "end of stream": "A quote or a bracket is left open.",
    "cannot start any token": "Quote a text that starts with a sign.",
}


def _syntax(error: YAMLError, text: str, file: str) -> ConfigError:
    """Word a mistake of syntax with its place."""
    line, column, problem = 1, 1, "this is not YAML"
    if isinstance(error, MarkedYAMLError):
        mark = cast("Mark | None", getattr(error, "problem_mark", None) or getattr(error, "context_mark", None))
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = str(getattr(error, "problem", None) or getattr(error, "context", None) or problem)
    elif (position := getattr(error, "position", None)) is not None:
        before = text[:position]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        problem = f"the character U+{ord(text[position]):04X} cannot be used" if position < len(text) else problem
    remedy = next((text for sign, text in _REMEDIES.items() if sign in problem), "")
    return ConfigError(f"{problem.rstrip('.')}.", file=file, line=line, column=column, remedy=remedy)
