"""What the doctor says."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: `ok`, `note` (good to know, nothing breaks), `cure` (must be mended)."""

    OK = "ok"
    NOTE = "note"
    CURE = "cure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: where, how it is, in a sentence, and what to do when it is not well."""

    area: str
    level: Level
    message: str
    remedy: str = ""


def ok(area: str, message: str) -> Finding:
    """Return that all is well."""
    return Finding(area=area, level=Level.OK, message=message)


def note(area: str, message: str, remedy: str) -> Finding:
    """Return what is good to know."""
    return Finding(area=area, level=Level.NOTE, message=message, remedy=remedy)


def cure(area: str, message: str, remedy: str) -> Finding:
    """Return what must be mended."""
    return Finding(area=area, level=Level.CURE, message=message, remedy=remedy)
