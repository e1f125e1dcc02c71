"""Opening a database: created whole, migrated forward, and never replaced when it is damaged."""

import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.builders import NOW, document
from watcher.errors import StoreError
from watcher.store import Store, Transaction, backup, documents, meta, migrate, schema, sqlite

LAST = schema.VERSION
NEXT = f"{int(LAST) + 1:04}"
ONE_MORE = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{last}"


def upgrade() -> None:
    op.add_column("host_states", sa.Column("colour", sa.Text()))
    {then}
"""


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def fill(url: str) -> Path:
    """Write enough documents for the file to have many pages, and close it."""
    store = Store.open(url)
    many = [document(f"k{n}", text=f"Un texte assez long {n}. " * 60) for n in range(200)]
    store.write(lambda tx: documents.save(tx, many, {}))
    store.close()
    return path_of(url)


def examine(url: str) -> backup.Contents:
    """Read the whole file, as the doctor does."""
    return backup.inspect(path_of(url), immutable=False)


class TestCreating:
    def test_a_new_database_is_its_owners_alone(self, tmp_path: Path) -> None:
        """The folder and the file are made for their owner only, and hold an empty archive that is dated and named."""
        path = tmp_path / "var" / "deep" / "watcher.db"
        store = Store.open(f"sqlite:///{path}", now=lambda: NOW)
        assert store.read(documents.counts)["total"] == 0
        assert store.read(meta.read).created_at == NOW
        assert store.backend == "sqlite"
        store.close()
        assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
        assert [p.name for p in path.parent.iterdir()] == ["watcher.db"]

    @pytest.mark.parametrize("engine", ["sqlite", "postgres"])
    def test_some_that_create_it_at_once_share_it(self, engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
        """Programs that start together on nothing end up with one database (row D08)."""
        create = (
            request.getfixturevalue("new_postgres_database") if engine == "postgres" else lambda: f"sqlite:///{tmp_path}/w.db"
        )
        url = create()
        with ThreadPoolExecutor(4) as pool:
            opened = [pool.submit(Store.open, url) for _ in range(4)]
        stores = [one.result() for one in opened]
        assert len({store.read(meta.read).instance_id for store in stores}) == 1
        for store in stores:
            store.close()

    def test_a_creation_that_fails_leaves_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """When the first migration cannot finish there is no file: an empty one never exists (row D07)."""

        def fail(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(migrate, "_run", fail)
        with pytest.raises(KeyboardInterrupt):
            Store.open(f"sqlite:///{tmp_path}/watcher.db")
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        """A path that leads through a file is an error with its remedy."""
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError, match="cannot be written"):
            Store.open(f"sqlite:///{tmp_path}/file/watcher.db")

    @pytest.mark.parametrize(
        "url",
        ["", "sqlite://", "sqlite:///:memory:", "mysql://u:hunter2@host/db", "postgresql+nope://u:hunter2@host/db", "u:hunter2@"],
    )
    def test_addresses_that_are_none(self, url: str) -> None:
        """An address of another kind is refused with an example, and its password is not repeated (promise P12)."""
        with pytest.raises(StoreError, match="sqlite:////var/lib") as caught:
            Store.open(url)
        assert "hunter2" not in f"{caught.value!r} {caught.value.__cause__!r}"

    def test_a_server_that_does_not_answer(self) -> None:
        """A PostgreSQL that cannot be reached is named without its password (promise P12)."""
        with pytest.raises(StoreError, match=r"127\.0\.0\.1") as caught:
            Store.open("postgresql://watcher:hunter2@127.0.0.1:1/none?connect_timeout=1")
        assert "hunter2" not in f"{caught.value!r} {caught.value.__cause__!r}"

    def test_a_database_in_another_encoding(self, postgres: str) -> None:
        """A PostgreSQL database that cannot hold every text is refused at once."""
        import psycopg

        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        with pytest.raises(StoreError, match="LATIN1"):
            Store.open(postgres.replace("/postgres?", "/latin?"))


class TestDamage:
    @pytest.mark.parametrize("size", [0, 15, 99, 100, 512, 4096, 40_960])
    def test_a_truncated_file(self, sqlite_url: str, size: int) -> None:
        """A file that was cut is refused, with the way to restore it, and stays as it is (row D07)."""
        path = fill(sqlite_url)
        whole = path.read_bytes()
        path.write_bytes(whole[:size])
        with pytest.raises(StoreError, match="restore"):
            Store.open(sqlite_url)
        assert path.read_bytes() == whole[:size]

    @pytest.mark.parametrize("start", [0, 16, 4096])
    def test_overwritten_bytes(self, sqlite_url: str, start: int) -> None:
        """A file whose head was overwritten is refused, with the way to restore it, and stays as it is (row D07)."""
        path = fill(sqlite_url)
        damaged = bytearray(path.read_bytes())
        damaged[start : start + 8192] = b"\xff" * 8192
        path.write_bytes(damaged)
        with pytest.raises(StoreError):
            Store.open(sqlite_url).read(documents.counts)
        assert path.read_bytes() == damaged

    @pytest.mark.parametrize("ask", [Store.open, examine])
    def test_a_name_that_cannot_be_decoded(self, sqlite_url: str, ask: Callable[[str], object]) -> None:
        """A schema whose names are no text any more is damage like any other, however it is opened (row D07)."""
        path = fill(sqlite_url)
        path.write_bytes(path.read_bytes().replace(b"CREATE TABLE documents", b"CREATE TABLE \xff\xff\xffuments"))
        with pytest.raises(StoreError, match=r"is damaged.*restore"):
            ask(sqlite_url)

    def test_a_name_that_is_damaged_while_it_is_open(self, sqlite_url: str) -> None:
        """Damage that is seen in the names of the schema, by a connection that is open already, stops all writing (row D07)."""
        store = Store.open(sqlite_url)
        store.write(lambda tx: documents.save(tx, [document()], {}))
        raw = sqlite3.connect(path_of(sqlite_url))
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute("UPDATE sqlite_master SET name = CAST(X'FFFFFF' AS TEXT), sql = 'CREATE' WHERE name = 'documents'")
        raw.execute("PRAGMA schema_version = 9999")
        raw.commit()
        raw.close()
        for work in (store.read, store.write):
            with pytest.raises(StoreError, match=r"is damaged.*restore"):
                work(documents.counts)
        store.close()

    def test_nothing_is_written_once_damage_was_seen(self, sqlite_url: str) -> None:
        """A damaged page found while running stops every writing after it, and is told by the check (row D07)."""
        path = fill(sqlite_url)
        raw = sqlite3.connect(path)
        (root,) = raw.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'uq_documents_key' OR tbl_name = 'documents'"
        ).fetchone()
        size = raw.execute("PRAGMA page_size").fetchone()[0]
        raw.close()
        damaged = bytearray(path.read_bytes())
        damaged[(root - 1) * size : root * size] = b"\x00" * size
        path.write_bytes(damaged)
        store = Store.open(sqlite_url)
        assert store.problems() != ()
        with pytest.raises(StoreError, match="restore"):
            store.read(lambda tx: documents.recent(tx, datetime.min.replace(tzinfo=UTC), 500))
        before = path.read_bytes()
        with pytest.raises(StoreError, match="restore"):
            store.write(lambda tx: documents.save(tx, [document("new")], {}))
        store.close()
        assert path.read_bytes() == before

    def test_a_sound_file_has_no_problems(self, store: Store) -> None:
        """The check finds nothing in a sound database."""
        store.write(lambda tx: documents.save(tx, [document()], {}))
        assert store.problems() == ()

    def test_a_journal_without_its_database(self, sqlite_url: str) -> None:
        """When the file is gone but its journal is not, no empty database takes its place (row D07)."""
        path = path_of(sqlite_url)
        path.with_name("watcher.db-wal").write_bytes(b"left")
        path.unlink()
        with pytest.raises(StoreError, match="journal is still there"):
            Store.open(sqlite_url)
        assert not path.exists()

    def test_a_database_of_another_program(self, tmp_path: Path) -> None:
        """Another program's database is left alone (row D07)."""
        other = sqlite3.connect(tmp_path / "other.db")
        other.execute("CREATE TABLE t (a)")
        other.close()
        before = (tmp_path / "other.db").read_bytes()
        with pytest.raises(StoreError, match="another program"):
            Store.open(f"sqlite:///{tmp_path}/other.db")
        assert (tmp_path / "other.db").read_bytes() == before

    def test_a_full_disk(self, sqlite_store: Store) -> None:
        """A transaction that finds the disk full is undone and said so; the next one works when there is space (row D03)."""
        sqlite_store.write(lambda tx: documents.save(tx, [document("kept")], {}))
        big = [document(f"k{n}", text="mot " * 5000) for n in range(50)]

        def write(tx: Transaction, pages: int) -> None:
            tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            documents.save(tx, big, {})

        with pytest.raises(StoreError, match="full"):
            sqlite_store.write(lambda tx: write(tx, 1))
        assert sqlite_store.read(documents.counts)["total"] == 1
        sqlite_store.write(lambda tx: write(tx, 1_000_000))
        assert sqlite_store.read(documents.counts)["total"] == 51


