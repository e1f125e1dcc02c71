"""Data sets of parliament, recognised by their address or by what they hold, before anybody says which kind they are."""

import re
from urllib.parse import urlsplit

from watcher.model import FetchResult
from watcher.sources import senat_csv

_ARCHIVE = re.compile(r"/repository/[0-9]{1,2}/questions/.+\.(?:json|xml)\.zip\Z")
_MEMBER = re.compile(rb"QANR[0-9]L[0-9]{1,2}Q[A-Z]{1,5}[0-9]+\.(?:json|xml)|[Qq]uestions_[\w-]{1,60}\.(?:json|xml)")
_DIRECTORY = 1024 * 1024  # bytes at the end of a zip in which names of members are looked for


def at(url: str) -> str | None:
    """Return the kind that reads the data set at `url`, known by the form of the address alone; None for any other.

    For what is too large to be fetched before its kind, hence its limits, are known.
    """
    return "assemblee_questions" if _ARCHIVE.search(urlsplit(url).path) else None


def in_(result: FetchResult, media_type: str) -> str | None:
    """Return the kind that reads what `result` holds: a zip that lists files of questions, a list with the Sénat's columns."""
    if media_type == "application/zip" and _MEMBER.search(result.body[-_DIRECTORY:]):
        return "assemblee_questions"
    return "senat_questions" if media_type == "text/plain" and senat_csv.holds(result) else None
