"""Values that know their line and column, put together from the events of a YAML parser.

Plain words are resolved with the core schema of YAML 1.2 (so `NO` and `12:30` stay text). Depth, aliases and size are bounded
while the tree grows; it is built without recursion.
"""

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from watcher.errors import ConfigError

MAX_DEPTH = 16
MAX_ALIASES = 64
MAX_NODES = 50_000

Scalar = str | int | float | bool | None


@dataclass(slots=True, kw_only=True)
class Node:
    """One value of the file: a scalar, a list (`items`) or a mapping (`entries`: key -> key node, value node).

    `line` and `column` count from 1; `end` is the last line the value stands on; `size` counts it with all that it holds,
    aliases expanded; `flow` is True for `[...]` and `{...}`.
    """

    line: int
    column: int
    end: int
    shape: str = "scalar"
    value: Scalar = None
    text: str = ""
    items: list["Node"] = field(default_factory=list["Node"])
    entries: dict[str, tuple["Node", "Node"]] = field(default_factory=dict[str, tuple["Node", "Node"]])
    flow: bool = False
    size: int = 1

    def plain(self) -> object:
        """Return the value as plain Python: dict, list, str, int, float, bool or None."""
        if self.shape == "list":
            return [item.plain() for item in self.items]
        if self.shape == "mapping":
            return {key: value.plain() for key, (_, value) in self.entries.items()}
        return self.value

    def plain_of(self, keys: Iterable[str]) -> dict[str, object]:
        """Return the values under those of `keys` that are there, as plain Python."""
        return {key: self.entries[key][1].plain() for key in keys if key in self.entries}

    def child(self, key: str) -> "Node | None":
        """Return the value under `key`, or None."""
        pair = self.entries.get(key)
        return pair[1] if pair else None


class Mark(Protocol):
    """Where something stands; both count from 0."""

    line: int
    column: int


class Event(Protocol):
    """What is used of an event of the parser; scalars have `value`, `implicit` and `style` besides."""

    start_mark: Mark
    end_mark: Mark


class Builder:
    """Put the events of the parser together: `root` is the tree, `errors` the mistakes that do not stop the reading."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.errors: list[ConfigError] = []
        self.line = 1
        self._stack: list[Node] = []
        self._keys: list[Node | None] = []
        self._names: list[str] = []
        self._anchors: dict[str, Node] = {}
        self._aliases = self._nodes = self._documents = 0

    def take(self, event: Event) -> None:
        """Add one event. Raises ConfigError where nothing after it could be trusted; lesser mistakes go to `errors`."""
        name = type(event).__name__
        self.line = event.start_mark.line + 1
        if name == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise self._error("a second document starts here.", event, "Keep one document: remove the line `---`.")
        elif name == "AliasEvent":
            self._place(self._alias(event), event)
        elif name == "ScalarEvent":
            self._place(self._scalar(event), event)
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            self._open(event, "mapping" if name == "MappingStartEvent" else "list")
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self._close(event)

    def _alias(self, event: Event) -> Node:
        self._aliases += 1
        anchor = str(getattr(event, "anchor", ""))
        if anchor not in self._anchors:
            raise self._error(f"the alias `*{anchor}` names nothing that is complete before it.", event)
        node = self._anchors[anchor]
        self._nodes += node.size
        if self._aliases > MAX_ALIASES or self._nodes > MAX_NODES:
            raise self._error(f"aliases (`*{anchor}`) expand to too much.", event, f"At most {MAX_ALIASES} are read.")
        return node

    def _scalar(self, event: Event) -> Node:
        text = unicodedata.normalize("NFC", str(getattr(event, "value", "")))
        node = self._node(event)
        node.text = text
        node.value = resolve(text) if getattr(event, "implicit", (False,))[0] else text
        ends_before = event.end_mark.column == 0 and event.end_mark.line > event.start_mark.line
        node.end = event.end_mark.line + (0 if ends_before else 1)
        bad = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"), None)
        if bad is not None:
            self.errors.append(self._error(f"the character U+{ord(bad):04X} cannot be used.", event, "Remove it."))
            node.value = node.text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))
        if anchor := getattr(event, "anchor", None):
            self._anchors[str(anchor)] = node
        return node

    def _open(self, event: Event, shape: str) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise self._error(f"this is nested deeper than {MAX_DEPTH} levels.", event)
        node = self._node(event)
        node.shape, node.flow = shape, bool(getattr(event, "flow_style", False))
        self._stack.append(node)
        self._names.append(str(getattr(event, "anchor", None) or ""))
        self._keys.append(None)

    def _close(self, event: Event) -> None:
        node, name = self._stack.pop(), self._names.pop()
        self._keys.pop()
        inner = [*node.items, *(value for _, value in node.entries.values())]
        node.end = event.end_mark.line + 1 if node.flow else max((child.end for child in inner), default=node.line)
        node.size += sum(child.size for child in inner)
        if name:
            self._anchors[name] = node
        self._place(node, event)

    def _node(self, event: Event) -> Node:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._error(f"the file holds more than {MAX_NODES} values.", event)
        if getattr(event, "tag", None) not in (None, ""):
            remedy = "Remove the word that starts with `!`; quotes make a text of anything."
            self.errors.append(self._error("YAML tags are not used in this file.", event, remedy))
        mark = event.start_mark
        return Node(line=mark.line + 1, column=mark.column + 1, end=mark.line + 1)

    def _place(self, node: Node, event: Event) -> None:
        if not self._stack:
            self.root = node
            return
        parent, key = self._stack[-1], self._keys[-1]
        if parent.shape == "list":
            parent.items.append(node)
        elif key is None:
            if node.shape != "scalar":
                raise self._error("a key must be a word.", event, "Quote a value that starts with `[`, `{` or `?`.")
            self._keys[-1] = node
        else:
            self._keys[-1] = None
            if node.value is None and node.shape == "scalar" and not node.text:
                # The parser puts nothing where it meets the next thing, lines below.
                node.line, node.column, node.end = key.line, key.column, key.line
            if key.text in parent.entries:
                first = parent.entries[key.text][0].line
                message = f"the key `{key.text}` is written twice."
                remedy = f"It is already on line {first}: keep one of the two."
                self.errors.append(ConfigError(message, file=self.file, line=key.line, column=key.column, remedy=remedy))
            else:
                parent.entries[key.text] = (key, node)

    def _error(self, message: str, event: Event, remedy: str = "") -> ConfigError:
        mark = event.start_mark
        return ConfigError(message, file=self.file, line=mark.line + 1, column=mark.column + 1, remedy=remedy)


_INT = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def resolve(text: str) -> Scalar:
    """Return what a plain word means in the core schema of YAML 1.2 (10.3.2); what is no finite number stays text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if len(text) <= 40 and _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
