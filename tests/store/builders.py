"""Nouns for the tests of the store, with only what a test is about spelt out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from watcher.model import (
    Document,
    Edition,
    Entry,
    Evidence,
    Message,
    Period,
    Recipient,
    Section,
    SeedMatch,
    TextStatus,
    ThemeScore,
    Verdict,
)
from watcher.store import Store, Transaction

NOW = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


class UndoError(Exception):
    """Raised to undo what a transaction did."""


def undone(store: Store, work: Callable[[Transaction], object]) -> None:
    """Do `work` in a transaction that is undone at its end."""

    def all_of_it(tx: Transaction) -> None:
        work(tx)
        raise UndoError

    with pytest.raises(UndoError):
        store.write(all_of_it)


def document(key: str = "https://example.org/a", **fields: object) -> Document:
    """Return a document; its fingerprint follows its title and text unless given."""
    plain = Document(
        key=key,
        source_id="outlet",
        url=key,
        title="Un titre",
        text="Un texte entier.",
        publisher="L'Observateur",
        published_at=NOW - HOUR,
        recorded_at=NOW,
        status=TextStatus.FULL,
    )
    whole = replace(plain, **fields)  # pyright: ignore[reportArgumentType]
    return whole if "fingerprint" in fields else replace(whole, fingerprint=fingerprint(whole.title, whole.text))


def fingerprint(title: str, text: str) -> str:
    """Return a hash of a title and a text, as the tools make one."""
    return sha256(f"{title}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def verdict(relevance: int = 2, score: float = 0.8, themes: tuple[str, ...] = ("ia-emploi",), classifier: str = "c1") -> Verdict:
    """Return a verdict that is on for `themes`, each a little weaker than the one before, and off for one more."""
    on = tuple(
        ThemeScore(
            theme=theme,
            score=round(score - 0.01 * place, 3),
            on=True,
            threshold=0.5,
            evidence=(Evidence(term="texte", start=3, end=8, weight=1.25),),
            seed=SeedMatch(id="graine", passage="Un passage.", similarity=0.4),
        )
        for place, theme in enumerate(themes)
    )
    off = ThemeScore(theme="hors-sujet", score=0.1, on=False, threshold=0.5)
    return Verdict(relevance=relevance, score=score, themes=(*on, off), language="fr", classifier=classifier)


def period(week: str = "2026-W46") -> Period:
    """Return the period of an ISO week, roughly."""
    return Period(key=week, start=NOW - timedelta(days=7), end=NOW)


def entry(key: str) -> Entry:
    """Return an entry that shows a document."""
    return Entry(
        key=key,
        document_key=key,
        title="L’œuvre « à suivre »",
        url=key,
        publisher="L'Observateur",
        published_at=NOW - HOUR,
        excerpts=("Un extrait.",),
        relevance=2,
        score=0.8,
        themes=("ia-emploi",),
        evidence=(Evidence(term="texte", start=3, end=8, weight=1.0),),
        also_in=(("Le Relais", "https://relais.example/a"),),
    )


def edition(number: int = 1, week: str = "2026-W46", keys: tuple[str, ...] = ("a",), **fields: object) -> Edition:
    """Return an edition that shows `keys`."""
    plain = Edition(
        digest="veille",
        title="Veille",
        number=number,
        period=period(week),
        cutoff=NOW,
        sections=(Section(theme="ia-emploi", label="IA et emploi", colour="#334155", entries=tuple(entry(key) for key in keys)),),
        read=len(keys),
        sources_read=1,
    )
    return replace(plain, **fields)  # pyright: ignore[reportArgumentType]


def post(person: str, edition: Edition, keys: tuple[str, ...] | None = None) -> tuple[Recipient, Message, tuple[str, ...]]:
    """Return what is queued for `person`: the entries `keys`, or all those of `edition`."""
    shown = tuple(one.key for section in edition.sections for one in section.entries)
    message = Message(
        message_id=f"<{edition.digest}.{edition.period.key}.{person}@watcher.example>",
        subject="Veille",
        html="<p>Bonjour</p>",
        text="Bonjour",
        raw=b"Subject: Veille\r\n\r\nBonjour \xc3\xa9\x00\xff\r\n",
    )
    return Recipient(id=person, address=f"{person}@secret.example"), message, shown if keys is None else keys
