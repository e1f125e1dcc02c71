"""Addresses of the installation's own pages: the archive, and where staff say what they think of an entry."""

from dataclasses import dataclass
from urllib.parse import quote

from watcher.model import Edition, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The addresses that a mail may lead to. All of them are None while `settings.web.base_url` is not set: no dead link."""

    base: str | None
    edition: str

    def archive(self, document: str) -> str | None:
        """Return the page of a document in the archive, by its key."""
        return None if self.base is None else f"{self.base}/documents?key={quote(document, safe='')}"

    def feedback(self, document: str) -> str | None:
        """Return the page where a reader says whether a document was worth reading, in this edition."""
        page = f"/feedback?key={quote(document, safe='')}&edition={quote(self.edition, safe='')}"
        return None if self.base is None else f"{self.base}{page}"

    def section(self, theme: str) -> str | None:
        """Return the page that lists what an edition left out of a theme."""
        page = f"/archive?edition={quote(self.edition, safe='')}&theme={quote(theme, safe='')}"
        return None if self.base is None else f"{self.base}{page}"


def links(edition: Edition, settings: Settings) -> Links:
    """Return the addresses for `edition`, named as `veille-12`."""
    base = settings.web_base_url.rstrip("/") if settings.web_base_url else None
    return Links(base=base, edition=f"{edition.digest}-{edition.number}")
