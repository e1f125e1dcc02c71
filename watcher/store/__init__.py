"""The archive and the outbox: dataclasses in, dataclasses out, on SQLite or PostgreSQL.

The only room that names SQLAlchemy. One module a noun (sources, documents, pending, editions, outbox, search, meta), whose
functions take a Transaction first; `Store.read` and `Store.write` give one.
"""

from watcher.store.database import Store, Transaction

__all__ = ["Store", "Transaction"]
