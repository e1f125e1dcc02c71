"""A year of kills, in short: three weeks here, 52 in `make soak`."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from benchmarks.soak import driver, ledger, publisher
from watcher.store import Store


def test_weeks_of_kills_keep_every_promise() -> None:
    """Killed a dozen times in three weeks, the service loses no article, mails none twice and misses no edition (row L06,
    promises P1 to P4)."""
    course, account = driver.run(3, seed=3)
    assert course.kills >= 10
    assert account.kept, (account.broken, account.damage)
    assert course.broken == []
    assert account.listed > 30
    assert account.editions == 3
    assert account.mails == 9
    assert account.entries > 60


def test_the_account_sees_what_is_wrong(tmp_path: Path) -> None:
    """An article that is missing, an edition that is missing and a mail that nobody knows are told (promises P1, P3, P4)."""
    database, log = tmp_path / "watcher.db", tmp_path / "taken"
    Store.open(f"sqlite:///{database}").close()
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "hash").write_bytes(b"Message-ID: <a@x>\r\nTo: a@x\r\n\r\nhttp://x/articles/1.html\r\n")
    log.write_text("<a@x> hash\n<a@x> hash\n")
    end = driver.BEGIN + timedelta(weeks=1)
    account = ledger.account(database, "http://x", log, tmp_path / "mails", begin=driver.BEGIN, end=end)
    assert not account.kept
    assert len(account.broken["P1"]) == account.listed > 10
    assert account.broken["P3"] == ["<a@x> was taken, and nobody knows it"]
    assert account.broken["P4"] == ["2026-W45 is missing"]


def test_the_account_sees_a_lost_mail(tmp_path: Path) -> None:
    """A mail that is said to be sent and that no server took, and one that still waits, without bytes at that, are told
    (promise P3)."""
    database, log = tmp_path / "watcher.db", tmp_path / "taken"
    Store.open(f"sqlite:///{database}").close()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(
            "INSERT INTO editions VALUES (1, 'veille', 1, '2026-W45', '2026-11-09', '2026-11-09 06:40:00', '{\"read\": 0}')"
        )
        for number, state in ((1, "sent"), (2, "queued")):
            connection.execute(
                "INSERT INTO deliveries (id, edition_id, recipient_id, address, message_id, state, attempts, hand_overs,"
                " updated_at) VALUES (?, 1, ?, 'a@x', ?, ?, 1, 1, '2026-11-09 06:40:00')",
                (number, f"r{number}", f"<{number}@x>", state),
            )
        connection.commit()
    log.touch()
    end = driver.BEGIN + timedelta(weeks=1)
    account = ledger.account(database, "http://x", log, tmp_path, begin=driver.BEGIN, end=end)
    assert account.broken["P3"] == [
        "<1@x> is said to be sent, and was never taken",
        "<2@x> is left queued",
        "2026-W45 has 2 mails",
    ]
    assert account.broken["P4"] == []
    assert [one.detail for one in account.damage] == ["a mail that waits has no bytes"]


def test_outlets_do_what_real_ones_do() -> None:
    """The publisher corrects titles, dates and guids after a day, lists some articles twice, and is down at times."""
    now = publisher.START + timedelta(days=6)
    early = publisher.article(7, publisher.at(7) + timedelta(hours=1))
    late = publisher.article(7, publisher.at(7) + timedelta(days=2))
    assert late.title != early.title
    assert publisher.article(5, now).published_at != publisher.at(5)
    assert b"n-9<" in publisher.listing(1, now, "http://x")
    assert b"/articles/5.html?utm_source" in publisher.listing(0, now, "http://x")
    assert b"/articles/5.html<" in publisher.listing(1, now, "http://x")
    assert any(publisher.down(0, publisher.START + timedelta(days=day)) for day in range(20))