class TestMigrating:
    def test_a_newer_schema_is_refused(self, store: Store, database_url: str) -> None:
        """A database of a newer version is not touched, and the message says to upgrade (row D08)."""
        store.write(lambda tx: tx.connection.exec_driver_sql("UPDATE schema_version SET version_num = '9999'"))
        try:
            with pytest.raises(StoreError, match=r"newer version.*9999"):
                Store.open(database_url)
        finally:
            store.write(lambda tx: tx.connection.exec_driver_sql(f"UPDATE schema_version SET version_num = '{schema.VERSION}'"))

    @pytest.fixture(params=["sqlite", "postgres"])
    def own_url(self, request: pytest.FixtureRequest) -> str:
        """Address of a database that the test may migrate as it likes."""
        if request.param == "sqlite":
            return request.getfixturevalue("sqlite_url")
        create: Callable[[], str] = request.getfixturevalue("new_postgres_database")
        url = create()
        Store.open(url).close()
        return url

    @pytest.fixture
    def one_more(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        """Give a function that adds a migration to those there are, which ends with the given statement."""

        def add(then: str) -> None:
            folder = tmp_path / "migrations"
            if not folder.exists():
                shutil.copytree(migrate.MIGRATIONS, folder)
            script = ONE_MORE.format(revision=NEXT, last=LAST, then=then)
            (folder / "versions" / f"{NEXT}_one_more.py").write_text(script)
            monkeypatch.setattr(migrate, "MIGRATIONS", folder)
            monkeypatch.setattr(schema, "VERSION", NEXT)

        return add

    def test_an_older_schema_is_migrated_and_kept_aside(self, own_url: str, one_more: Callable[[str], None]) -> None:
        """An older database is brought forward with what it holds; a SQLite file is copied first (row D08)."""
        store = Store.open(own_url)
        store.write(lambda tx: documents.save(tx, [document()], {}))
        before = store.read(meta.read)
        store.close()
        one_more("")
        store = Store.open(own_url)
        told = store.read(meta.read)
        assert (told.schema_version, told.instance_id) == (NEXT, before.instance_id)
        assert store.read(documents.counts)["total"] == 1
        store.write(lambda tx: tx.connection.exec_driver_sql("SELECT colour FROM host_states"))
        store.close()
        if own_url.startswith("sqlite"):
            aside = path_of(own_url).with_name(f"watcher.db.before-{NEXT}")
            assert aside.stat().st_mode & 0o777 == 0o600
            sqlite.recognise(aside)
            copy = sqlite3.connect(aside)
            assert copy.execute("SELECT version_num FROM schema_version").fetchone() == (LAST,)
            assert copy.execute("SELECT count(*) FROM documents").fetchone() == (1,)
            copy.close()

    def test_a_migration_that_fails_changes_nothing(self, own_url: str, one_more: Callable[[str], None]) -> None:
        """A migration that breaks half-way is undone whole, and works when it is mended (row D08)."""
        one_more("op.execute('SELECT nothing_of_that_name FROM nowhere')")
        with pytest.raises(StoreError, match="nowhere"):
            Store.open(own_url)
        one_more("")
        store = Store.open(own_url)
        assert store.read(meta.read).schema_version == NEXT
        store.close()

    def test_alembic_is_only_loaded_to_migrate(self, sqlite_url: str) -> None:
        """Opening an up-to-date database does not pay for Alembic."""
        import subprocess
        import sys

        code = f"import sys; from watcher.store import Store; Store.open({sqlite_url!r}).close(); print('alembic' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "False"
