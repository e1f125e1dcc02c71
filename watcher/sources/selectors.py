"""Small CSS selectors, translated to XPath: what an administrator reads off a page's source, no more.

Understood: `tag`, `.class`, `#id`, `[attribute]`, `[attribute=value]`, their combinations, the descendant blank, the child
`>` and the comma. A selector that starts with `/` or `./` is XPath already.
"""

import re
from functools import lru_cache

_PART = re.compile(
    r"""(?P<tag>[a-zA-Z][a-zA-Z0-9_-]*|\*)|\.(?P<cls>[\w-]+)|\#(?P<id>[\w-]+)"""
    r"""|\[\s*(?P<name>[a-zA-Z_][a-zA-Z0-9_-]*)\s*(?:(?P<op>[*^$~]?=)\s*(?:"(?P<q2>[^"]*)"|'(?P<q1>[^']*)'|(?P<bare>[^\]\s]+)))?\s*\]"""
)
_STEP = re.compile(r"\s*(>)\s*|\s+")


@lru_cache(maxsize=256)
def xpath(selector: str) -> str:
    """Return the XPath of a selector, relative to an element. Raises ValueError with the part that is not understood."""
    selector = selector.strip()
    if selector.startswith(("/", "./")):
        return "." + selector if selector.startswith("/") else selector
    if not selector:
        raise ValueError("An empty selector selects nothing.")
    return " | ".join(_one(part.strip()) for part in selector.split(","))


def _one(selector: str) -> str:
    path, position, axis = ".", 0, "//"
    while position < len(selector):
        step = _STEP.match(selector, position)
        if step is not None and position > 0:
            axis, position = ("/" if step[1] else "//"), step.end()
        end, condition = _compound(selector, position)
        path, position = path + axis + condition, end
    if path == ".":
        raise ValueError("An empty selector selects nothing.")
    return path


def _compound(selector: str, position: int) -> tuple[int, str]:
    tag, conditions, start = "*", "", position
    while (part := _PART.match(selector, position)) is not None:
        if part["tag"]:
            if position > start:
                break
            tag = part["tag"].lower()
        elif part["cls"]:
            conditions += f'[contains(concat(" ", normalize-space(@class), " "), " {part["cls"]} ")]'
        elif part["id"]:
            conditions += f'[@id="{part["id"]}"]'
        else:
            conditions += _attribute(part)
        position = part.end()
    if position == start:
        raise ValueError(f"{selector[position : position + 20]!r} in {selector!r} is not a selector: write like `div.news > a`.")
    return position, tag + conditions


def _attribute(part: re.Match[str]) -> str:
    name = "@" + part["name"].lower()
    if part["op"] is None:
        return f"[{name}]"
    value = next(v for v in (part["q2"], part["q1"], part["bare"]) if v is not None)
    if '"' in value:
        raise ValueError("A value in a selector cannot hold a double quote.")
    quoted = f'"{value}"'
    return {
        "=": f"[{name}={quoted}]",
        "*=": f"[contains({name}, {quoted})]",
        "^=": f"[starts-with({name}, {quoted})]",
        "$=": f"[substring({name}, string-length({name}) - {len(value) - 1}) = {quoted}]",
        "~=": f'[contains(concat(" ", normalize-space({name}), " "), concat(" ", {quoted}, " "))]',
    }[part["op"]]
