"""What people teach the classifier: labels on documents. Seeds that stay private are private_seeds.py's."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, select

from watcher.model import Features, Label
from watcher.store import label_tables, rows
from watcher.store.database import Transaction
from watcher.store.upsert import upsert
from watcher.text import storable

_TABLE = label_tables.labels
_OF = _TABLE.c


def save(tx: Transaction, labels: Iterable[Label]) -> None:
    """Store `labels`; one takes the place of what its author said before of the same theme in the same version."""
    by_place = {(one.document, one.fingerprint, one.theme, one.author): one for one in labels}
    values = [{**rows.columns_of(one, _TABLE), "features": rows.dump(one.features)} for one in by_place.values()]
    upsert(tx.connection, _TABLE, values)


def of_document(tx: Transaction, document: str) -> tuple[Label, ...]:
    """Return the labels of a document, all versions and authors, oldest first."""
    return _read(tx, _OF.document == storable(document))


def every(tx: Transaction) -> tuple[Label, ...]:
    """Return all the labels there are, oldest first."""
    return _read(tx, None)


def remove(tx: Transaction, document: str, theme: str, author: str) -> int:
    """Take back what `author` said of `theme` in any version of a document; return how many labels there were."""
    place = (_OF.document == storable(document), _OF.theme == storable(theme), _OF.author == storable(author))
    return tx.connection.execute(delete(_TABLE).where(*place)).rowcount


def _read(tx: Transaction, condition: ColumnElement[bool] | None) -> tuple[Label, ...]:
    query = select(_TABLE) if condition is None else select(_TABLE).where(condition)
    found = tx.connection.execute(query.order_by(_OF.labelled_at, _OF.document, _OF.fingerprint, _OF.theme, _OF.author))
    return tuple(
        Label(
            document=row.document,
            fingerprint=row.fingerprint,
            theme=row.theme,
            value=row.value,
            author=row.author,
            labelled_at=row.labelled_at,
            features=rows.load(Features, row.features),
        )
        for row in found
    )
